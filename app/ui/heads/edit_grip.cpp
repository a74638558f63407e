#include "app/ui/heads/edit_grip.h"

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <cmath>
#include <utility>

#include "app/ui/widgets/skin.h"

namespace gf::ui {
namespace {

/// -1, 1: Up, Down, alone or with Alt, as in lists; 0: another key.
int steps_of_grip(const QKeyEvent& event) {
  if (event.modifiers() != Qt::NoModifier && event.modifiers() != Qt::AltModifier) return 0;
  return event.key() == Qt::Key_Up ? -1 : event.key() == Qt::Key_Down ? 1 : 0;
}

}  // namespace

EditGrip::EditGrip(QWidget* parent) : QAbstractButton(parent) {
  setCursor(Qt::OpenHandCursor);
  setFocusPolicy(Qt::TabFocus);  // not by a click: after one, Space still plays
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void EditGrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(dragging_ ? skin().accent : underMouse() || hasFocus() ? skin().text : skin().dim);
  const QPointF middle = QRectF(rect()).center();
  for (const double x : {-3.0, 3.0})
    for (const double y : {-5.0, 0.0, 5.0}) painter.drawEllipse(middle + QPointF(x, y), 1.5, 1.5);
  if (hasFocus()) draw_focus(painter, QRectF(rect()).adjusted(4, 1, -4, -1), 5);
}

void EditGrip::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return end(false);
  pressed_ = event->globalPosition().toPoint().y();
}

void EditGrip::mouseMoveEvent(QMouseEvent* event) {
  if (!pressed_) return;
  const int y = event->globalPosition().toPoint().y();
  if (!dragging_ && std::abs(y - *pressed_) < QApplication::startDragDistance()) return;
  if (!std::exchange(dragging_, true)) {
    setCursor(Qt::ClosedHandCursor);
    grabKeyboard();  // Esc leaves the edit where it was
  }
  update();
  if (on_drag) on_drag(y);
}

void EditGrip::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) end(true);
}

void EditGrip::end(bool drop) {
  pressed_.reset();
  if (!std::exchange(dragging_, false)) return;
  setCursor(Qt::OpenHandCursor);
  releaseKeyboard();
  update();
  if (on_end) on_end(drop);
}

void EditGrip::keyPressEvent(QKeyEvent* event) {
  if (dragging_) {
    if (event->key() == Qt::Key_Escape) end(false);
    return;
  }
  if (const int by = steps_of_grip(*event); by == 0) QAbstractButton::keyPressEvent(event);
  else if (on_step) on_step(by);
}

bool EditGrip::event(QEvent* event) {
  if (event->type() == QEvent::ShortcutOverride && (dragging_ || steps_of_grip(*static_cast<QKeyEvent*>(event)) != 0)) event->accept();
  return QAbstractButton::event(event);
}

}  // namespace gf::ui
