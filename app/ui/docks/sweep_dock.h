// Sweeps: what each place does for the answer, by cutting it, by copying it from another prompt, or by one gradient. A cell
// becomes an edit.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/document/background/studies.h"
#include "app/document/cell_edits.h"
#include "app/ui/answers/answer_sheet.h"
#include "app/ui/docks/dock.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace gf::ui {

class AnswerView;
class ProgressLine;

/// A sweep runs from Run until it is stopped or the dock is hidden; a newer run of the document renews it. Its last answer
/// stays. What is explained is always the base run.
class SweepDock : public Dock {
 public:
  SweepDock(const DockInfo& info, const DockContext& context);
  ~SweepDock() override;
  [[nodiscard]] AnswerView& view() const { return *view_; }

 protected:
  void fill(const doc::Changes& changes) override;
  void hideEvent(QHideEvent* event) override;

 private:
  [[nodiscard]] const Question& question() const;
  [[nodiscard]] bool is_of_pairs() const;
  /// The ids of the second prompt; a sentence where it cannot be used.
  [[nodiscard]] Result<std::vector<TokenId>> clean_ids() const;
  [[nodiscard]] RunSource clean_source() const;
  void start(bool on);
  void show_state();
  void show_answer();
  void show_edit();
  void select(const AnswerPlace& place);
  void toggle();
  [[nodiscard]] std::optional<Edit> edit_here() const;
  [[nodiscard]] bool is_made(const Edit& edit) const;

  QComboBox* which_;
  QLineEdit* clean_;
  QLabel *clean_label_, *note_, *cell_;
  QPushButton *run_, *make_;
  ProgressLine* progress_;
  AnswerView* view_;
  std::optional<doc::StudyKey> key_;  ///< of the study that is watched; none: it is not running
  doc::Watch<Answer> study_;
  /// What shows, with what it was asked with.
  struct Shown {
    std::shared_ptr<const Answer> answer;
    const Question* question = nullptr;
    std::weak_ptr<const Model> model;  ///< weak: a dock keeps no old run
    std::weak_ptr<const Run> run;
    RunSource clean;
  } shown_;
};

}  // namespace gf::ui
