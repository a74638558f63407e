#include "app/ui/plots/matrix_plot.h"

#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/csv.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

constexpr double kMatrixPoints = 8, kMatrixEdge = 6, kMostOfMatrixNames = 0.28, kLargestPitch = 48;
constexpr double kNameShare = 0.9;  ///< of a line's height: names that are so far apart can be read
/// Cells from this width on are drawn as rectangles, which stay sharp in SVG and PDF, and have their numbers in them if they fit.
constexpr double kSharpPitch = 4;

}  // namespace

MatrixPlot::MatrixPlot(QWidget* parent) : Plot(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding); }

void MatrixPlot::set_matrix(MatrixOf matrix) {
  if (matrix == matrix_) return;
  matrix_ = std::move(matrix);
  image_ = {};
  if (!is_cell(row_, column_)) row_ = column_ = -1;
  update();
}

bool MatrixPlot::is_cell(int row, int column) const {
  if (row < 0 || column < 0 || row >= rows() || column >= columns()) return false;
  return !std::isnan(matrix_.values[static_cast<std::size_t>(row * columns() + column)]);
}

void MatrixPlot::set_current(int row, int column) {
  if (!is_cell(row, column)) row = column = -1;
  if (row == row_ && column == column_) return;
  row_ = row;
  column_ = column;
  if (row >= 0) say_current(words_of(row, column));
  update();
}

QString MatrixPlot::words_of(int row, int column) const {
  const float value = matrix_.values[static_cast<std::size_t>(row * columns() + column)];
  return QStringLiteral("%1 %2, %3 %4: %5 %6")
      .arg(QString::fromStdString(matrix_.row_axis), matrix_.rows[row], QString::fromStdString(matrix_.column_axis),
           matrix_.columns[column], significant(static_cast<double>(value), 4), QString::fromStdString(matrix_.value_name))
      .trimmed();
}

MatrixPlot::Room MatrixPlot::room(QSizeF size) const {
  const QFontMetricsF metrics(figures(kMatrixPoints));
  const auto widest = [&](const QStringList& names) {
    double most = 0;
    for (const QString& name : names) most = std::max(most, metrics.horizontalAdvance(name));
    return most;
  };
  const double left = std::min(widest(matrix_.rows), size.width() * kMostOfMatrixNames) + 2 * kMatrixEdge;
  const double top = std::max(metrics.height(), std::min(widest(matrix_.columns), size.height() * kMostOfMatrixNames)) + 2 * kMatrixEdge;
  const double across = std::max(1.0, size.width() - left - kMatrixEdge), down = std::max(1.0, size.height() - top - kMatrixEdge);
  const double pitch_x = std::min(kLargestPitch, across / std::max(1, columns()));
  const double pitch_y = std::min(kLargestPitch, down / std::max(1, rows()));
  // Square cells where both axes have the same names, as in a pattern.
  const bool square = matrix_.rows.size() == matrix_.columns.size();
  const double pitch = std::min(pitch_x, pitch_y);
  const double x = square ? pitch : pitch_x, y = square ? pitch : std::min(pitch_y, 26.0);
  return {{left, top, x * columns(), y * rows()}, x, y};
}

int MatrixPlot::height_for_names(int most_rows) const {
  const QFontMetricsF metrics(figures(kMatrixPoints));
  const double rows_high = std::ceil(metrics.height() * kNameShare) * std::min(rows(), most_rows) + kMatrixEdge;
  double widest = 0;
  for (const QString& name : matrix_.columns) widest = std::max(widest, metrics.horizontalAdvance(name));
  // The names of the columns take at most their share of the height.
  const double above = std::min(widest, rows_high * kMostOfMatrixNames / (1 - kMostOfMatrixNames)) + 2 * kMatrixEdge;
  return std::max(minimumSizeHint().height(), static_cast<int>(std::ceil(rows_high + above + 2 * kMatrixEdge)));
}

QRectF MatrixPlot::cell_rect(int row, int column) const {
  const Room in = room(size());
  return {in.cells.left() + column * in.pitch_x, in.cells.top() + row * in.pitch_y, in.pitch_x, in.pitch_y};
}

