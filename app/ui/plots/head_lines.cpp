#include "app/ui/plots/head_lines.h"

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
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

constexpr double kLinesPoints = 9, kLinesEdge = 4, kLeastWeight = 0.01, kThickest = 5, kMostOfColumn = 0.36;

}  // namespace

HeadLines::HeadLines(QWidget* parent) : Plot(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred); }

void HeadLines::set_matrix(MatrixOf matrix) {
  if (matrix == matrix_) return;
  matrix_ = std::move(matrix);
  if (query_ >= count()) query_ = key_ = -1;
  updateGeometry();
  update();
}

void HeadLines::set_current(int query, int key) {
  if (query >= count() || query < 0 || key > query) query = key = -1;
  if (query == query_ && key == key_) return;
  query_ = query;
  key_ = key;
  if (query_ >= 0 && key_ >= 0) {
    say_current(
        text("{0} looks at {1} with {2}", matrix_.rows[query_], matrix_.columns[key_], percent(static_cast<double>(weight(query_, key_)))));
    if (on_current) on_current(token_rect(true, query_).toAlignedRect());
  }
  update();
}

float HeadLines::weight(int query, int key) const { return matrix_.values[static_cast<std::size_t>(query * count() + key)]; }

int HeadLines::key_of(int query) const {
  int most = 0;
  for (int key = 1; key <= query; ++key)
    if (std::abs(weight(query, key)) > std::abs(weight(query, most))) most = key;
  return most;
}

double HeadLines::row_height() const { return std::ceil(QFontMetricsF(figures(kLinesPoints)).height()) + 3; }

double HeadLines::column_width(double width) const {
  const QFontMetricsF metrics(figures(kLinesPoints));
  double widest = 0;
  for (const QString& name : matrix_.rows) widest = std::max(widest, metrics.horizontalAdvance(name));
  return std::min(widest + 2 * kLinesEdge, width * kMostOfColumn);
}

QRectF HeadLines::token_rect(bool query, int index) const {
  const double wide = column_width(width());
  return {query ? 0 : width() - wide, kLinesEdge + index * row_height(), wide, row_height()};
}

QSize HeadLines::sizeHint() const { return {300, static_cast<int>(2 * kLinesEdge + count() * row_height())}; }
QSize HeadLines::minimumSizeHint() const { return {180, sizeHint().height()}; }

void HeadLines::draw(QPainter& painter, QSizeF size, bool picture) const {
  const double wide = column_width(size.width()), high = row_height();
  const auto y_of = [&](int index) { return kLinesEdge + (index + 0.5) * high; };
  const auto line = [&](int query, int key, bool strong) {
    const float w = weight(query, key);
    const double share = matrix_.largest > 0 ? std::abs(static_cast<double>(w)) / static_cast<double>(matrix_.largest) : 0;
    if (!(share >= kLeastWeight)) return;
    QColor colour = strong ? skin().accent : w < 0 ? skin().negative : skin().positive;
    colour.setAlphaF(static_cast<float>(std::clamp(strong ? 0.35 + 0.65 * share : query_ >= 0 ? 0.2 * share : 0.8 * share, 0.0, 1.0)));
    painter.setPen(QPen(colour, std::max(1.0, kThickest * share), Qt::SolidLine, Qt::RoundCap));
    QPainterPath path({wide, y_of(query)});
    const double middle = size.width() / 2;
    path.cubicTo(middle, y_of(query), middle, y_of(key), size.width() - wide, y_of(key));
    painter.drawPath(path);
  };
  painter.setBrush(Qt::NoBrush);
  for (int query = 0; query < count(); ++query)
    for (int key = 0; key <= query && query != query_; ++key) line(query, key, false);
  for (int key = 0; key <= query_; ++key) line(query_, key, true);
  painter.setFont(figures(kLinesPoints));
  const QFontMetricsF metrics(figures(kLinesPoints));
  for (int i = 0; i < count(); ++i) {
    const QRectF left(kLinesEdge, y_of(i) - high / 2, wide - 2 * kLinesEdge, high);
    const QRectF right(size.width() - wide + kLinesEdge, left.top(), left.width(), high);
    painter.setPen(i == query_ && !picture ? skin().accent : skin().text);
    painter.drawText(left, Qt::AlignRight | Qt::AlignVCenter, metrics.elidedText(matrix_.rows[i], Qt::ElideRight, left.width()));
    painter.setPen(i == key_ && !picture ? skin().accent : skin().text);
    painter.drawText(right, Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(matrix_.columns[i], Qt::ElideRight, right.width()));
  }
  if (!picture && hasFocus() && query_ >= 0) draw_focus(painter, token_rect(true, query_).adjusted(1, 1, -1, -1), 4);
}

std::string HeadLines::csv() const {
  std::string rows = matrix_.row_axis + "," + matrix_.column_axis + "," + matrix_.value_name + "\n";
  for (int query = 0; query < count(); ++query)
    for (int key = 0; key <= query; ++key)
      rows += std::to_string(query) + "," + std::to_string(key) + "," + numbers::exact(weight(query, key)) + "\n";
  return rows;
}

void HeadLines::point_at(QPoint point) {
  const int row = static_cast<int>(std::floor((point.y() - kLinesEdge) / row_height()));
  if (row < 0 || row >= count()) return;
  if (point.x() < width() / 2) set_current(row, key_of(row));
  else if (query_ >= row) set_current(query_, row);
}

void HeadLines::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  point_at(event->position().toPoint());
  if (query_ >= 0 && key_ >= 0 && on_select) on_select(query_, key_);
}

void HeadLines::keyPressEvent(QKeyEvent* event) {
  if (count() == 0) return Plot::keyPressEvent(event);
  switch (event->key()) {
    case Qt::Key_Up:
    case Qt::Key_Down: {
      const int query = std::clamp(query_ + (event->key() == Qt::Key_Up ? -1 : 1), 0, count() - 1);
      return set_current(query, key_of(query));
    }
    case Qt::Key_Left:
      if (query_ >= 0) set_current(query_, std::max(0, key_ - 1));
      return;
    case Qt::Key_Right:
      if (query_ >= 0) set_current(query_, std::min(query_, key_ + 1));
      return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (query_ >= 0 && key_ >= 0 && on_select) on_select(query_, key_);
      return;
    case Qt::Key_Delete:
      if (!event->isAutoRepeat() && query_ >= 0 && key_ >= 0 && on_cut) on_cut(query_, key_);
      return;
    default: Plot::keyPressEvent(event);
  }
}

}  // namespace gf::ui
