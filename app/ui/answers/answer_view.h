// Shows any answer by its axes: as a grid, a matrix, a table of tokens, a line, records or a number.
#pragma once

#include <QWidget>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "app/ui/answers/answer_sheet.h"

class QComboBox;
class QHBoxLayout;
class QLabel;
class QSpinBox;
class QTableView;

namespace gf::ui {

class AnswerCells;
class CurvePlot;

/// The user chooses the part and the held axes above the cells; arrow keys move the cursor, Ctrl+C copies the part as CSV.
class AnswerView : public QWidget {
 public:
  /// `name`: the object names of its widgets begin with it.
  AnswerView(const QString& name, QWidget* parent);
  ~AnswerView() override;
  AnswerView(const AnswerView&) = delete;
  AnswerView& operator=(const AnswerView&) = delete;

  /// Keeps part and held axes, if the new answer has them. `question`: null: unknown.
  void show_answer(std::shared_ptr<const Answer> answer, const Question* question, AnswerOf of);
  void show_part(const std::string& part);
  /// Another widget lists this part, so that the view shows its name alone.
  void leave_to_another(std::string part) { listed_elsewhere_ = std::move(part); }
  /// Whether the view shows the cells of the present part itself.
  [[nodiscard]] bool lists_part() const { return part_ != listed_elsewhere_; }
  [[nodiscard]] const std::string& part() const { return part_; }
  /// Moves cursor and held axes to a place, for the axes that the part has. Does not call on_select.
  void follow(const AnswerPlace& place);
  [[nodiscard]] const AnswerSheet& sheet() const { return sheet_; }
  /// The shown part as CSV.
  [[nodiscard]] std::string csv() const;

  std::function<void(const AnswerPlace&)> on_select;    ///< the user chose a cell by click or key; has all its axes
  std::function<void(const AnswerPlace&)> on_activate;  ///< a double click or Enter on a cell
  std::function<void(const Error&)> on_error;           ///< a plot could not be saved
  std::function<void()> on_part;                        ///< another part, or another index of a held axis, shows
  /// The place of the cursor on the part's axes; empty: there is no cursor.
  [[nodiscard]] AnswerPlace cursor() const;

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  struct Held {
    std::string axis;
    QLabel* label;
    QSpinBox* index;
  };
  void choose_part(const std::string& part);
  void make_held();
  void show_sheet();
  /// Whether the sheet shows numbers by two axes, in columns of one width.
  [[nodiscard]] bool has_number_cells() const;
  void fit_columns();
  /// Scrolls the table to its cursor.
  void show_cursor();
  void say_caption();
  void selected(int row, int column);
  [[nodiscard]] AnswerPlace place_at(int row, int column) const;
  [[nodiscard]] const PartInfo* info() const;

  QString name_;
  std::shared_ptr<const Answer> answer_;
  const Question* question_ = nullptr;
  AnswerOf of_;
  std::string part_, listed_elsewhere_ = "-";  ///< "-": no part has that name
  AnswerSheet sheet_;
  AnswerPlace place_;   ///< the held axes, and where the cursor should be
  bool quiet_ = false;  ///< the program moves the cursor, not the user

  QComboBox* parts_;
  QHBoxLayout* held_row_;
  std::vector<Held> held_;
  QLabel *caption_, *sentence_;
  CurvePlot* line_;
  QTableView* table_;
  std::unique_ptr<AnswerCells> cells_;
};

}  // namespace gf::ui
