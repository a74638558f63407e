#include "app/ui/plots/lines_plot.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>
#include <QResizeEvent>
#include <algorithm>
#include <cmath>
#include <limits>

#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/csv.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

using LinePoints = std::vector<std::pair<double, double>>;

constexpr double kLinesLeft = 46, kLinesRight = 14, kLinesTop = 24, kLinesBottom = 33;
constexpr double kLegendRow = 15, kLegendSample = 18, kLegendPad = 23;
constexpr std::size_t kMostLineDots = 60;  // more would hide the line

QFont legend_font() { return font_of(8); }

QColor colour_of_line(const LinesOf& lines, std::size_t i) {
  if (lines.lines[i].colour.isValid()) return lines.lines[i].colour;
  std::size_t main = 0, baseline = 0;
  for (std::size_t k = 0; k < i; ++k) ++(lines.lines[k].baseline ? baseline : main);
  if (!lines.lines[i].baseline) return main == 0 ? skin().positive : main == 1 ? skin().notice : skin().accent;
  const QColor inks[] = {skin().negative, skin().dim, mix(skin().negative, skin().dim, 0.5), mix(skin().dim, skin().panel, 0.45)};
  return inks[baseline % std::size(inks)];
}

QPen pen_of_line(const LinesOf& lines, std::size_t i) {
  const LinesOf::Line& line = lines.lines[i];
  if (!line.baseline) return {colour_of_line(lines, i), line.named ? 1.8 : 1};
  const auto before = std::count_if(lines.lines.begin(), lines.lines.begin() + static_cast<std::ptrdiff_t>(i),
                                    [](const LinesOf::Line& other) { return other.baseline; });
  constexpr Qt::PenStyle kStyles[] = {Qt::DashLine, Qt::DotLine, Qt::DashDotLine, Qt::DashDotDotLine};
  return {colour_of_line(lines, i), 1.2, kStyles[static_cast<std::size_t>(before) % std::size(kStyles)]};
}

/// 1, 2 or 5 times a power of ten, so that at most about `n` of them make the length.
double round_step(double length, double n) {
  const double raw = length / std::max(1.0, n), power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (raw <= factor * power * 1.0001) return factor * power;
  return 10 * power;
}

/// Multiples of a step between two numbers.
std::vector<double> round_ticks(double low, double high, double step) {
  std::vector<double> ticks;
  for (double at = std::ceil(low / step - 1e-6) * step; at <= high + step * 1e-6; at += step)
    ticks.push_back(std::abs(at) < step * 1e-6 ? 0 : at);
  return ticks;
}

/// Powers of ten between two powers, each so many tens apart that at most about `n` of them have room; where there are less than two of
/// them the ends and what is between.
std::vector<double> power_ticks(double low, double high, double n) {
  const double apart = std::max(1.0, std::ceil((high - low) / std::max(1.0, n)));
  const std::vector<double> ticks = round_ticks(low, high, apart);
  return ticks.size() > 1 ? ticks : std::vector{low, (low + high) / 2, high};
}

/// Whether an axis of powers of ten writes them all as powers: those that are far from 1 are easier to read so, and one axis has one way
/// of writing.
bool are_written_as_powers(const std::vector<double>& powers) {
  constexpr double kFar = 4;
  return std::ranges::any_of(powers, [](double at) { return std::abs(at) > kFar; }) &&
         std::ranges::all_of(powers, [](double at) { return at == std::floor(at); });
}

/// "10⁶" or "1000".
QString power_text(double power, bool as_power) {
  if (!as_power) return significant(std::pow(10, power), 3);
  QString text = QStringLiteral("10");
  for (const QChar digit : QString::number(static_cast<int>(power)))
    text += digit == QLatin1Char('-') ? QChar(0x207B) : QStringView(u"⁰¹²³⁴⁵⁶⁷⁸⁹").at(digit.digitValue());
  return text;
}

/// The point of a line that is nearest to x; nullptr: it has none.
const LinePoints::value_type* nearest_point(const LinePoints& points, double x) {
  const LinePoints::value_type* best = nullptr;
  for (const auto& point : points)
    if (std::isfinite(point.second) && (best == nullptr || std::abs(point.first - x) < std::abs(best->first - x))) best = &point;
  return best;
}

}  // namespace

std::vector<std::pair<double, double>> points_of(const std::vector<double>& x, const std::vector<double>& y) {
  EXPECTS(x.size() == y.size(), "a y for each x");
  LinePoints points;
  for (std::size_t i = 0; i < x.size(); ++i) points.emplace_back(x[i], y[i]);
  return points;
}

LinesPlot::LinesPlot(QWidget* parent) : RowPlot(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding); }

void LinesPlot::set_lines(LinesOf lines) {
  if (lines == lines_) return;
  lines_ = std::move(lines);
  places_.clear();
  for (const LinesOf::Line& line : lines_.lines)
    for (const auto& [x, y] : line.points) places_.push_back(x);
  std::ranges::sort(places_);
  places_.erase(std::ranges::unique(places_).begin(), places_.end());
  items_changed();
  updateGeometry();  // another legend may have more lines
}

