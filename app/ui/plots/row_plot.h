// What plots share whose items stand in one row, such as points, bars or tokens.
#pragma once

#include <functional>

#include "app/ui/plots/plot.h"

namespace gf::ui {

/// One item is the current one. Left and right move it, Enter selects it; a click does both. Hints say what an item is.
class RowPlot : public Plot {
 public:
  explicit RowPlot(QWidget* parent) : Plot(parent) {}
  void set_current(int item);  ///< does not call on_select; -1 or beyond the last: none
  [[nodiscard]] int current() const { return current_; }
  /// An item in words, for the hint and for screen readers.
  [[nodiscard]] virtual QString words_of(int item) const = 0;

  std::function<void(int item)> on_select;

 protected:
  [[nodiscard]] virtual int count() const = 0;
  /// The item at a point of the widget, or the nearest one where any point belongs to an item. -1: there is none.
  [[nodiscard]] virtual int item_at(QPoint point) const = 0;
  /// Call it when there are other items: the current one may be gone.
  void items_changed();

  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  [[nodiscard]] Hint hint_at(QPoint point) const override;
  void point_at(QPoint point) override;

 private:
  int current_ = -1;
};

}  // namespace gf::ui
