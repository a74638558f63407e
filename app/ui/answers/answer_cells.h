// A sheet as a model for Qt's tables.
#pragma once

#include <QAbstractTableModel>
#include <QFont>
#include <QStyledItemDelegate>

#include "app/ui/answers/answer_sheet.h"

namespace gf::ui {

class AnswerCells : public QAbstractTableModel {
 public:
  void set_sheet(const AnswerSheet* sheet);  ///< it lives until the next call
  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  const AnswerSheet* sheet_ = nullptr;
};

/// Draws a cell on its colour, which a style sheet would hide; the selected cell has a frame. Where a number
/// has no room, its letters are smaller.
class AnswerCellPainter : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

[[nodiscard]] QFont answer_cell_font();
/// The least and the usual width of a column of numbers, in pixels.
[[nodiscard]] int least_cell_width(const AnswerSheet& sheet);
[[nodiscard]] int usual_cell_width(const AnswerSheet& sheet);

/// A cell in words: "layer 4, head 3: 0.31 nats".
[[nodiscard]] QString cell_words(const AnswerSheet& sheet, int row, int column);

}  // namespace gf::ui
