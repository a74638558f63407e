#include "app/ui/answers/answer_cells.h"

#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>
#include <limits>

#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

constexpr double kLeft = 46, kRight = 12, kTop = 10, kBottom = 20;

/// Invalid for NaN, which has no colour.
QVariant colour_of(const AnswerSheet& sheet, const AnswerSheet::Cell& cell) {
  if (sheet.kind == AnswerSheet::Kind::Records || !cell.value || std::isnan(*cell.value)) return {};
  return heat(*cell.value, sheet.largest, sheet.is_signed ? render::ColorMap::Signed : render::ColorMap::Sequential);
}

}  // namespace

QString cell_words(const AnswerSheet& sheet, int row, int column) {
  const AnswerSheet::Cell& cell = sheet.at(row, column);
  const auto axis = [](const std::string& name, const QString& index) { return QString::fromStdString(name) + QLatin1Char(' ') + index; };
  if (sheet.kind == AnswerSheet::Kind::Records) return QStringLiteral("%1, %2: %3").arg(sheet.rows[row], sheet.columns[column], cell.text);
  QString place = axis(sheet.column_axis, sheet.columns[column]);
  if (!sheet.row_axis.empty()) place = axis(sheet.row_axis, sheet.rows[row]) + QStringLiteral(", ") + place;
  const bool token = cell.value && cell.text != QString::fromStdString(numbers::cell(*cell.value));
  QString what = token ? QStringLiteral("“%1” %2").arg(cell.text, significant(static_cast<double>(*cell.value), 4)) : cell.text;
  if (cell.value && !token) what = significant(static_cast<double>(*cell.value), 4);
  return place + QStringLiteral(": ") + what + (sheet.unit.isEmpty() ? QString() : QLatin1Char(' ') + sheet.unit);
}

void AnswerCells::set_sheet(const AnswerSheet* sheet) {
  beginResetModel();
  sheet_ = sheet;
  endResetModel();
}

int AnswerCells::rowCount(const QModelIndex& parent) const {
  return parent.isValid() || !sheet_ || sheet_->columns.isEmpty() ? 0 : static_cast<int>(sheet_->rows.size());
}
int AnswerCells::columnCount(const QModelIndex& parent) const {
  return parent.isValid() || !sheet_ ? 0 : static_cast<int>(sheet_->columns.size());
}

QVariant AnswerCells::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || !sheet_) return {};
  const AnswerSheet::Cell& cell = sheet_->at(index.row(), index.column());
  switch (role) {
    case Qt::DisplayRole: return cell.text;
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole: return cell_words(*sheet_, index.row(), index.column());
    case Qt::BackgroundRole: return colour_of(*sheet_, cell);
    case Qt::ForegroundRole: {
      const QVariant ground = colour_of(*sheet_, cell);
      return ground.isValid() ? ink_on(ground.value<QColor>()) : skin().text;
    }
    case Qt::FontRole: return figures(8.5);
    case Qt::TextAlignmentRole: return QVariant(Qt::AlignCenter);
    default: return {};
  }
}

QVariant AnswerCells::headerData(int section, Qt::Orientation orientation, int role) const {
  if (!sheet_ || role != Qt::DisplayRole) return {};
  return orientation == Qt::Horizontal ? sheet_->columns.value(section) : sheet_->rows.value(section);
}

void AnswerCellPainter::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const QVariant ground = index.data(Qt::BackgroundRole);
  const QRect box = option.rect.adjusted(0, 0, -1, -1);
  painter->save();
  if (ground.isValid()) painter->fillRect(box, ground.value<QColor>());
  painter->setFont(index.data(Qt::FontRole).value<QFont>());
  painter->setPen(index.data(Qt::ForegroundRole).value<QColor>());
  painter->drawText(box, Qt::AlignCenter, index.data(Qt::DisplayRole).toString());
  if (option.state.testFlag(QStyle::State_Selected)) draw_focus(*painter, QRectF(box).adjusted(1, 1, -1, -1), 3);
  painter->restore();
}

AnswerLine::AnswerLine(QWidget* parent) : QWidget(parent) {
  setMinimumHeight(120);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void AnswerLine::set_sheet(const AnswerSheet* sheet) {
  sheet_ = sheet;
  update();
}

void AnswerLine::set_cursor(int column) {
  cursor_ = column;
  update();
}

double AnswerLine::x_of(int column) const {
  const auto n = std::max<qsizetype>(1, sheet_->columns.size() - 1);
  return kLeft + (width() - kLeft - kRight) * column / static_cast<double>(n);
}

void AnswerLine::paintEvent(QPaintEvent*) {
  if (!sheet_ || sheet_->cells.empty()) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  float low = std::numeric_limits<float>::infinity(), high = -low;
  for (const auto& cell : sheet_->cells)
    if (cell.value && std::isfinite(*cell.value)) {
      low = std::min(low, *cell.value);
      high = std::max(high, *cell.value);
    }
  if (!(low <= high)) return;
  low = std::min(low, 0.0F);
  if (low == high) high = low + 1;
  const auto y_of = [&](float v) { return kTop + (height() - kTop - kBottom) * static_cast<double>((high - v) / (high - low)); };
  painter.setFont(figures(7.5));
  painter.setPen(skin().dim);
  for (const float v : {low, high})
    painter.drawText(QRectF(0, y_of(v) - 8, kLeft - 6, 16), Qt::AlignRight | Qt::AlignVCenter, QString::fromStdString(numbers::cell(v)));
  painter.setPen(QPen(skin().line, 1));
  painter.drawLine(QPointF(kLeft, y_of(0)), QPointF(width() - kRight, y_of(0)));
  const int columns = static_cast<int>(sheet_->columns.size());
  QPainterPath curve;
  bool open = false;
  for (int c = 0; c < columns; ++c) {
    const auto& value = sheet_->at(0, c).value;
    if (!value || !std::isfinite(*value)) {
      open = false;  // the curve has a gap where there is no number
      continue;
    }
    const QPointF at(x_of(c), y_of(*value));
    open ? curve.lineTo(at) : curve.moveTo(at);
    open = true;
    painter.setPen(Qt::NoPen);
    painter.setBrush(c == cursor_ ? skin().accent : skin().positive);
    painter.drawEllipse(at, c == cursor_ ? 4.5 : 3, c == cursor_ ? 4.5 : 3);
  }
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(skin().positive, 1.6));
  painter.drawPath(curve);
  painter.setPen(skin().dim);
  const int every = std::max(1, columns * 26 / std::max(1, width()));
  for (int c = 0; c < columns; c += every)
    painter.drawText(QRectF(x_of(c) - 20, height() - kBottom + 3, 40, 14), Qt::AlignCenter, QString::number(c));
}

void AnswerLine::mousePressEvent(QMouseEvent* event) {
  if (!sheet_ || sheet_->columns.isEmpty() || !on_select) return;
  const double share = (event->position().x() - kLeft) / std::max(1.0, width() - kLeft - kRight);
  const auto last = static_cast<int>(sheet_->columns.size()) - 1;
  on_select(std::clamp(static_cast<int>(std::lround(share * last)), 0, last));
}

}  // namespace gf::ui
