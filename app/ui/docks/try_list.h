// The tries of a document as a table, with what each did.
#pragma once

#include <string>
#include <vector>

#include "app/document/lab.h"
#include "app/document/patch_tries.h"
#include "app/ui/docks/named_list.h"

namespace gf::ui {

/// Ctrl+C copies all as CSV.
class TryList : public NamedList {
 public:
  TryList(doc::Lab& lab, ActionRunner& runner, QWidget* parent);
  /// Watches the results of the tries, as long as the table is visible.
  void refresh();
  void let_go();
  /// The result of a try; null: it is being computed.
  [[nodiscard]] std::shared_ptr<const doc::TryResult> result(std::size_t index) const;
  [[nodiscard]] std::string csv() const;
  enum Column { Name, What, About, Difference, Effect, Note };

 private:
  void show_row(std::size_t index);
  /// "·Mary − ·John at 13": which tokens, and after which position.
  [[nodiscard]] QString about_of(const doc::PatchTry& one, const std::shared_ptr<const doc::TryResult>& found) const;

  doc::Lab& lab_;
  std::vector<doc::PatchTry> shown_;
  std::vector<doc::Watch<doc::TryResult>> watches_;
};

}  // namespace gf::ui
