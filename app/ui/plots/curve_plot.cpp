#include "app/ui/plots/curve_plot.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

constexpr double kCurveLeft = 52, kCurveRight = 12, kCurveTop = 10, kCurveBottom = 22;
constexpr int kMostDots = 80;  // more would hide the line

QString curve_number(double value) { return significant(value, 4); }

}  // namespace

CurvePlot::CurvePlot(QWidget* parent) : RowPlot(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding); }

void CurvePlot::set_curve(CurveOf curve) {
  if (curve == curve_) return;
  curve_ = std::move(curve);
  items_changed();
}

double CurvePlot::x_of(int point) const {
  const double n = curve_.bars ? count() : std::max(1, count() - 1);
  return curve_.first + (curve_.last - curve_.first) * (point + (curve_.bars ? 0.5 : 0.0)) / n;
}

QString CurvePlot::words_of(int point) const {
  const double value = curve_.values[static_cast<std::size_t>(point)];
  return QStringLiteral("%1 %2: %3 %4")
      .arg(QString::fromStdString(curve_.x_name), curve_number(x_of(point)), curve_number(value), QString::fromStdString(curve_.y_name));
}

int CurvePlot::item_at(QPoint point) const {
  const double share = (point.x() - kCurveLeft) / std::max(1.0, width() - kCurveLeft - kCurveRight);
  const double at = curve_.bars ? std::floor(share * count()) : std::round(share * (count() - 1));
  return count() == 0 ? -1 : static_cast<int>(std::clamp(at, 0.0, count() - 1.0));
}

void CurvePlot::draw(QPainter& painter, QSizeF size, bool picture) const {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const double value : curve_.values)
    if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
  if (!(low <= high)) return;
  low = std::min(low, 0.0);
  high = std::max(high, low == high ? low + 1 : 0.0);
  const QRectF box(kCurveLeft, kCurveTop, size.width() - kCurveLeft - kCurveRight, size.height() - kCurveTop - kCurveBottom);
  const auto y_of = [&](double value) { return box.bottom() - box.height() * (value - low) / (high - low); };
  const double step = box.width() / (curve_.bars ? count() : std::max(1, count() - 1));
  const auto place = [&](int point) { return box.left() + step * (point + (curve_.bars ? 0.5 : 0.0)); };
  painter.setFont(figures(7.5));
  painter.setPen(skin().dim);
  for (const double value : {low, high})
    painter.drawText(QRectF(0, y_of(value) - 8, kCurveLeft - 6, 16), Qt::AlignRight | Qt::AlignVCenter, axis_number(value));
  painter.drawText(QRectF(box.left() - 30, box.bottom() + 3, 100, 16), Qt::AlignLeft, axis_number(curve_.first));
  painter.drawText(QRectF(box.right() - 90, box.bottom() + 3, 100, 16), Qt::AlignRight, axis_number(curve_.last));
  painter.setPen(QPen(skin().line, 1));
  painter.drawLine(QPointF(box.left(), y_of(0)), QPointF(box.right(), y_of(0)));
  QPainterPath line;
  bool open = false;
  for (int i = 0; i < count(); ++i) {
    const double value = curve_.values[static_cast<std::size_t>(i)];
    if (!std::isfinite(value)) {
      open = false;  // the line has a gap where there is no number
      continue;
    }
    const QPointF at(place(i), y_of(value));
    const bool marked = i == current() && !picture;
    if (curve_.bars) {
      painter.fillRect(
          QRectF(QPointF(at.x() - step / 2, std::min(at.y(), y_of(0))), QSizeF(std::max(1.0, step - 1), std::abs(at.y() - y_of(0)))),
          marked ? skin().accent : skin().positive);
      continue;
    }
    open ? line.lineTo(at) : line.moveTo(at);
    open = true;
    if (!marked && count() > kMostDots) continue;
    painter.setPen(Qt::NoPen);
    painter.setBrush(marked ? skin().accent : skin().positive);
    painter.drawEllipse(at, marked ? 4.5 : 2.5, marked ? 4.5 : 2.5);
  }
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(skin().positive, 1.5));
  if (!curve_.bars) painter.drawPath(line);
  if (!picture && hasFocus()) draw_focus(painter, QRectF({0, 0}, size).adjusted(1, 1, -1, -1), 4);
}

std::string CurvePlot::csv() const {
  std::string rows = curve_.x_name + "," + curve_.y_name + "\n";
  for (int i = 0; i < count(); ++i)
    rows += numbers::significant(x_of(i), 9) + "," + numbers::significant(curve_.values[static_cast<std::size_t>(i)], 9) + "\n";
  return rows;
}

}  // namespace gf::ui
