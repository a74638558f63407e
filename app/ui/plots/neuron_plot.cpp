#include "app/ui/plots/neuron_plot.h"

#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/csv.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

constexpr double kNeuronPoints = 8, kNeuronEdge = 6, kMostOfNeuronNames = 0.22, kLeastStrip = 40;
constexpr int kNeuronPictureWidth = 640;

/// Cells next to each other with the colours of the scene.
template <class Value>
void draw_strip(QPainter& painter, const QRectF& box, int n, float scale, const Value& value) {
  const double cell = box.width() / n;
  const double gap = cell > 6 ? 1 : 0;
  for (int i = 0; i < n; ++i)
    painter.fillRect(QRectF(box.left() + i * cell, box.top(), cell - gap, box.height()), heat(value(i), scale, render::ColorMap::Signed));
}

}  // namespace

NeuronPlot::NeuronPlot(QWidget* parent) : Plot(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred); }

void NeuronPlot::set_rows(std::shared_ptr<const doc::NeuronRows> rows, QStringList tokens) {
  if (rows == rows_ && tokens == tokens_) return;
  rows_ = std::move(rows);
  tokens_ = std::move(tokens);
  largest_input_ = largest_product_ = largest_score_ = 0;
  const auto widen = [](float& largest, float value) {
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  };
  if (rows_) {
    for (const float value : rows_->q) widen(largest_input_, value);
    for (const float value : rows_->k) widen(largest_input_, value);
    for (const float value : rows_->scores) widen(largest_score_, value);
    for (int key = 0; key < rows_->keys(); ++key)
      for (int i = 0; i < rows_->d_head; ++i) widen(largest_product_, rows_->product(key, i));
  }
  if (key_ >= count()) key_ = -1;
  if (!rows_ || element_ >= rows_->d_head) element_ = -1;
  updateGeometry();
  update();
}

void NeuronPlot::set_current(int key) {
  if (key >= count()) key = -1;
  if (key == key_) return;
  key_ = key;
  if (key_ >= 0) {
    say_current(words_of(key_, element_));
    if (on_current) on_current(key_row(key_).toAlignedRect());
  }
  update();
}

void NeuronPlot::move_to(int key, int element) {
  if (key < 0 || key >= count()) return;
  element_ = std::clamp(element, -1, rows_->d_head - 1);
  key_ = key;
  say_current(words_of(key_, element_));
  if (on_current) on_current(key_row(key_).toAlignedRect());
  if (on_element) on_element();
  update();
}

QString NeuronPlot::name_of_key(int key) const { return QStringLiteral("%1 %2").arg(QString::number(key), tokens_.value(key)); }

QString NeuronPlot::words_of(int key, int element) const {
  const auto k = static_cast<std::size_t>(key);
  if (element < 0)
    return text("key {0}: score {1}, share {2}", name_of_key(key), signed_number(static_cast<double>(rows_->scores[k]), 3),
                percent(static_cast<double>(rows_->weights[k])));
  return text("key {0}, element {1}: q {2} × k {3} = {4}", name_of_key(key), element,
              signed_number(static_cast<double>(rows_->q[static_cast<std::size_t>(element)]), 3),
              signed_number(static_cast<double>(rows_->k_at(key, element)), 3),
              signed_number(static_cast<double>(rows_->product(key, element)), 3));
}

NeuronPlot::Columns NeuronPlot::columns(double width) const {
  const QFontMetricsF metrics(figures(kNeuronPoints));
  double widest = metrics.horizontalAdvance(QStringLiteral("000"));
  for (int i = 0; i < count(); ++i) widest = std::max(widest, metrics.horizontalAdvance(QStringLiteral("q ") + name_of_key(i)));
  Columns at{};
  at.names = std::min(widest + 1, width * kMostOfNeuronNames);
  at.score_width = metrics.horizontalAdvance(QStringLiteral("−00.00")) + kNeuronEdge;
  at.share_width = metrics.horizontalAdvance(QStringLiteral("100.0 %")) + kNeuronEdge;
  at.k = kNeuronEdge + at.names + kNeuronEdge;
  const double rest = width - at.k - at.score_width - at.share_width - 4 * kNeuronEdge;
  at.strip = std::max(kLeastStrip, rest / 2);
  at.product = at.k + at.strip + kNeuronEdge;
  at.score = at.product + at.strip + kNeuronEdge;
  at.share = at.score + at.score_width + kNeuronEdge;
  at.row = std::ceil(metrics.height()) + 3;
  at.top = kNeuronEdge;
  return at;
}

