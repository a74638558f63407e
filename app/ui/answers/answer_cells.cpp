#include "app/ui/answers/answer_cells.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QSet>
#include <algorithm>
#include <cmath>

#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

/// Invalid for NaN, which has no colour.
QVariant colour_of(const AnswerSheet& sheet, const AnswerSheet::Cell& cell) {
  if (sheet.kind == AnswerSheet::Kind::Records || !cell.value || std::isnan(*cell.value)) return {};
  return heat(*cell.value, sheet.largest, sheet.is_signed ? render::ColorMap::Signed : render::ColorMap::Sequential);
}

constexpr double kCellPoints = 8.5, kSmallCellPoints = 7, kHeadPoints = 9.75;

double widest_cell(const AnswerSheet& sheet, double points) {
  const QFontMetricsF metrics(figures(points));
  double widest = 0;
  QSet<QStringView> measured;  // measuring costs much more than looking up, and thousands of cells say the same
  for (const AnswerSheet::Cell& cell : sheet.cells) {
    if (measured.contains(cell.text)) continue;
    measured.insert(cell.text);
    widest = std::max(widest, metrics.horizontalAdvance(cell.text));
  }
  const QFontMetricsF head(font_of(kHeadPoints));
  for (const QString& name : sheet.columns) widest = std::max(widest, head.horizontalAdvance(name));
  return widest;
}

}  // namespace

QFont answer_cell_font() { return figures(kCellPoints); }
int least_cell_width(const AnswerSheet& sheet) { return static_cast<int>(std::ceil(widest_cell(sheet, kSmallCellPoints))) + 3; }
int usual_cell_width(const AnswerSheet& sheet) { return static_cast<int>(std::ceil(widest_cell(sheet, kCellPoints))) + 14; }

QString cell_words(const AnswerSheet& sheet, int row, int column) {
  const AnswerSheet::Cell& cell = sheet.at(row, column);
  const auto axis = [](const std::string& name, const QString& index) { return axis_words(name) + QLatin1Char(' ') + index; };
  if (sheet.kind == AnswerSheet::Kind::Records) return text("{0}, {1}: {2}", sheet.rows[row], sheet.columns[column], cell.text);
  QString place = axis(sheet.column_axis, sheet.columns[column]);
  if (!sheet.row_axis.empty()) place = text("{0}, {1}", axis(sheet.row_axis, sheet.rows[row]), place);
  const bool token = cell.value && cell.text != QString::fromStdString(numbers::cell(*cell.value));
  QString what = token ? QStringLiteral("“%1” %2").arg(cell.text, significant(static_cast<double>(*cell.value), 4)) : cell.text;
  if (cell.value && !token) what = significant(static_cast<double>(*cell.value), 4);
  return text("{0}: {1}", place, what + (sheet.unit.isEmpty() ? QString() : QLatin1Char(' ') + sheet.unit));
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
    case Qt::FontRole: return answer_cell_font();
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
  const QString said = index.data(Qt::DisplayRole).toString();
  QFont font = index.data(Qt::FontRole).value<QFont>();
  if (QFontMetricsF(font).horizontalAdvance(said) > box.width()) font = figures(kSmallCellPoints);
  painter->setFont(font);
  painter->setPen(index.data(Qt::ForegroundRole).value<QColor>());
  painter->drawText(box, Qt::AlignCenter, said);
  if (option.state.testFlag(QStyle::State_Selected)) draw_focus(*painter, QRectF(box).adjusted(1, 1, -1, -1), 3);
  painter->restore();
}

}  // namespace gf::ui
