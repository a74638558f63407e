#include "app/ui/plots/waterfall.h"

#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/csv.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

constexpr double kNamePoints = 9, kBarEdge = 4, kBarIndent = 14, kChevron = 12, kBarGap = 8, kMostOfNames = 0.45;

QString bar_number(double value) { return signed_number(value, std::abs(value) < 0.095 ? 3 : 2); }

void draw_chevron(QPainter& painter, QPointF at, bool open) {
  QPainterPath path;
  if (open) path.addPolygon(QPolygonF{{at + QPointF(-3.5, -2), at + QPointF(3.5, -2), at + QPointF(0, 3)}});
  else path.addPolygon(QPolygonF{{at + QPointF(-2, -3.5), at + QPointF(-2, 3.5), at + QPointF(3, 0)}});
  path.closeSubpath();
  painter.fillPath(path, skin().dim);
}

}  // namespace

Waterfall::Waterfall(QWidget* parent) : Plot(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred); }

void Waterfall::set_bars(std::vector<WaterfallBar> bars, bool add_up, QString unit) {
  bars_ = std::move(bars);
  add_up_ = add_up;
  unit_ = std::move(unit);
  current_ = std::min(current_, static_cast<int>(bars_.size()) - 1);
  updateGeometry();
  update();
}

void Waterfall::set_current(int bar) {
  const int next = bar < static_cast<int>(bars_.size()) ? bar : -1;
  if (next == current_) return;
  current_ = next;
  if (current_ >= 0) {
    say_current(words_of(current_));
    if (on_current) on_current(bar_row(current_).toAlignedRect());
  }
  update();
}

QString Waterfall::words_of(int bar) const {
  const WaterfallBar& b = bars_[static_cast<std::size_t>(bar)];
  QString said = text("{0}: {1}", b.name, signed_number(b.value, 4));
  if (!unit_.isEmpty()) said += QLatin1Char(' ') + unit_;
  if (b.before) said = text("{0} (base {1})", said, signed_number(*b.before, 4));
  if (b.cut) said = text("{0}, cut", said);
  return said;
}

std::vector<Waterfall::Span> Waterfall::spans() const {
  std::vector<Span> all;
  std::vector<double> ends{0};  // where the next bar of each depth begins
  for (const WaterfallBar& bar : bars_) {
    const auto depth = static_cast<std::size_t>(bar.depth);
    if (!add_up_ || bar.sum) {
      all.push_back({0, bar.value});
      continue;
    }
    if (depth >= ends.size()) ends.resize(depth + 1, all.empty() ? 0 : all.back().from);
    ends.resize(depth + 1);
    all.push_back({ends[depth], ends[depth] + bar.value});
    ends[depth] = all.back().to;
  }
  return all;
}

double Waterfall::row_height() const { return std::ceil(QFontMetricsF(figures(kNamePoints)).height()) + 5; }

double Waterfall::name_width(double width) const {
  const QFontMetricsF metrics(figures(kNamePoints));
  double widest = 0;
  for (const WaterfallBar& bar : bars_) widest = std::max(widest, metrics.horizontalAdvance(bar.name) + bar.depth * kBarIndent);
  return std::min(widest + kChevron + kBarEdge, width * kMostOfNames);
}

QRectF Waterfall::bar_row(int bar) const { return {0, kBarEdge + bar * row_height(), static_cast<double>(width()), row_height()}; }

int Waterfall::bar_at(QPointF point) const {
  const int bar = static_cast<int>(std::floor((point.y() - kBarEdge) / row_height()));
  return bar >= 0 && bar < static_cast<int>(bars_.size()) ? bar : -1;
}

QSize Waterfall::sizeHint() const {
  return {320, static_cast<int>(std::ceil(2 * kBarEdge + static_cast<double>(bars_.size()) * row_height()))};
}
QSize Waterfall::minimumSizeHint() const { return {180, sizeHint().height()}; }
QSize Waterfall::picture_size() const { return {std::max(width(), 480), sizeHint().height()}; }

