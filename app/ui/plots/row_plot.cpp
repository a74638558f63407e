#include "app/ui/plots/row_plot.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <algorithm>

namespace gf::ui {

void RowPlot::set_current(int item) {
  const int next = item < count() ? std::max(item, -1) : -1;
  if (next == current_) return;
  current_ = next;
  if (current_ >= 0) say_current(words_of(current_));
  update();
}

void RowPlot::items_changed() {
  if (current_ >= count()) current_ = -1;
  update();
}

void RowPlot::point_at(QPoint point) {
  if (const int item = item_at(point); item >= 0) set_current(item);
}

void RowPlot::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || item_at(event->position().toPoint()) < 0) return;
  point_at(event->position().toPoint());
  if (on_select) on_select(current_);
}

void RowPlot::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Left: return set_current(std::max(0, current_ - 1));
    case Qt::Key_Right: return set_current(std::min(count() - 1, current_ + 1));
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (current_ >= 0 && on_select) on_select(current_);
      return;
    default: Plot::keyPressEvent(event);
  }
}

Plot::Hint RowPlot::hint_at(QPoint point) const {
  const int item = item_at(point);
  return item >= 0 ? Hint{words_of(item)} : Hint{};
}

}  // namespace gf::ui
