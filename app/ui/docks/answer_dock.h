// A dock that is a question's answer: most docks are no more than this.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/document/work/studies.h"
#include "app/ui/docks/dock.h"

class QLabel;

namespace gf::ui {

class AnswerView;

/// Watches the question's study of the run that the view shows, while it is visible. The selection moves its cursor, and
/// a chosen cell becomes the selection: a head its row of the pattern, a depth its residual stream, a position itself.
class AnswerDock : public Dock {
 public:
  struct What {
    const char* question;            ///< of model/analysis/questions.cpp
    const char* first = "";          ///< the part that shows at first; empty: the first one
    std::vector<std::string> parts;  ///< those asked for; none: all
  };
  AnswerDock(const DockInfo& info, const DockContext& context, What what);
  ~AnswerDock() override;
  [[nodiscard]] AnswerView& view() const { return *view_; }

 protected:
  void fill(const doc::Changes& changes) override;
  void hideEvent(QHideEvent* event) override;

 private:
  void watch();
  void show_side(bool edits);

  const Question& question_;
  std::vector<std::string> parts_;
  QLabel* side_;
  AnswerView* view_;
  std::optional<doc::StudyKey> key_;  ///< of the study that is watched; none: the dock is hidden
  doc::Watch<Answer> study_;
};

}  // namespace gf::ui