bool MatrixPlot::cell_at(QPointF point, int& row, int& column) const {
  const Room in = room(size());
  column = static_cast<int>(std::floor((point.x() - in.cells.left()) / in.pitch_x));
  row = static_cast<int>(std::floor((point.y() - in.cells.top()) / in.pitch_y));
  return is_cell(row, column);
}

void MatrixPlot::make_image() const {
  image_ = QImage(std::max(1, columns()), std::max(1, rows()), QImage::Format_ARGB32);
  image_.fill(Qt::transparent);
  light_ = worn_theme() == render::Theme::Light;
  const auto map = matrix_.is_signed ? render::ColorMap::Signed : render::ColorMap::Sequential;
  // A table, because a long prompt's pattern has a million cells.
  constexpr int kSteps = 511;
  std::array<QRgb, kSteps> colours{};
  for (int i = 0; i < kSteps; ++i)
    colours[static_cast<std::size_t>(i)] = heat((static_cast<float>(i) / ((kSteps - 1) / 2.0F)) - 1.0F, 1.0F, map).rgb();
  for (int r = 0; r < rows(); ++r) {
    auto* line = reinterpret_cast<QRgb*>(image_.scanLine(r));
    for (int c = 0; c < columns(); ++c) {
      const float value = matrix_.values[static_cast<std::size_t>(r * columns() + c)];
      if (std::isnan(value)) continue;
      const float share = matrix_.largest > 0 ? std::clamp(value / matrix_.largest, -1.0F, 1.0F) : 0.0F;
      line[c] = colours[static_cast<std::size_t>(std::lround((share + 1.0F) * ((kSteps - 1) / 2.0F)))];
    }
  }
}

