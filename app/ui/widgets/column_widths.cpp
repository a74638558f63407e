#include "app/ui/widgets/column_widths.h"

#include <QFontMetricsF>
#include <QHeaderView>
#include <QSet>
#include <QTableView>
#include <algorithm>
#include <cmath>

namespace gf::ui {

void fit_columns_to_texts(QTableView& table, const QFont& font) {
  constexpr int kAroundText = 14;  // the style sheet's padding, and what Qt leaves beside an item's text
  const QAbstractItemModel& model = *table.model();
  const QFontMetricsF metrics(font);
  QHeaderView& header = *table.horizontalHeader();
  for (int column = 0; column < model.columnCount(); ++column) {
    if (table.isColumnHidden(column)) continue;
    double widest = 0;
    QSet<QString> measured;  // measuring costs more than looking up, and many cells say the same
    for (int row = 0; row < model.rowCount(); ++row) {
      const QString said = model.index(row, column).data(Qt::DisplayRole).toString();
      if (said.isEmpty() || measured.contains(said)) continue;
      measured.insert(said);
      widest = std::max(widest, metrics.horizontalAdvance(said));
    }
    const int width = std::max(static_cast<int>(std::ceil(widest)) + kAroundText, header.sectionSizeHint(column));
    if (header.sectionSize(column) != width) header.resizeSection(column, width);
  }
}

}  // namespace gf::ui
