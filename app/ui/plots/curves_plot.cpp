#include "app/ui/plots/curves_plot.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

constexpr double kCurvesLeft = 46, kCurvesRight = 14, kCurvesTop = 10, kCurvesBottom = 34;
constexpr std::size_t kMostCurveDots = 60;  // more would hide the line

QRectF curves_box(QSizeF size) {
  return {kCurvesLeft, kCurvesTop, std::max(1.0, size.width() - kCurvesLeft - kCurvesRight),
          std::max(1.0, size.height() - kCurvesTop - kCurvesBottom)};
}

/// 1, 2 or 5 times a power of ten, so that about `n` of them make the length.
double round_step(double length, int n) {
  const double raw = length / std::max(1, n), power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (raw <= factor * power * 1.0001) return factor * power;
  return 10 * power;
}

QString tick_text(double value) {
  return value == 0 ? QStringLiteral("0") : value >= 1e4 ? short_count(std::llround(value)) : significant(value, 4);
}

using LinePoint = std::pair<double, double>;

/// The point of a line that is nearest to x; nullptr: it has none.
const LinePoint* nearest_point(const std::vector<LinePoint>& points, double x) {
  const LinePoint* best = nullptr;
  for (const LinePoint& point : points)
    if (std::isfinite(point.second) && (best == nullptr || std::abs(point.first - x) < std::abs(best->first - x))) best = &point;
  return best;
}

}  // namespace

CurvesPlot::CurvesPlot(QWidget* parent) : Plot(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding); }

void CurvesPlot::set_curves(CurvesOf lines) {
  if (lines == lines_) return;
  lines_ = std::move(lines);
  xs_.clear();
  for (const CurvesOf::Line& line : lines_.lines)
    for (const auto& [x, y] : line.points) xs_.push_back(x);
  std::ranges::sort(xs_);
  xs_.erase(std::ranges::unique(xs_).begin(), xs_.end());
  update();
}

void CurvesPlot::set_current(std::optional<double> x) {
  if (x == current_) return;
  current_ = x;
  if (current_) say_current(words_at(*current_));
  update();
}

CurvesPlot::Range CurvesPlot::x_range() const {
  const double last = std::max(lines_.last_x, xs_.empty() ? 0 : xs_.back());
  return {0, last > 0 ? last : 1};
}

CurvesPlot::Range CurvesPlot::y_range() const {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const CurvesOf::Line& line : lines_.lines)
    for (const auto& [x, y] : line.points)
      if (std::isfinite(y)) low = std::min(low, y), high = std::max(high, y);
  if (!(low <= high)) low = 0, high = 1;
  Range range{lines_.low.value_or(low), lines_.high.value_or(high)};
  if (!(range.low < range.high)) range.high = range.low + 1;
  return range;
}

QString CurvesPlot::words_at(double x) const {
  QString words = QStringLiteral("%1 %2").arg(QString::fromStdString(lines_.x_name), tick_text(x));
  QString before = QStringLiteral(": ");
  for (const CurvesOf::Line& line : lines_.lines) {
    const LinePoint* point = line.named ? nearest_point(line.points, x) : nullptr;
    if (point == nullptr) continue;
    words += before + QStringLiteral("%1 %2").arg(QString::fromStdString(line.name), significant(point->second, 4));
    before = QStringLiteral(", ");
  }
  return words;
}

std::optional<double> CurvesPlot::nearest_x(double pixel) const {
  if (xs_.empty()) return std::nullopt;
  const QRectF box = curves_box(size());
  const Range range = x_range();
  const double x = range.low + (range.high - range.low) * (pixel - box.left()) / box.width();
  return *std::ranges::min_element(xs_, {}, [x](double at) { return std::abs(at - x); });
}

