// Paints the head grid.
#include <QFontMetrics>
#include <QPaintEvent>
#include <QPainter>
#include <algorithm>

#include "app/ui/heads/head_edits.h"
#include "app/ui/heads/head_grid.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

/// Effects and attributions have a sign; other scores without a unit go from 0 to 1.
bool is_signed(const PartInfo& part) { return part.scale == PartInfo::Scale::Signed; }

QColor score_colour(float value, float scale, const PartInfo& part) {
  if (is_signed(part)) return heat(value, scale, render::ColorMap::Signed);
  return heat(value, *part.unit == '\0' ? 1.0F : scale, render::ColorMap::Sequential);
}

}  // namespace

void HeadGridView::paint_cut(QPainter& painter, const QRectF& box, const QColor& fill, const QString& number) const {
  const QColor ink = ink_on(fill);
  painter.setPen(QPen(ink, 2));
  painter.setBrush(Qt::NoBrush);
  painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
  painter.setPen(QPen(ink, 1.6, Qt::SolidLine, Qt::RoundCap));
  const double in = box.width() * 0.14;
  painter.drawLine(box.topLeft() + QPointF(in, in), box.bottomRight() - QPointF(in, in));
  if (number.isEmpty()) return;
  // A gap in the stroke keeps the number readable.
  const QFontMetricsF metrics(painter.font());
  QRectF gap(0, 0, metrics.horizontalAdvance(number) + 5, metrics.capHeight() + 7);
  gap.moveCenter(box.center());
  painter.setPen(Qt::NoPen);
  painter.setBrush(fill);
  painter.drawRoundedRect(gap, 3, 3);
}

QString HeadGridView::number_of(Cell cell) const {
  const auto value = score(cell);
  const auto colour = colour_of(cell);
  if (!value || !colour) return {};
  return is_signed(*colour->part) ? signed_number(static_cast<double>(*value), 1) : fixed(static_cast<double>(*value), 2);
}

std::optional<double> HeadGridView::number_points() const {
  if (n_layer_ == 0) return std::nullopt;
  constexpr double kSides = 2;
  const double room = cell_rect(0, 0).width() - kSides;
  for (const double points : {8.0, 6.75, 6.0}) {
    const QFontMetricsF metrics(figures(points));
    bool fits = true;
    for (int l = 0; fits && l < n_layer_; ++l)
      for (int h = 0; fits && h <= n_head_; ++h) fits = metrics.horizontalAdvance(number_of({l, h})) <= room;
    if (fits) return points;
  }
  return std::nullopt;
}

void HeadGridView::paint_cell(QPainter& painter, Cell cell, std::optional<double> points) const {
  const Skin& s = skin();
  const QRectF box = cell_rect(cell.layer, cell.head);
  const auto value = score(cell);
  const auto edit = part_edit(lab_.document().recipe, part_of(cell), n_head_);
  const auto colour = colour_of(cell);
  const bool in_force = edit && edit->enabled && doc::edits_act(lab_.document().mode);
  QColor fill = value && colour ? score_colour(*value, scale_, *colour->part) : s.card;
  painter.setPen(QPen(cell == hovered_ ? s.accent : mix(s.line, fill, 0.3), 1));
  painter.setBrush(fill);
  painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);

  QString number = points ? number_of(cell) : QString();
  painter.setFont(figures(points.value_or(6), edit.has_value()));
  const QColor ink = ink_on(fill);
  if (edit) {
    if (!in_force) painter.setOpacity(0.55);
    if (edit->cut) {
      paint_cut(painter, box, fill, number);
    } else {
      painter.setBrush(Qt::NoBrush);
      painter.setPen(QPen(s.notice, 2, Qt::DashLine));
      painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 4, 4);
      constexpr double kTwoLines = 20;
      if (points && box.height() >= kTwoLines) {
        painter.setPen(ink);
        painter.setFont(figures(std::min(6.5, *points)));
        painter.drawText(box.adjusted(0, 3, 0, -2), Qt::AlignHCenter | Qt::AlignBottom, QString::fromStdString(edit->tag));
        painter.drawText(box.adjusted(0, 3, 0, 0), Qt::AlignHCenter | Qt::AlignTop, number);
        number.clear();
      }
    }
    painter.setOpacity(1);
  }
  painter.setPen(ink);
  painter.drawText(box, Qt::AlignCenter, number);
  if (hasFocus() && cell == current_) draw_focus(painter, box.adjusted(-1, -1, 1, 1), 5);
}

void HeadGridView::paintEvent(QPaintEvent* event) {
  if (n_layer_ == 0) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(font_of(8));
  painter.setPen(skin().dim);
  const int every = pitch(width()) < 18 ? 2 : 1;
  for (int h = 0; h < n_head_; h += every) {
    const QRect box = cell_rect(0, h);
    painter.drawText(QRect(box.left() - 8, 0, box.width() + 16, kTop - 3), Qt::AlignHCenter | Qt::AlignBottom, QString::number(h));
  }
  const QRect mlps = cell_rect(0, n_head_);
  painter.drawText(QRect(mlps.left() - 12, 0, mlps.width() + 24, kTop - 3), Qt::AlignHCenter | Qt::AlignBottom, text("MLP"));
  for (int l = 0; l < n_layer_; l += every) {
    const QRect box = cell_rect(l, 0);
    painter.drawText(QRect(0, box.top() - 6, kLeft - 8, box.height() + 12), Qt::AlignRight | Qt::AlignVCenter, QString::number(l));
  }
  const auto points = number_points();
  for (int l = 0; l < n_layer_; ++l)
    for (int h = 0; h <= n_head_; ++h) {
      if (!cell_rect(l, h).adjusted(-3, -3, 3, 3).intersects(event->rect())) continue;
      painter.setFont(font_of(8));
      paint_cell(painter, {l, h}, points);
    }
}

}  // namespace gf::ui
