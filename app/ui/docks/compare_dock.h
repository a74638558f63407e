// Two subjects side by side: another model, training step, prompt or recipe, and what differs.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/document/patching.h"
#include "app/ui/docks/dock.h"
#include "model/analysis/answer.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace gf::ui {

class AnswerView;

/// While it is visible, the other subject is run, and the activations of both are compared on a thread of their own.
class CompareDock : public Dock {
 public:
  CompareDock(const DockInfo& info, const DockContext& context);
  ~CompareDock() override;
  [[nodiscard]] bool tells_prediction() const override { return true; }
  [[nodiscard]] AnswerView& next() const { return *next_; }
  [[nodiscard]] AnswerView& hooks() const { return *hooks_; }
  /// The answer of compared_hooks() for the present runs; null: it is being computed, or the shapes differ.
  [[nodiscard]] std::shared_ptr<const Answer> found() const { return found_; }

 protected:
  void fill(const doc::Changes& changes) override;
  void hideEvent(QHideEvent* event) override;

 private:
  void show_choices();
  void show_words();
  void compare(const std::shared_ptr<const Run>& own, const std::shared_ptr<const Run>& other);
  void show_next(const Run& own, const Run& other);
  void watch(bool on);

  QComboBox *model_, *recipe_;
  QLineEdit* prompt_;
  QPushButton* stop_;
  QCheckBox *both_, *side_;
  QLabel *words_, *note_;
  AnswerView *next_, *hooks_;
  bool watching_ = false;
  std::string choices_;                   ///< the models that the list has
  std::weak_ptr<const Run> own_, other_;  ///< the two runs that found() compares
  std::vector<doc::AlignedRow> rows_;
  doc::Job job_, next_job_;
  std::shared_ptr<const Answer> found_;
  std::optional<Error> error_;
  int next_position_ = -1;
  std::weak_ptr<const Run> next_own_, next_other_;
};

}  // namespace gf::ui
