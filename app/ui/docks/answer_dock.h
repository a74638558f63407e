// A dock that shows the answer to a question. The Entropy dock is made of this alone, the Lens dock adds to it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/document/background/studies.h"
#include "app/ui/answers/answer_sheet.h"
#include "app/ui/docks/dock.h"

class QLabel;
class QVBoxLayout;

namespace gf::ui {

class AnswerView;

/// While it is visible, it watches the question's study of the run that the view shows. Its cursor follows the selection, and
/// a cell that the user chooses becomes the selection; see select_place().
class AnswerDock : public Dock {
 public:
  struct What {
    const char* question;            ///< its name, see model/analysis/questions.cpp
    const char* first = "";          ///< the part that shows at the beginning; empty: the first one
    std::vector<std::string> parts;  ///< the parts that are computed; empty: all
  };
  AnswerDock(const DockInfo& info, const DockContext& context, What what);
  ~AnswerDock() override;
  [[nodiscard]] bool tells_prediction() const override;
  [[nodiscard]] AnswerView& view() const { return *view_; }

 protected:
  void fill(const doc::Changes& changes) override;
  void hideEvent(QHideEvent* event) override;
  /// The parameters that the question is asked with; empty: their fallbacks.
  [[nodiscard]] virtual Params params() const { return {}; }
  /// Puts a widget above the answer. It stays visible when the question fails.
  void add_on_top(QWidget* widget);
  /// Puts a widget below the answer. The caller shows and hides it.
  void add_below(QWidget* widget);
  /// What shows; nullptr: there is none.
  [[nodiscard]] std::shared_ptr<const Answer> answer() const;
  [[nodiscard]] const Question& question() const { return question_; }

 private:
  void watch();
  void show_side(bool edits);
  /// Where the cursor goes: to the selected cell, or to the selected position where that was chosen after the cell.
  [[nodiscard]] AnswerPlace selected_place(int length);

  const Question& question_;
  QVBoxLayout* column_;
  bool has_top_ = false;
  std::vector<std::string> parts_;
  QLabel* side_;
  AnswerView* view_;
  std::optional<scene::CellRef> seen_cell_;  ///< the selection as the dock last saw it
  int seen_position_ = -1;
  bool position_leads_ = false;
  std::optional<doc::StudyKey> key_;  ///< of the study that is watched; none: the dock is hidden
  doc::Watch<Answer> study_;
};

}  // namespace gf::ui
