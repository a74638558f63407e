// The docks in the window: their frames, which of them show, and the layout that is kept.
#pragma once

#include <QByteArray>
#include <string>
#include <string_view>
#include <vector>

#include "app/ui/docks/dock.h"

class QDockWidget;
class QMainWindow;

namespace gf::ui {

/// Makes each dock of the list and its frame, named ID_dock. Lives as long as the window.
class DockFrames {
 public:
  DockFrames(QMainWindow& window, const DockContext& context);
  void refresh(const doc::Changes& changes);
  /// Each dock's part of what tests read.
  void publish(QJsonObject& state) const;

  /// Precondition for all with an id: find_dock() knows it.
  [[nodiscard]] bool shown(std::string_view id) const;
  void show(std::string_view id, bool on);
  [[nodiscard]] Dock& dock(std::string_view id) const;

  /// Those of `ids` show (none named: as they are; presented: none) beside the ones that accompany, which come to the
  /// front at their reading width.
  void show_only(const std::vector<std::string>& ids, bool presented);
  /// Before a lesson or Present changes it, and back to it.
  struct Layout {
    QByteArray state;              ///< as settings keep it
    std::vector<std::string> ids;  ///< of those that show
  };
  [[nodiscard]] Layout layout() const;
  void set_layout(const Layout& layout);
  /// As settings kept it; empty: as it is.
  void restore(const QByteArray& state);

 private:
  struct Frame {
    Dock* dock;
    QDockWidget* frame;
  };
  void place(const DockInfo& info, QDockWidget* frame);
  [[nodiscard]] const Frame& frame_of(std::string_view id) const;

  QMainWindow& window_;
  std::vector<Frame> frames_;
};

}  // namespace gf::ui
