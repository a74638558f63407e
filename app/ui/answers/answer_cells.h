// A sheet as a model for Qt's tables, and as a curve.
#pragma once

#include <QAbstractTableModel>
#include <QStyledItemDelegate>
#include <QWidget>
#include <functional>

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

/// Draws a cell on its colour, which a style sheet would hide; the selected cell has a frame.
class AnswerCellPainter : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

/// The row of a Line sheet as a curve; a click selects a column.
class AnswerLine : public QWidget {
 public:
  explicit AnswerLine(QWidget* parent);
  void set_sheet(const AnswerSheet* sheet);
  void set_cursor(int column);
  std::function<void(int column)> on_select;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;

 private:
  [[nodiscard]] double x_of(int column) const;
  const AnswerSheet* sheet_ = nullptr;
  int cursor_ = -1;
};

/// A cell in words: "layer 4, head 3: 0.31 nats".
[[nodiscard]] QString cell_words(const AnswerSheet& sheet, int row, int column);

}  // namespace gf::ui