int LinesPlot::place_near(double x) const {
  if (places_.empty()) return -1;
  const auto nearest = std::ranges::min_element(places_, {}, [x](double at) { return std::abs(at - x); });
  return static_cast<int>(nearest - places_.begin());
}

int LinesPlot::item_at(QPoint point) const {
  const Frame in = frame(size());
  return place_near(in.x.low + (in.x.high - in.x.low) * (point.x() - in.box.left()) / in.box.width());
}

QString LinesPlot::words_of(int place) const {
  const double x = places_[static_cast<std::size_t>(place)];
  QString said = QStringLiteral("%1 %2").arg(QString::fromStdString(lines_.x_name), axis_number(x));
  for (const LinesOf::Line& line : lines_.lines)
    if (const auto* point = line.named ? nearest_point(line.points, x) : nullptr)
      said += QStringLiteral("\n%1: %2").arg(QString::fromStdString(line.name), significant(point->second, 4));
  return said;
}

LinesPlot::Range LinesPlot::x_range() const {
  Range range{places_.empty() ? 0 : places_.front(), places_.empty() ? 0 : places_.back()};
  range = {std::min(range.low, lines_.x_low.value_or(range.low)), std::max(range.high, lines_.x_high.value_or(range.high))};
  if (!(range.low < range.high)) range.low -= 0.5, range.high += 0.5;
  return range;
}

double LinesPlot::Frame::scaled(double value) const { return logarithmic ? std::log10(value) : value; }
double LinesPlot::Frame::left_of(double value) const { return box.left() + box.width() * (value - x.low) / (x.high - x.low); }
double LinesPlot::Frame::top_of(double value) const {
  return box.bottom() - box.height() * (std::clamp(scaled(value), y.low, y.high) - y.low) / (y.high - y.low);
}

LinesPlot::Range LinesPlot::y_range() const {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const LinesOf::Line& line : lines_.lines)
    for (const auto& [x, y] : line.points) {
      const double value = lines_.logarithmic ? std::log10(y) : y;
      if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
    }
  if (!(low <= high)) low = 0, high = 1;
  Range range{lines_.y_low.value_or(low), lines_.y_high.value_or(high)};
  if (range.high - range.low < 1e-9) range = lines_.y_low ? Range{range.low, range.low + 1} : Range{range.low - 0.5, range.low + 0.5};
  return range;
}

LinesPlot::Legend LinesPlot::legend(double width) const {
  const QFontMetricsF letters(legend_font());
  double widest = 0;
  int named = 0;
  for (const LinesOf::Line& line : lines_.lines)
    if (line.named) widest = std::max(widest, letters.horizontalAdvance(QString::fromStdString(line.name))), ++named;
  Legend legend;
  legend.columns = std::clamp(static_cast<int>(width / (widest + kLegendPad + 12)), 1, std::max(1, named));
  legend.column = legend.columns == 1 ? width : std::min(width / legend.columns, widest + kLegendPad + 12);
  legend.height = (named + legend.columns - 1) / legend.columns * kLegendRow + 4;
  return legend;
}

QSize LinesPlot::sizeHint() const { return {340, std::max(200, minimumSizeHint().height())}; }

QSize LinesPlot::minimumSizeHint() const {
  constexpr double kLeastBox = 70;
  const double below = kLinesBottom + legend(std::max(1.0, width() - kLinesLeft - kLinesRight)).height;
  return {160, static_cast<int>(std::ceil(kLinesTop + kLeastBox + below))};
}

void LinesPlot::resizeEvent(QResizeEvent* event) {
  RowPlot::resizeEvent(event);
  // A narrower legend has more lines.
  if (event->oldSize().width() != event->size().width()) updateGeometry();
}

LinesPlot::Frame LinesPlot::frame(QSizeF size) const {
  const double width = std::max(1.0, size.width() - kLinesLeft - kLinesRight);
  const Legend legend = this->legend(width);
  const QRectF box(kLinesLeft, kLinesTop, width, std::max(20.0, size.height() - kLinesTop - kLinesBottom - legend.height));
  return {.box = box,
          .legend = QRectF(kLinesLeft, box.bottom() + kLinesBottom, width, legend.height),
          .column = legend.column,
          .x = x_range(),
          .y = y_range(),
          .logarithmic = lines_.logarithmic};
}

