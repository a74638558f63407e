// Any answer on the screen, by its axes: a grid, a matrix, a table of tokens, a line, records, a number.
#pragma once

#include <QWidget>
#include <functional>
#include <memory>

#include "app/ui/answers/answer_sheet.h"

class QComboBox;
class QHBoxLayout;
class QLabel;
class QSpinBox;
class QTableView;

namespace gf::ui {

class AnswerCells;
class AnswerLine;

/// The part and the held axes are chosen above it; arrow keys move a cursor over the cells, Ctrl+C copies the part as CSV.
class AnswerView : public QWidget {
 public:
  /// `name`: its object names begin with it, and it is called so aloud.
  AnswerView(const QString& name, QWidget* parent);
  ~AnswerView() override;
  AnswerView(const AnswerView&) = delete;
  AnswerView& operator=(const AnswerView&) = delete;

  /// Part and held axes stay where they are, if the new answer has them. `question`: null: unknown.
  void show_answer(std::shared_ptr<const Answer> answer, const Question* question, AnswerOf of);
  void show_part(const std::string& part);
  [[nodiscard]] const std::string& part() const { return part_; }
  /// Moves cursor and held axes there, as far as they are among its axes; tells nobody.
  void follow(const AnswerPlace& place);
  [[nodiscard]] const AnswerSheet& sheet() const { return sheet_; }
  /// The shown part.
  [[nodiscard]] std::string csv() const;

  std::function<void(const AnswerPlace&)> on_select;  ///< by click or key: all axes of the cell

 private:
  struct Held {
    std::string axis;
    QLabel* label;
    QSpinBox* index;
  };
  void choose_part(const std::string& part);
  void make_held();
  void show_sheet();
  void say_caption();
  void selected(int row, int column);
  void copy();
  [[nodiscard]] const PartInfo* info() const;

  QString name_;
  std::shared_ptr<const Answer> answer_;
  const Question* question_ = nullptr;
  AnswerOf of_;
  std::string part_;
  AnswerSheet sheet_;
  AnswerPlace place_;   ///< held axes, and where the cursor is to be
  bool quiet_ = false;  ///< what moves now is not by the user

  QComboBox* parts_;
  QHBoxLayout* held_row_;
  std::vector<Held> held_;
  QLabel *caption_, *sentence_;
  AnswerLine* line_;
  QTableView* table_;
  std::unique_ptr<AnswerCells> cells_;
};

}  // namespace gf::ui