QRectF NeuronPlot::key_row(int key) const {
  const Columns at = columns(width());
  return {0, at.y_of(key), at.share + at.share_width + kNeuronEdge, at.row};
}

QRectF NeuronPlot::product_cell(int key, int element) const {
  const Columns at = columns(width());
  const double cell = rows_ ? at.strip / rows_->d_head : 0;
  return {at.product + element * cell, at.y_of(key), cell, at.row};
}

QSize NeuronPlot::sizeHint() const {
  const Columns at = columns(width());
  return {360, static_cast<int>(std::ceil(at.y_of(count()) + kNeuronEdge))};
}

QSize NeuronPlot::minimumSizeHint() const {
  const Columns at = columns(0);
  return {static_cast<int>(at.share + at.share_width + kNeuronEdge), sizeHint().height()};
}

QSize NeuronPlot::picture_size() const { return {std::max(width(), kNeuronPictureWidth), sizeHint().height()}; }

void NeuronPlot::draw_titles(QPainter& painter, const Columns& at, bool picture) const {
  const QFontMetricsF metrics(figures(kNeuronPoints));
  const auto title = [&](double left, double wide, const QString& words, Qt::AlignmentFlag side) {
    painter.drawText(QRectF(left, at.top, wide, at.row), side | Qt::AlignVCenter, metrics.elidedText(words, Qt::ElideRight, wide));
  };
  painter.setPen(skin().dim);
  title(at.k, at.strip, text("q, k · ±{0}", significant(static_cast<double>(largest_input_), 3)), Qt::AlignLeft);
  title(at.product, at.strip, text("q × k · ±{0}", significant(static_cast<double>(largest_product_), 3)), Qt::AlignLeft);
  title(at.score, at.score_width, text("score"), Qt::AlignRight);
  title(at.share, at.share_width, text("share"), Qt::AlignRight);
  const double y = at.y_of(-1);
  painter.setPen(picture ? skin().text : skin().accent);
  const QString name = QStringLiteral("q ") + name_of_key(rows_->query);
  painter.drawText(QRectF(kNeuronEdge, y, at.names, at.row), Qt::AlignRight | Qt::AlignVCenter,
                   metrics.elidedText(name, Qt::ElideRight, at.names));
  draw_strip(painter, {at.k, y + 1, at.strip, at.row - 3}, rows_->d_head, largest_input_,
             [&](int i) { return rows_->q[static_cast<std::size_t>(i)]; });
}

void NeuronPlot::draw_number(QPainter& painter, const QRectF& box, double share, const QColor& ink, const QString& words) const {
  if (std::isfinite(share)) {
    QColor faint = ink;
    faint.setAlphaF(0.3F);
    painter.fillRect(QRectF(box.left(), box.top(), box.width() * std::clamp(share, 0.0, 1.0), box.height()), faint);
  }
  painter.setPen(skin().text);
  painter.drawText(box.adjusted(0, 0, -2, 0), Qt::AlignRight | Qt::AlignVCenter, words);
}

void NeuronPlot::draw_key(QPainter& painter, const Columns& at, int key, bool picture) const {
  const QFontMetricsF metrics(figures(kNeuronPoints));
  const double y = at.y_of(key), high = at.row - 3;
  painter.setPen(key == key_ && !picture ? skin().accent : skin().text);
  painter.drawText(QRectF(kNeuronEdge, y, at.names, at.row), Qt::AlignRight | Qt::AlignVCenter,
                   metrics.elidedText(QStringLiteral("k ") + name_of_key(key), Qt::ElideRight, at.names));
  draw_strip(painter, {at.k, y + 1, at.strip, high}, rows_->d_head, largest_input_, [&](int i) { return rows_->k_at(key, i); });
  draw_strip(painter, {at.product, y + 1, at.strip, high}, rows_->d_head, largest_product_, [&](int i) { return rows_->product(key, i); });
  const auto score = static_cast<double>(rows_->scores[static_cast<std::size_t>(key)]);
  const auto weight = static_cast<double>(rows_->weights[static_cast<std::size_t>(key)]);
  const double part = largest_score_ > 0 ? std::abs(score) / static_cast<double>(largest_score_) : 0;
  draw_number(painter, {at.score, y + 1, at.score_width, high}, part, score < 0 ? skin().negative : skin().positive,
              signed_number(score, 2));
  draw_number(painter, {at.share, y + 1, at.share_width, high}, weight, skin().accent, percent(weight));
}

