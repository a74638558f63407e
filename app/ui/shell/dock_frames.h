// The docks in the window: their frames, which of them show, and their layout in the settings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/ui/docks/dock.h"
#include "app/ui/shell/layouts.h"

class QDockWidget;
class QMainWindow;

namespace gf::ui {

/// Makes all docks of the list; their frames are named ID_dock. Lives as long as the window.
class DockFrames {
 public:
  DockFrames(QMainWindow& window, const DockContext& context);
  void refresh(const doc::Changes& changes);
  /// Makes the docks anew, in the present language, inside of the same frames; see Dock::stand_in_for().
  void say_anew();
  /// Adds each dock's part of the state that tests read.
  void publish(QJsonObject& state) const;

  /// Precondition of all functions with an id: find_dock() knows it.
  [[nodiscard]] bool shown(std::string_view id) const;
  /// Whether it is shown and no other tab hides it.
  [[nodiscard]] bool in_front(std::string_view id) const;
  void show(std::string_view id, bool on);
  [[nodiscard]] Dock& dock(std::string_view id) const;

  /// Shows the docks of `ids` and hides the others; without ids they stay as they are, and when presented all are hidden.
  /// Of docks that share a stack, the first of `ids` is in front. Docks that accompany always show, in front and at their reading width.
  void show_only(const std::vector<std::string>& ids, bool presented);
  /// A dock that fills the window goes back into it.
  void go_back();
  [[nodiscard]] DockLayout layout() const;
  /// Precondition: its state is not empty.
  void set_layout(const DockLayout& layout);
  /// Shows the docks of a layout and hides the others, in sizes for the window's present one: a narrow window has no docks on the left
  /// where the layout has some on both sides, and in a low one each side is a single stack.
  void arrange(const LayoutInfo& layout);

 private:
  struct Frame {
    Dock* dock;
    QDockWidget* frame;
  };
  /// Each title says which docks are stacked with it now.
  void refresh_titles();
  /// The stacks of a side, and behind them the docks whose place that is, hidden. Gives the first dock of each stack.
  QList<QDockWidget*> arrange_side(bool left, const std::vector<LayoutStack>& stacks);
  /// Puts the dock and its title into the frame.
  static void dress(const Frame& made);
  [[nodiscard]] const Frame& frame_of(std::string_view id) const;

  QMainWindow& window_;
  DockContext context_;
  std::vector<Frame> frames_;
};

}  // namespace gf::ui
