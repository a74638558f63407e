#include "app/ui/plots/lines_plot.h"

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

constexpr double kLinesLeft = 44, kLinesRight = 14, kLinesTop = 10, kLinesBottom = 33, kLegendRow = 15, kLegendColumn = 150;

QColor colour_of_line(const LinesOf& lines, std::size_t i) {
  std::size_t main = 0, baseline = 0;
  for (std::size_t k = 0; k < i; ++k) ++(lines.lines[k].baseline ? baseline : main);
  if (!lines.lines[i].baseline) return main == 0 ? skin().positive : main == 1 ? skin().notice : skin().accent;
  const QColor inks[] = {skin().negative, skin().dim, mix(skin().negative, skin().dim, 0.5), mix(skin().dim, skin().panel, 0.45)};
  return inks[baseline % std::size(inks)];
}

Qt::PenStyle style_of_line(const LinesOf& lines, std::size_t i) {
  if (!lines.lines[i].baseline) return Qt::SolidLine;
  std::size_t baseline = 0;
  for (std::size_t k = 0; k < i; ++k) baseline += lines.lines[k].baseline ? 1 : 0;
  constexpr Qt::PenStyle kStyles[] = {Qt::DashLine, Qt::DotLine, Qt::DashDotLine, Qt::DashDotDotLine};
  return kStyles[baseline % std::size(kStyles)];
}

QString number_of_line(double value) { return significant(value, 3); }

}  // namespace

LinesPlot::LinesPlot(QWidget* parent) : Plot(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding); }

void LinesPlot::set_lines(LinesOf lines) {
  if (lines == lines_) return;
  lines_ = std::move(lines);
  if (current_ >= count()) current_ = -1;
  update();
}

void LinesPlot::set_current(int place) {
  const int next = place < count() ? place : -1;
  if (next == current_) return;
  current_ = next;
  if (current_ >= 0) say_current(words_of(current_));
  update();
}

QString LinesPlot::words_of(int place) const {
  QString said =
      QStringLiteral("%1 %2").arg(QString::fromStdString(lines_.x_name), number_of_line(lines_.places[static_cast<std::size_t>(place)]));
  for (const LinesOf::Line& line : lines_.lines)
    said += QStringLiteral("\n%1: %2").arg(QString::fromStdString(line.name), number_of_line(line.values[static_cast<std::size_t>(place)]));
  return said;
}

LinesPlot::Room LinesPlot::room(QSizeF size) const {
  Room room;
  const auto n = static_cast<int>(lines_.lines.size());
  room.columns = std::clamp(static_cast<int>((size.width() - kLinesLeft) / kLegendColumn), 1, std::max(1, n));
  const int rows = (n + room.columns - 1) / room.columns;
  const double legend = rows * kLegendRow + 4;
  room.box = QRectF(kLinesLeft, kLinesTop, size.width() - kLinesLeft - kLinesRight,
                    std::max(20.0, size.height() - kLinesTop - kLinesBottom - legend));
  room.legend = QRectF(kLinesLeft, room.box.bottom() + kLinesBottom, size.width() - kLinesLeft, legend);
  return room;
}

double LinesPlot::x_of(const QRectF& box, int place) const {
  const double low = lines_.places.front(), high = lines_.places.back();
  const double share = high > low ? (lines_.places[static_cast<std::size_t>(place)] - low) / (high - low) : 0.5;
  return box.left() + box.width() * share;
}

int LinesPlot::nearest(double x) const {
  int best = -1;
  const QRectF box = room(size()).box;
  for (int i = 0; i < count(); ++i)
    if (best < 0 || std::abs(x_of(box, i) - x) < std::abs(x_of(box, best) - x)) best = i;
  return best;
}