void NeuronPlot::draw(QPainter& painter, QSizeF size, bool picture) const {
  if (!rows_) return;
  const Columns at = columns(size.width());
  painter.setFont(figures(kNeuronPoints));
  painter.setRenderHint(QPainter::Antialiasing, false);
  draw_titles(painter, at, picture);
  // Of a long prompt the rows that show are drawn, each of which has some hundred cells.
  const QRectF clip = painter.hasClipping() ? painter.clipBoundingRect() : QRectF({0, 0}, size);
  for (int key = 0; key < count(); ++key)
    if (at.y_of(key + 1) >= clip.top() && at.y_of(key) <= clip.bottom()) draw_key(painter, at, key, picture);
  painter.setRenderHint(QPainter::Antialiasing);
  if (picture) return;
  if (key_ >= 0) draw_focus(painter, key_row(key_).adjusted(2, 0, -2, -1), 3);
  if (key_ < 0 || element_ < 0) return;
  // The element runs through q, k and the product of the current key.
  constexpr double kLeastMark = 3;
  const double cell = at.strip / rows_->d_head;
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(skin().accent, 1));
  for (const auto& [left, y] : {std::pair{at.k, at.y_of(-1)}, std::pair{at.k, at.y_of(key_)}, std::pair{at.product, at.y_of(key_)}})
    painter.drawRect(QRectF(left + element_ * cell - 1, y, std::max(kLeastMark, cell) + 1, at.row - 1));
}

std::string NeuronPlot::csv() const {
  std::string lines = "query,key,token,element,q,k,product,score,share\n";
  for (int key = 0; key < count(); ++key) {
    const auto at = static_cast<std::size_t>(key);
    const std::string start = std::to_string(rows_->query) + "," + std::to_string(key) + "," + csv_quoted(tokens_.value(key).toStdString());
    const std::string end = "," + numbers::exact(rows_->scores[at]) + "," + numbers::exact(rows_->weights[at]) + "\n";
    for (int i = 0; i < rows_->d_head; ++i)
      lines += start + "," + std::to_string(i) + "," + numbers::exact(rows_->q[static_cast<std::size_t>(i)]) + "," +
               numbers::exact(rows_->k_at(key, i)) + "," + numbers::exact(rows_->product(key, i)) + end;
  }
  return lines;
}

NeuronPlot::Spot NeuronPlot::spot_at(QPointF point) const {
  if (!rows_) return {};
  const Columns at = columns(width());
  const int row = static_cast<int>(std::floor((point.y() - at.top) / at.row)) - 2;  // -1: that of q
  if (row < -1 || row >= count()) return {};
  Spot spot{row >= 0 ? row : key_, -1};
  for (const double left : {at.k, at.product}) {
    const int element = static_cast<int>(std::floor((point.x() - left) / at.strip * rows_->d_head));
    if (element >= 0 && element < rows_->d_head) spot.element = element;
  }
  return spot;
}

void NeuronPlot::point_at(QPoint point) {
  const Spot spot = spot_at(point);
  if (spot.key >= 0) move_to(spot.key, spot.element);
}

QPoint NeuronPlot::menu_place() const { return key_ >= 0 ? key_row(key_).center().toPoint() : rect().center(); }

void NeuronPlot::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  const Spot spot = spot_at(event->position());
  if (spot.key < 0) return;
  move_to(spot.key, spot.element);
  if (on_select) on_select(key_);
}

void NeuronPlot::keyPressEvent(QKeyEvent* event) {
  if (count() == 0) return Plot::keyPressEvent(event);
  switch (event->key()) {
    case Qt::Key_Up:
    case Qt::Key_Down: {
      const int first = rows_->query;  // the query's own key
      return move_to(key_ < 0 ? first : std::clamp(key_ + (event->key() == Qt::Key_Up ? -1 : 1), 0, count() - 1), element_);
    }
    case Qt::Key_Left:
    case Qt::Key_Right: {
      const int element = element_ < 0 ? 0 : element_ + (event->key() == Qt::Key_Left ? -1 : 1);
      return move_to(std::max(0, key_), std::max(0, element));
    }
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (key_ >= 0 && on_select) on_select(key_);
      return;
    case Qt::Key_Delete:
      if (!event->isAutoRepeat() && key_ >= 0 && on_cut) on_cut(key_);
      return;
    default: Plot::keyPressEvent(event);
  }
}

Plot::Hint NeuronPlot::hint_at(QPoint point) const {
  const Spot spot = spot_at(point);
  return spot.key >= 0 ? Hint{words_of(spot.key, spot.element)} : Hint{};
}

}  // namespace gf::ui