void CurvesPlot::draw(QPainter& painter, QSizeF size, bool picture) const {
  const QRectF box = curves_box(size);
  const Range xr = x_range(), yr = y_range();
  const auto x_of = [&](double x) { return box.left() + box.width() * (x - xr.low) / (xr.high - xr.low); };
  const auto y_of = [&](double y) { return box.bottom() - box.height() * (std::clamp(y, yr.low, yr.high) - yr.low) / (yr.high - yr.low); };
  painter.setFont(figures(7.5));
  const double y_step = round_step(yr.high - yr.low, static_cast<int>(box.height() / 34)),
               x_step = round_step(xr.high - xr.low, static_cast<int>(box.width() / 70));
  for (double y = std::ceil(yr.low / y_step) * y_step; y <= yr.high + y_step * 1e-6; y += y_step) {
    painter.setPen(QPen(skin().line, 1));
    painter.drawLine(QPointF(box.left(), y_of(y)), QPointF(box.right(), y_of(y)));
    painter.setPen(skin().dim);
    painter.drawText(QRectF(0, y_of(y) - 8, kCurvesLeft - 6, 16), Qt::AlignRight | Qt::AlignVCenter,
                     tick_text(std::abs(y) < y_step * 1e-6 ? 0 : y));
  }
  for (double x = 0; x <= xr.high + x_step * 1e-6; x += x_step)
    painter.drawText(QRectF(x_of(x) - 40, box.bottom() + 3, 80, 14), Qt::AlignCenter, tick_text(x));
  painter.drawText(QRectF(box.left(), box.bottom() + 17, box.width(), 14), Qt::AlignRight | Qt::AlignVCenter,
                   QString::fromStdString(lines_.x_name));
  if (current_ && !picture) {
    painter.setPen(QPen(skin().accent, 1));
    painter.drawLine(QPointF(x_of(*current_), box.top()), QPointF(x_of(*current_), box.bottom()));
  }
  for (const CurvesOf::Line& line : lines_.lines) {
    QPainterPath path;
    bool open = false;
    for (const auto& [x, y] : line.points) {
      if (!std::isfinite(y)) {
        open = false;
        continue;
      }
      const QPointF at(x_of(x), y_of(y));
      open ? path.lineTo(at) : path.moveTo(at);
      open = true;
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(line.colour, line.named ? 1.8 : 1));
    painter.drawPath(path);
    if (!line.dots || line.points.size() > kMostCurveDots) continue;
    painter.setPen(Qt::NoPen);
    painter.setBrush(line.colour);
    for (const auto& [x, y] : line.points)
      if (std::isfinite(y)) painter.drawEllipse(QPointF(x_of(x), y_of(y)), 2.2, 2.2);
  }
  // The names stand below the axis, each with a piece of its line.
  double left = box.left();
  painter.setFont(font_of(8));
  const QFontMetricsF letters(painter.font(), painter.device());
  for (const CurvesOf::Line& line : lines_.lines) {
    if (!line.named) continue;
    const QString name = QString::fromStdString(line.name);
    const double y = box.bottom() + 24;
    if (left + 18 + letters.horizontalAdvance(name) > box.right() - letters.horizontalAdvance(QString::fromStdString(lines_.x_name)) - 8)
      break;
    painter.setPen(QPen(line.colour, 2.5));
    painter.drawLine(QPointF(left, y), QPointF(left + 12, y));
    painter.setPen(skin().text);
    painter.drawText(QPointF(left + 16, y + letters.ascent() / 2 - 1), name);
    left += 16 + letters.horizontalAdvance(name) + 12;
  }
  if (!picture && hasFocus()) draw_focus(painter, QRectF({0, 0}, size).adjusted(1, 1, -1, -1), 4);
}

std::string CurvesPlot::csv() const {
  std::string rows = lines_.x_name + ",line," + lines_.y_name + "\n";
  for (const CurvesOf::Line& line : lines_.lines)
    for (const auto& [x, y] : line.points) rows += numbers::significant(x, 9) + "," + line.name + "," + numbers::significant(y, 9) + "\n";
  return rows;
}

void CurvesPlot::point_at(QPoint point) { set_current(nearest_x(point.x())); }

void CurvesPlot::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  point_at(event->position().toPoint());
  if (current_ && on_select) on_select(*current_);
}

void CurvesPlot::keyPressEvent(QKeyEvent* event) {
  const auto move = [&](int by) {
    if (xs_.empty()) return;
    const auto at = current_ ? std::ranges::lower_bound(xs_, *current_) - xs_.begin() : 0;
    const auto last = static_cast<std::ptrdiff_t>(xs_.size()) - 1;
    set_current(xs_[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(at + by, 0, last))]);
  };
  switch (event->key()) {
    case Qt::Key_Left: return move(-1);
    case Qt::Key_Right: return move(1);
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (current_ && on_select) on_select(*current_);
      return;
    default: Plot::keyPressEvent(event);
  }
}

bool CurvesPlot::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    if (const auto x = nearest_x(help->pos().x())) QToolTip::showText(help->globalPos(), words_at(*x), this);
    return true;
  }
  return Plot::event(event);
}

}  // namespace gf::ui
