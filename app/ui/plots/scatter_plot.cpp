#include "app/ui/plots/scatter_plot.h"

#include <QPainter>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

constexpr double kScatterLeft = 44, kScatterRight = 12, kScatterTop = 20, kScatterBottom = 24, kScatterDot = 3.5;

/// Low and high with a little room; a single value stands in the middle.
void widen_range(double& low, double& high) {
  const double more = high > low ? (high - low) * 0.04 : 0.5;
  low -= more;
  high += more;
}

bool is_drawn(const ScatterOf::Point& point) { return std::isfinite(point.x) && std::isfinite(point.y); }

}  // namespace

ScatterPlot::ScatterPlot(QWidget* parent) : Plot(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding); }

void ScatterPlot::set_points(ScatterOf points) {
  if (points == points_) return;
  points_ = std::move(points);
  update();
}

ScatterPlot::Frame ScatterPlot::frame(QSizeF size) const {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  Frame f{QRectF(kScatterLeft, kScatterTop, size.width() - kScatterLeft - kScatterRight, size.height() - kScatterTop - kScatterBottom),
          kFar, -kFar, kFar, -kFar};
  for (const ScatterOf::Point& point : points_.points) {
    if (!is_drawn(point)) continue;
    f.x_low = std::min(f.x_low, point.x), f.x_high = std::max(f.x_high, point.x);
    f.y_low = std::min(f.y_low, point.y), f.y_high = std::max(f.y_high, point.y);
  }
  if (!(f.x_low <= f.x_high)) return {f.box, 0, 1, 0, 1};
  widen_range(f.x_low, f.x_high);
  widen_range(f.y_low, f.y_high);
  return f;
}

void ScatterPlot::draw(QPainter& painter, QSizeF size, bool picture) const {
  const Frame f = frame(size);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(figures(7.5));
  painter.setPen(QPen(skin().line, 1));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(f.box);
  if (points_.diagonal) {
    const double low = std::max(f.x_low, f.y_low), high = std::min(f.x_high, f.y_high);
    painter.setPen(QPen(skin().dim, 1, Qt::DashLine));
    if (low < high) painter.drawLine(f.at(low, low), f.at(high, high));
  }
  painter.setPen(skin().dim);
  painter.drawText(QRectF(f.box.left(), f.box.bottom() + 3, f.box.width(), 16), Qt::AlignHCenter, QString::fromStdString(points_.x_name));
  painter.drawText(QRectF(f.box.left(), f.box.bottom() + 3, f.box.width(), 16), Qt::AlignLeft, axis_number(f.x_low));
  painter.drawText(QRectF(f.box.left(), f.box.bottom() + 3, f.box.width(), 16), Qt::AlignRight, axis_number(f.x_high));
  painter.drawText(QRectF(0, f.box.top() - 2, kScatterLeft - 6, 14), Qt::AlignRight, axis_number(f.y_high));
  painter.drawText(QRectF(0, f.box.bottom() - 13, kScatterLeft - 6, 14), Qt::AlignRight, axis_number(f.y_low));
  painter.save();
  painter.translate(kScatterLeft - 12, f.box.center().y());
  painter.rotate(-90);
  painter.drawText(QRectF(-100, -8, 200, 16), Qt::AlignCenter, QString::fromStdString(points_.y_name));
  painter.restore();
  double x = f.box.left();
  const double most = f.box.width() / 2 - 28;
  for (const auto& [name, ink] : {std::pair{points_.first, skin().negative}, std::pair{points_.second, skin().positive}}) {
    if (name.empty()) continue;
    const QString said = painter.fontMetrics().elidedText(QString::fromStdString(name), Qt::ElideRight, static_cast<int>(most));
    painter.setPen(Qt::NoPen);
    painter.setBrush(ink);
    painter.drawEllipse(QPointF(x + 4, 10), kScatterDot, kScatterDot);
    painter.setPen(skin().text);
    painter.drawText(QPointF(x + 12, 14), said);
    x += 28 + painter.fontMetrics().horizontalAdvance(said);
  }
  for (const ScatterOf::Point& point : points_.points) {
    if (!is_drawn(point)) continue;
    QColor ink = mix(skin().negative, skin().positive, std::clamp((point.value + 1) / 2, 0.0, 1.0));
    ink.setAlphaF(0.8F);
    painter.setPen(QPen(skin().panel, 0.7));
    painter.setBrush(ink);
    painter.drawEllipse(f.at(point.x, point.y), kScatterDot, kScatterDot);
  }
  if (!picture && hasFocus()) draw_focus(painter, QRectF({0, 0}, size).adjusted(1, 1, -1, -1), 4);
}

std::string ScatterPlot::csv() const {
  std::string rows = "name," + points_.x_name + "," + points_.y_name + ",class\n";
  for (const ScatterOf::Point& point : points_.points) {
    std::string name = "\"";
    for (const char c : point.name) name += c == '"' ? std::string("\"\"") : std::string(1, c);
    rows += name + "\"," + numbers::significant(point.x, 9) + "," + numbers::significant(point.y, 9) + "," +
            numbers::significant(point.value, 9) + "\n";
  }
  return rows;
}

Plot::Hint ScatterPlot::hint_at(QPoint at) const {
  const Frame f = frame(size());
  Hint hint;
  double nearest = 12;
  for (const ScatterOf::Point& point : points_.points) {
    if (!is_drawn(point)) continue;
    const QPointF away = f.at(point.x, point.y) - QPointF(at);
    const double distance = std::hypot(away.x(), away.y());
    if (distance < nearest) nearest = distance, hint.words = QString::fromStdString(point.name);
  }
  return hint;
}

}  // namespace gf::ui
