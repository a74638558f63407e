// Chooses, saves, renames and deletes layouts of the window.
#pragma once

#include <string>

#include "app/ui/shell/layouts.h"
#include "model/base/error.h"

namespace gf::ui {

class MainWindow;

/// Runs, selections and what docks have found stay as they are: a layout only says where docks are. Lives as long as the window.
class LayoutDesk {
 public:
  explicit LayoutDesk(MainWindow& window) : window_(window) {}

  /// Errors: NotFound for a name that no layout has, with those that there are; InvalidArgument in Present, which has no docks.
  Result<void> use(const std::string& name);
  /// The layout that was chosen last, as it came or was saved. Errors: as use().
  Result<void> reset();
  /// Keeps the docks as they stand under a name, in place of an own layout that has it. Errors: InvalidArgument for an empty or overlong
  /// name, for that of a layout of the program, and in Present.
  Result<void> save(const std::string& name);
  /// Errors: NotFound for `from`; for `to` as save(), and InvalidArgument where another one has that name.
  Result<void> rename(const std::string& from, const std::string& to);
  /// Errors: NotFound; InvalidArgument for a layout of the program.
  Result<void> remove(const std::string& name);
  /// The list of the own layouts, to save, rename and delete them.
  void manage();

 private:
  MainWindow& window_;
};

}  // namespace gf::ui