void Waterfall::draw(QPainter& painter, QSizeF size, bool picture) const {
  if (bars_.empty()) return;
  const QFont font = figures(kNamePoints), strong = figures(kNamePoints, true);
  const QFontMetricsF metrics(font);
  const double high = row_height(), names = name_width(size.width());
  const double numbers = metrics.horizontalAdvance(QStringLiteral("−00.000")) + kBarEdge;
  const double left = names + kBarGap, right = std::max(left + 20, size.width() - numbers - kBarGap);
  const std::vector<Span> all = spans();
  double low = 0, top = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double ghost = all[i].from + bars_[i].before.value_or(0);
    for (const double x : {all[i].from, all[i].to, ghost})
      if (std::isfinite(x)) low = std::min(low, x), top = std::max(top, x);
  }
  if (top - low < 1e-12) top = low + 1;
  const auto x_of = [&](double value) { return left + (right - left) * std::clamp((value - low) / (top - low), 0.0, 1.0); };
  painter.setPen(QPen(skin().line, 1));
  painter.drawLine(QPointF(x_of(0), kBarEdge), QPointF(x_of(0), kBarEdge + static_cast<double>(bars_.size()) * high));
  for (std::size_t i = 0; i < bars_.size(); ++i) {
    const WaterfallBar& bar = bars_[i];
    const double y = kBarEdge + static_cast<double>(i) * high;
    const QRectF row(0, y, size.width(), high);
    if (!picture && static_cast<int>(i) == current_) painter.fillRect(row, skin().hover);
    if (bar.sum) {
      painter.setPen(QPen(skin().line, 1));
      painter.drawLine(row.topLeft(), row.topRight());
    }
    QFont own = bar.sum ? strong : font;
    own.setStrikeOut(bar.cut);
    painter.setFont(own);
    const double indent = kBarEdge + bar.depth * kBarIndent;
    if (bar.opens) draw_chevron(painter, {indent + 4, row.center().y()}, bar.open);
    painter.setPen(bar.cut ? skin().dim : skin().text);
    const QRectF place(indent + kChevron, y, names - indent - kChevron, high);
    painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter, QFontMetricsF(own).elidedText(bar.name, Qt::ElideRight, place.width()));
    own.setStrikeOut(false);
    painter.setFont(own);
    painter.drawText(QRectF(right + kBarGap, y, size.width() - right - kBarGap - kBarEdge, high), Qt::AlignRight | Qt::AlignVCenter,
                     std::isfinite(bar.value) ? bar_number(bar.value) : QStringLiteral("NaN"));
    if (!std::isfinite(bar.value)) continue;
    const auto box = [&](double from, double to, double shrink) {
      const double a = x_of(std::min(from, to)), b = x_of(std::max(from, to));
      return QRectF(a, y + shrink, std::max(b - a, 1.0), high - 2 * shrink);
    };
    QColor colour = bar.sum ? skin().accent : bar.value < 0 ? skin().negative : skin().positive;
    if (bar.open) colour = mix(colour, skin().panel, 0.65);  // the parts below it carry the colour
    painter.fillRect(box(all[i].from, all[i].to, 3.5), colour);
    if (bar.before) {
      painter.setBrush(Qt::NoBrush);
      painter.setPen(QPen(skin().dim, 1, Qt::DotLine));
      painter.drawRect(box(all[i].from, all[i].from + *bar.before, 2.5));
    }
    if (add_up_ && i + 1 < bars_.size() && bars_[i + 1].depth == bar.depth && !bar.sum) {
      painter.setPen(QPen(mix(skin().dim, skin().panel, 0.5), 1));
      painter.drawLine(QPointF(x_of(all[i].to), y + high - 3.5), QPointF(x_of(all[i].to), y + high + 3.5));
    }
    if (!picture && hasFocus() && static_cast<int>(i) == current_) draw_focus(painter, row.adjusted(1, 1, -1, -1), 4);
  }
}

std::string Waterfall::csv() const {
  std::string rows = "part,value,base,cut\n";
  std::vector<QString> path;
  for (const WaterfallBar& bar : bars_) {
    path.resize(static_cast<std::size_t>(bar.depth));
    path.push_back(bar.name);
    QString name;
    for (const QString& step : path) name += (name.isEmpty() ? QString() : QStringLiteral(" / ")) + step;
    rows += csv_quoted(name.toStdString()) + "," + numbers::significant(bar.value, 9) + "," +
            (bar.before ? numbers::significant(*bar.before, 9) : std::string()) + "," + (bar.cut ? "1" : "0") + "\n";
  }
  return rows;
}

void Waterfall::move_to(int bar) {
  if (bars_.empty()) return;
  set_current(std::clamp(bar, 0, static_cast<int>(bars_.size()) - 1));
}

void Waterfall::point_at(QPoint point) {
  if (const int bar = bar_at(point); bar >= 0) set_current(bar);
}

QPoint Waterfall::menu_place() const { return current_ >= 0 ? bar_row(current_).center().toPoint() : rect().center(); }

void Waterfall::mousePressEvent(QMouseEvent* event) {
  const int bar = bar_at(event->position());
  if (bar < 0 || event->button() != Qt::LeftButton) return;
  set_current(bar);
  const WaterfallBar& chosen = bars_[static_cast<std::size_t>(bar)];
  const bool on_chevron = event->position().x() < kBarEdge + chosen.depth * kBarIndent + kChevron;
  if (chosen.opens && on_chevron) {
    if (on_open) on_open(bar);
  } else if (on_select) {
    on_select(bar);
  }
}

void Waterfall::keyPressEvent(QKeyEvent* event) {
  const bool there = current_ >= 0 && current_ < static_cast<int>(bars_.size());
  const WaterfallBar* bar = there ? &bars_[static_cast<std::size_t>(current_)] : nullptr;
  switch (event->key()) {
    case Qt::Key_Up: return move_to(current_ - 1);
    case Qt::Key_Down: return move_to(current_ + 1);
    case Qt::Key_Right:
      if (bar && bar->opens && !bar->open && on_open) on_open(current_);
      return;
    case Qt::Key_Left:
      if (bar && bar->open && on_open) on_open(current_);
      else if (bar && bar->depth > 0)
        for (int i = current_; i-- > 0;)
          if (bars_[static_cast<std::size_t>(i)].depth < bar->depth) return move_to(i);
      return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (bar && on_select) on_select(current_);
      return;
    case Qt::Key_Delete:
      if (!event->isAutoRepeat() && bar && on_cut) on_cut(current_);
      return;
    default: Plot::keyPressEvent(event);
  }
}

Plot::Hint Waterfall::hint_at(QPoint point) const {
  const int bar = bar_at(point);
  return bar >= 0 ? Hint{words_of(bar), bar_row(bar).toAlignedRect()} : Hint{};
}

}  // namespace gf::ui