void LinesPlot::draw(QPainter& painter, QSizeF size, bool picture) const {
  if (count() == 0) return;
  const auto scaled = [&](double value) { return lines_.logarithmic ? std::log10(value) : value; };
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const LinesOf::Line& line : lines_.lines)
    for (const double value : line.values)
      if (std::isfinite(scaled(value))) low = std::min(low, scaled(value)), high = std::max(high, scaled(value));
  if (!(low <= high)) return;
  if (lines_.shares) low = 0, high = 1;
  if (high - low < 1e-9) low -= 0.5, high += 0.5;
  const Room in = room(size);
  const QRectF& box = in.box;
  const auto y_of = [&](double value) { return box.bottom() - box.height() * (scaled(value) - low) / (high - low); };
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(figures(7.5));
  if (current_ >= 0 && !picture) {
    painter.setPen(QPen(skin().accent, 1));
    painter.drawLine(QPointF(x_of(box, current_), box.top()), QPointF(x_of(box, current_), box.bottom()));
  }
  for (const double share : {0.0, 0.5, 1.0}) {
    const double y = box.bottom() - share * box.height(), at = low + share * (high - low);
    painter.setPen(QPen(skin().line, 1));
    painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y));
    painter.setPen(skin().dim);
    painter.drawText(QRectF(0, y - 8, kLinesLeft - 6, 16), Qt::AlignRight | Qt::AlignVCenter,
                     number_of_line(lines_.logarithmic ? std::pow(10, at) : at));
  }
  // Names of places, as many as there is room for.
  const int step = std::max(1, static_cast<int>(std::ceil(count() * 30.0 / std::max(1.0, box.width()))));
  for (int i = 0; i < count(); i += step)
    painter.drawText(QRectF(x_of(box, i) - 30, box.bottom() + 2, 60, 14), Qt::AlignHCenter | Qt::AlignTop,
                     number_of_line(lines_.places[static_cast<std::size_t>(i)]));
  painter.drawText(QRectF(box.left(), box.bottom() + 14, box.width(), 14), Qt::AlignHCenter | Qt::AlignTop,
                   QString::fromStdString(lines_.x_name));
  for (std::size_t l = lines_.lines.size(); l-- > 0;) {  // the first lies on top
    const LinesOf::Line& line = lines_.lines[l];
    const QColor ink = colour_of_line(lines_, l);
    QPainterPath path;
    bool open = false;
    for (int i = 0; i < count(); ++i) {
      const double value = line.values[static_cast<std::size_t>(i)];
      if (!std::isfinite(scaled(value))) {
        open = false;
        continue;
      }
      const QPointF at(x_of(box, i), y_of(value));
      open ? path.lineTo(at) : path.moveTo(at);
      open = true;
      if (line.baseline) continue;
      painter.setPen(Qt::NoPen);
      painter.setBrush(ink);
      painter.drawEllipse(at, i == current_ && !picture ? 4 : 2.5, i == current_ && !picture ? 4 : 2.5);
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(ink, line.baseline ? 1.2 : 1.8, style_of_line(lines_, l)));
    painter.drawPath(path);
    const auto at = static_cast<int>(l);
    const double width = in.legend.width() / in.columns;
    const QPointF corner(in.legend.left() + width * (at % in.columns), in.legend.top() + kLegendRow * (at / in.columns));
    painter.drawLine(corner + QPointF(0, 8), corner + QPointF(18, 8));
    painter.setPen(skin().text);
    painter.drawText(QRectF(corner + QPointF(23, 0), QSizeF(width - 26, kLegendRow)), Qt::AlignLeft | Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(QString::fromStdString(line.name), Qt::ElideRight, static_cast<int>(width - 26)));
  }
  if (!picture && hasFocus()) draw_focus(painter, QRectF({0, 0}, size).adjusted(1, 1, -1, -1), 4);
}

std::string LinesPlot::csv() const {
  std::string rows = lines_.x_name + ",line," + lines_.y_name + "\n";
  for (int i = 0; i < count(); ++i)
    for (const LinesOf::Line& line : lines_.lines)
      rows += numbers::significant(lines_.places[static_cast<std::size_t>(i)], 9) + ",\"" + line.name + "\"," +
              numbers::significant(line.values[static_cast<std::size_t>(i)], 9) + "\n";
  return rows;
}

void LinesPlot::point_at(QPoint point) { set_current(nearest(point.x())); }

void LinesPlot::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  point_at(event->position().toPoint());
  if (current_ >= 0 && on_select) on_select(current_);
}

void LinesPlot::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Left: set_current(std::max(0, current_ - 1)); return;
    case Qt::Key_Right: set_current(std::min(count() - 1, current_ + 1)); return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (current_ >= 0 && on_select) on_select(current_);
      return;
    default: Plot::keyPressEvent(event);
  }
}

bool LinesPlot::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    if (const int place = nearest(help->pos().x()); place >= 0) QToolTip::showText(help->globalPos(), words_of(place), this);
    return true;
  }
  return Plot::event(event);
}

}  // namespace gf::ui
