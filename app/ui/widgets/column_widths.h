// The widths of a table's columns, from its texts.
#pragma once

class QFont;
class QTableView;

namespace gf::ui {

/// Makes each column as wide as its widest text in this font and its name in the header. QTableView::resizeColumnsToContents() asks
/// the style for each cell, which takes ten times as long: a table of some thousand cells would keep the window's thread.
void fit_columns_to_texts(QTableView& table, const QFont& font);

}  // namespace gf::ui
