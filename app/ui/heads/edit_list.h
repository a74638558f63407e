// The recipe as cards. Each card has a switch, the operation, its strength, its receipt and a button to remove it.
#pragma once

#include <QWidget>
#include <vector>

#include "app/document/lab.h"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QVBoxLayout;

namespace gf::ui {

class Switch;

class EditList : public QWidget {
 public:
  explicit EditList(doc::Lab& lab, QWidget* parent = nullptr);
  void refresh();

 private:
  struct Row {
    QWidget* card;
    Switch* on;
    QLabel *title, *words, *receipt;
    QComboBox* op;
    QDoubleSpinBox* factor;
  };
  Row make_row(std::size_t index);
  void fill_row(std::size_t index);
  void set_op(std::size_t index, int choice);
  void set_factor(std::size_t index, double factor);

  doc::Lab& lab_;
  QVBoxLayout* layout_;
  std::vector<Row> rows_;
  QLabel* more_;
};

}  // namespace gf::ui
