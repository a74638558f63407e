#include "app/ui/widgets/column_widths.h"

#include <QFontMetricsF>
#include <QHash>
#include <QHeaderView>
#include <QTableView>
#include <algorithm>
#include <cmath>

namespace gf::ui {

void fit_columns_to_texts(QTableView& table, const QFont& font) {
  constexpr int kAroundText = 14;  // the style sheet's padding, and what Qt leaves beside an item's text
  const QAbstractItemModel& model = *table.model();
  const QFontMetricsF metrics(font);
  QHeaderView& header = *table.horizontalHeader();
  QHash<QString, double> measured;  // measuring costs more than looking up, and many cells say the same
  const auto width_of = [&](const QString& said) {
    const auto known = measured.constFind(said);
    return known != measured.cend() ? *known : *measured.insert(said, metrics.horizontalAdvance(said));
  };
  for (int column = 0; column < model.columnCount(); ++column) {
    if (table.isColumnHidden(column)) continue;
    double widest = 0;
    for (int row = 0; row < model.rowCount(); ++row)
      widest = std::max(widest, width_of(model.index(row, column).data(Qt::DisplayRole).toString()));
    const int width = std::max(static_cast<int>(std::ceil(widest)) + kAroundText, header.sectionSizeHint(column));
    if (header.sectionSize(column) != width) header.resizeSection(column, width);
  }
}

}  // namespace gf::ui
