// The docks in the window: their frames, which of them show, and their layout in the settings.
#pragma once

#include <QByteArray>
#include <string>
#include <string_view>
#include <vector>

#include "app/ui/docks/dock.h"

class QDockWidget;
class QMainWindow;

namespace gf::ui {

/// Makes all docks of the list; their frames are named ID_dock. Lives as long as the window.
class DockFrames {
 public:
  DockFrames(QMainWindow& window, const DockContext& context);
  void refresh(const doc::Changes& changes);
  /// Adds each dock's part of the state that tests read.
  void publish(QJsonObject& state) const;

  /// Precondition of all functions with an id: find_dock() knows it.
  [[nodiscard]] bool shown(std::string_view id) const;
  /// Whether it is shown and no other tab hides it.
  [[nodiscard]] bool in_front(std::string_view id) const;
  void show(std::string_view id, bool on);
  [[nodiscard]] Dock& dock(std::string_view id) const;

  /// Shows the docks of `ids` and hides the others; without ids they stay as they are, and when presented all are hidden.
  /// Docks that accompany always show, in front and at their reading width.
  void show_only(const std::vector<std::string>& ids, bool presented);
  /// A layout, to restore it after a lesson or Present.
  struct Layout {
    QByteArray state;              ///< as in the settings
    std::vector<std::string> ids;  ///< the docks that show
  };
  [[nodiscard]] Layout layout() const;
  void set_layout(const Layout& layout);
  /// Gives the docks the widths and heights of the first start, for the window's present size.
  void take_first_sizes();
  /// Restores a state from the settings; empty: leaves the layout as it is, but hides the left side on a small screen.
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