void LinesPlot::draw_axes(QPainter& painter, const Frame& in) const {
  painter.setFont(figures(7.5));
  const double length = in.y.high - in.y.low;
  const double n_rows = in.box.height() / 34;
  const auto rows =
      lines_.logarithmic ? power_ticks(in.y.low, in.y.high, n_rows) : round_ticks(in.y.low, in.y.high, round_step(length, n_rows));
  const bool powers = lines_.logarithmic && are_written_as_powers(rows);
  for (const double at : rows) {
    const double y = in.box.bottom() - in.box.height() * (at - in.y.low) / length;
    painter.setPen(QPen(skin().line, 1));
    painter.drawLine(QPointF(in.box.left(), y), QPointF(in.box.right(), y));
    painter.setPen(skin().dim);
    painter.drawText(QRectF(0, y - 8, kLinesLeft - 6, 16), Qt::AlignRight | Qt::AlignVCenter,
                     lines_.logarithmic ? power_text(at, powers) : axis_number(at));
  }
  painter.drawText(QRectF(0, 2, in.box.right(), 14), Qt::AlignLeft | Qt::AlignTop, QString::fromStdString(lines_.y_name));
  double step = round_step(in.x.high - in.x.low, in.box.width() / 45);
  if (std::ranges::all_of(places_, [](double x) { return x == std::floor(x); })) step = std::max(1.0, step);  // there is no block 0.2
  for (const double at : round_ticks(in.x.low, in.x.high, step))
    painter.drawText(QRectF(in.left_of(at) - 40, in.box.bottom() + 2, 80, 14), Qt::AlignHCenter | Qt::AlignTop, axis_number(at));
  painter.drawText(QRectF(in.box.left(), in.box.bottom() + 15, in.box.width(), 14), Qt::AlignHCenter | Qt::AlignTop,
                   QString::fromStdString(lines_.x_name));
}

void LinesPlot::draw_line(QPainter& painter, const Frame& in, std::size_t line, bool picture) const {
  const LinesOf::Line& of = lines_.lines[line];
  const bool dots = of.dots && !of.baseline && of.points.size() <= kMostLineDots;
  QPainterPath path;
  bool open = false;
  for (const auto& [x, y] : of.points) {
    if (!std::isfinite(in.scaled(y))) {
      open = false;  // the line has a gap where there is no number
      continue;
    }
    const QPointF at(in.left_of(x), in.top_of(y));
    open ? path.lineTo(at) : path.moveTo(at);
    open = true;
    if (!dots) continue;
    const double radius = !picture && current() >= 0 && places_[static_cast<std::size_t>(current())] == x ? 4 : 2.4;
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour_of_line(lines_, line));
    painter.drawEllipse(at, radius, radius);
  }
  painter.setBrush(Qt::NoBrush);
  painter.setPen(pen_of_line(lines_, line));
  painter.drawPath(path);
}

void LinesPlot::draw_legend(QPainter& painter, const Frame& in) const {
  painter.setFont(legend_font());
  const int columns = std::max(1, static_cast<int>(in.legend.width() / in.column));
  int place = 0;
  for (std::size_t i = 0; i < lines_.lines.size(); ++i) {
    if (!lines_.lines[i].named) continue;
    const int row = place / columns, column = place % columns;
    const QPointF corner = in.legend.topLeft() + QPointF(in.column * column, kLegendRow * row);
    ++place;
    painter.setPen(pen_of_line(lines_, i));
    painter.drawLine(corner + QPointF(0, 8), corner + QPointF(kLegendSample, 8));
    painter.setPen(skin().text);
    const double width = in.column - kLegendPad - 3;
    painter.drawText(
        QRectF(corner + QPointF(kLegendPad, 0), QSizeF(width, kLegendRow)), Qt::AlignLeft | Qt::AlignVCenter,
        painter.fontMetrics().elidedText(QString::fromStdString(lines_.lines[i].name), Qt::ElideRight, static_cast<int>(width)));
  }
}

void LinesPlot::draw(QPainter& painter, QSizeF size, bool picture) const {
  if (places_.empty() && !lines_.x_high) return;
  const Frame in = frame(size);
  painter.setRenderHint(QPainter::Antialiasing);
  draw_axes(painter, in);
  if (current() >= 0 && !picture) {
    const double x = in.left_of(places_[static_cast<std::size_t>(current())]);
    painter.setPen(QPen(skin().accent, 1));
    painter.drawLine(QPointF(x, in.box.top()), QPointF(x, in.box.bottom()));
  }
  for (const bool main : {false, true})
    for (std::size_t i = 0; i < lines_.lines.size(); ++i)
      if ((lines_.lines[i].named && !lines_.lines[i].baseline) == main) draw_line(painter, in, i, picture);
  draw_legend(painter, in);
  if (!picture && hasFocus()) draw_focus(painter, QRectF({0, 0}, size).adjusted(1, 1, -1, -1), 4);
}

std::string LinesPlot::csv() const {
  std::string rows = lines_.x_name + ",line," + lines_.y_name + "\n";
  for (const LinesOf::Line& line : lines_.lines)
    for (const auto& [x, y] : line.points)
      rows += numbers::significant(x, 9) + "," + csv_quoted(line.name) + "," + numbers::significant(y, 9) + "\n";
  return rows;
}

}  // namespace gf::ui