void MatrixPlot::draw_names(QPainter& painter, const Room& in, bool picture) const {
  const QFontMetricsF metrics(figures(kMatrixPoints));
  const auto every = [&](double pitch) { return std::max(1, static_cast<int>(std::ceil(metrics.height() * kNameShare / pitch))); };
  const auto ink = [&](bool current) { return current && !picture ? skin().accent : skin().text; };
  const int down = every(in.pitch_y), across = every(in.pitch_x);
  // Where not all names have room, every n-th one stands, and the current one in place of its neighbours.
  const auto has_room = [picture](int i, int current, int step) {
    if (picture || current < 0) return i % step == 0;
    return i == current || (i % step == 0 && std::abs(i - current) >= step);
  };
  for (int r = 0; r < rows(); ++r) {
    if (!has_room(r, row_, down)) continue;
    painter.setPen(ink(r == row_));
    const double y = in.cells.top() + (r + 0.5) * in.pitch_y, wide = in.cells.left() - 2 * kMatrixEdge;
    painter.drawText(QRectF(kMatrixEdge, y - metrics.height() / 2, wide, metrics.height()), Qt::AlignRight | Qt::AlignVCenter,
                     metrics.elidedText(matrix_.rows[r], Qt::ElideRight, wide));
  }
  // Names that are as narrow as their columns, such as the numbers of heads, need not be turned.
  const bool level = std::ranges::all_of(matrix_.columns,
                                         [&](const QString& name) { return metrics.horizontalAdvance(name) <= in.pitch_x - kMatrixEdge; });
  for (int c = 0; c < columns(); ++c) {
    if (!level && !has_room(c, column_, across)) continue;
    painter.setPen(ink(c == column_));
    if (level) {
      painter.drawText(QRectF(in.cells.left() + c * in.pitch_x, 0, in.pitch_x, in.cells.top() - kMatrixEdge),
                       Qt::AlignHCenter | Qt::AlignBottom, matrix_.columns[c]);
      continue;
    }
    painter.save();
    painter.translate(in.cells.left() + (c + 0.5) * in.pitch_x, in.cells.top() - kMatrixEdge);
    painter.rotate(-90);
    const double high = in.cells.top() - 2 * kMatrixEdge;
    painter.drawText(QRectF(0, -metrics.height() / 2, high, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(matrix_.columns[c], Qt::ElideRight, high));
    painter.restore();
  }
}

void MatrixPlot::draw(QPainter& painter, QSizeF size, bool picture) const {
  if (matrix_.values.empty()) return;
  if (image_.isNull() || light_ != (worn_theme() == render::Theme::Light)) make_image();
  const Room in = room(size);
  painter.setFont(figures(kMatrixPoints));
  draw_names(painter, in, picture);
  const bool sharp = std::min(in.pitch_x, in.pitch_y) >= kSharpPitch;
  if (!sharp) painter.drawImage(in.cells, image_);
  const QFontMetricsF metrics(figures(7));
  const bool numbered = in.pitch_x >= metrics.horizontalAdvance(QStringLiteral("-0.00")) + 3 && in.pitch_y >= metrics.height();
  if (numbered) painter.setFont(figures(7));
  painter.setRenderHint(QPainter::Antialiasing, false);
  for (int r = 0; sharp && r < rows(); ++r)
    for (int c = 0; c < columns(); ++c) {
      if (!is_cell(r, c)) continue;
      const QColor colour = image_.pixelColor(c, r);
      const double gap = in.pitch_x > 10 ? 1 : 0;
      const QRectF box(in.cells.left() + c * in.pitch_x, in.cells.top() + r * in.pitch_y, in.pitch_x - gap, in.pitch_y - gap);
      painter.fillRect(box, colour);
      if (!numbered) continue;
      painter.setPen(ink_on(colour));
      painter.drawText(box, Qt::AlignCenter,
                       QString::fromStdString(numbers::cell(matrix_.values[static_cast<std::size_t>(r * columns() + c)])));
    }
  painter.setRenderHint(QPainter::Antialiasing);
  if (row_ < 0 || picture) return;
  const QRectF box(in.cells.left() + column_ * in.pitch_x, in.cells.top() + row_ * in.pitch_y, in.pitch_x, in.pitch_y);
  constexpr double kLeast = 6;  // so that the frame of a tiny cell is seen
  draw_focus(painter, box.adjusted(-1, -1, std::max(0.0, kLeast - in.pitch_x), std::max(0.0, kLeast - in.pitch_y)), 2);
}

std::string MatrixPlot::csv() const {
  std::string rows_text =
      matrix_.row_axis + "," + matrix_.column_axis + "," + (matrix_.value_name.empty() ? "value" : matrix_.value_name) + "\n";
  for (int r = 0; r < rows(); ++r)
    for (int c = 0; c < columns(); ++c)
      if (is_cell(r, c))
        rows_text += csv_quoted(matrix_.rows[r].toStdString()) + "," + csv_quoted(matrix_.columns[c].toStdString()) + "," +
                     numbers::exact(matrix_.values[static_cast<std::size_t>(r * columns() + c)]) + "\n";
  return rows_text;
}

void MatrixPlot::point_at(QPoint point) {
  int row = -1, column = -1;
  if (cell_at(point, row, column)) set_current(row, column);
}

QPoint MatrixPlot::menu_place() const { return row_ >= 0 ? cell_rect(row_, column_).center().toPoint() : rect().center(); }

void MatrixPlot::mousePressEvent(QMouseEvent* event) {
  int row = -1, column = -1;
  if (event->button() != Qt::LeftButton || !cell_at(event->position(), row, column)) return;
  set_current(row, column);
  if (on_select) on_select(row, column);
}

void MatrixPlot::keyPressEvent(QKeyEvent* event) {
  int row = row_, column = column_;
  switch (event->key()) {
    case Qt::Key_Up: --row; break;
    case Qt::Key_Down: ++row; break;
    case Qt::Key_Left: --column; break;
    case Qt::Key_Right: ++column; break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (row_ >= 0 && on_select) on_select(row_, column_);
      return;
    case Qt::Key_Delete:
      if (!event->isAutoRepeat() && row_ >= 0 && on_cut) on_cut(row_, column_);
      return;
    default: Plot::keyPressEvent(event); return;
  }
  if (row_ < 0) row = column = 0;
  if (is_cell(row, column)) set_current(row, column);
}

Plot::Hint MatrixPlot::hint_at(QPoint point) const {
  int row = -1, column = -1;
  return cell_at(point, row, column) ? Hint{words_of(row, column), cell_rect(row, column).toAlignedRect()} : Hint{};
}

}  // namespace gf::ui
