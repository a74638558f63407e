#include "app/ui/widgets/switch.h"

#include <QPainter>

#include "app/ui/widgets/skin.h"

namespace gf::ui {

Switch::Switch(QWidget* parent) : QAbstractButton(parent) {
  setCheckable(true);
  setCursor(Qt::PointingHandCursor);
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void Switch::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF track(1, (height() - 16) / 2.0, 28, 16);
  const QColor off = mix(skin().line, skin().dim, 0.35);
  painter.setPen(Qt::NoPen);
  painter.setBrush(isChecked() ? skin().accent : off);
  painter.drawRoundedRect(track, 8, 8);
  painter.setBrush(isEnabled() ? QColor(Qt::white) : skin().hover);
  painter.drawEllipse(QPointF(isChecked() ? track.right() - 8 : track.left() + 8, track.center().y()), 5.6, 5.6);
  if (hasFocus()) draw_focus(painter, QRectF(rect()).adjusted(1, 1, -1, -1), 8);
}

}  // namespace gf::ui
