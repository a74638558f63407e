// Sweeps: what each place does for the answer, by cutting it, by copying it from another prompt, or by one gradient. A cell
// becomes an edit.
#pragma once

#include <map>
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
class CircuitPanel;
class ProgressLine;
class QuestionOptions;

/// A sweep runs from Run until it is stopped or the dock is hidden; a newer run of the document renews it. Its last answer
/// stays. What is explained is always the base run.
class SweepDock : public Dock {
 public:
  SweepDock(const DockInfo& info, const DockContext& context);
  ~SweepDock() override;
  [[nodiscard]] AnswerView& view() const { return *view_; }
  /// The circuit as a graph. Errors: Io; InvalidArgument where there is none.
  [[nodiscard]] Result<void> save_graph(const std::string& path) const;

 protected:
  void fill(const doc::Changes& changes) override;
  void put_away() override;
  void take_over(Dock& before) override;
  void ask_again() override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

 private:
  [[nodiscard]] const Question& question() const;
  [[nodiscard]] bool is_of_pairs() const;
  /// The ids of the second prompt; a sentence where it cannot be used.
  [[nodiscard]] Result<std::vector<TokenId>> clean_ids() const;
  [[nodiscard]] RunSource clean_source() const;
  void start(bool on);
  /// Shows the sweep that is chosen, with the answer that it has.
  void take_up();
  /// Back to before the first Run of this sweep: its answer and its circuit go; other sweeps keep theirs.
  void clear();
  void show_state();
  void show_answer();
  /// Puts shown_ into the view.
  void show_found();
  void show_edit();
  void select(const AnswerPlace& place);
  void toggle();
  [[nodiscard]] std::optional<Edit> edit_here() const;
  /// What the answer is about and how it was measured; empty where the dock shows another question's.
  [[nodiscard]] QString sentence() const;
  /// The parameters that the question is asked with, but for the second prompt.
  [[nodiscard]] Params params() const;
  // The circuit: sweep_circuit.cpp.
  void make_circuit();
  void show_circuit();
  [[nodiscard]] scene::Circuit circuit_now() const;
  void select_node(const std::string& node);
  void choose_graph();
  [[nodiscard]] bool is_made(const Edit& edit) const;

  QComboBox* which_;
  QLineEdit* clean_;
  QLabel *clean_label_, *note_, *cell_;
  QPushButton *run_, *make_, *clear_;
  QuestionOptions* options_;
  ProgressLine* progress_;
  AnswerView* view_;
  CircuitPanel* circuit_;
  std::optional<doc::StudyKey> key_;  ///< of the study that is watched; none: it is not running
  doc::Watch<Answer> study_;
  /// What shows, with what it was asked with.
  struct Shown {
    std::shared_ptr<const Answer> answer = {};
    const Question* question = nullptr;
    Params params = {};
    std::weak_ptr<const Model> model = {};  ///< weak: a dock keeps no old model
    std::vector<TokenId> ids = {};          ///< of the run
    RunSource clean = {};
    std::vector<TokenId> clean_ids = {};  ///< empty: the question has no second prompt
    QString about = {};                   ///< explained_words() at that time
    int position = 0;
    TokenId a = {};
    std::optional<TokenId> b = {};
  } shown_;
  std::map<const Question*, Shown> kept_;  ///< of the other sweeps
};

}  // namespace gf::ui
