// Why A and not B: what each part of the model gives to the difference of their logits.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/document/background/studies.h"
#include "app/ui/docks/dock.h"
#include "app/ui/docks/why_rows.h"

class QLabel;
class QScrollArea;

namespace gf::ui {

class MissingBlanks;
class TokenField;
class Waterfall;

/// A bar selects its part in the scene and can be cut; the bar of the selected part is the current one. Where there are edits,
/// outlines show the base run.
class WhyDock : public Dock {
 public:
  WhyDock(const DockInfo& info, const DockContext& context);
  ~WhyDock() override;
  [[nodiscard]] bool tells_prediction() const override { return true; }
  [[nodiscard]] const std::vector<WhyRow>& rows() const { return rows_; }

 protected:
  void fill(const doc::Changes& changes) override;
  void hideEvent(QHideEvent* event) override;

 private:
  void watch();
  void show_rows(const Answer& answer, const Answer* base);
  void follow_selection();
  void choose(int bar);
  void open(int bar);
  void cut(int bar);
  [[nodiscard]] const doc::StreamPart* part_of_bar(int bar) const;
  [[nodiscard]] std::vector<WhyRow> rows_of(const Answer& answer, const WhyShape& shape) const;
  [[nodiscard]] QString caption() const;

  TokenField *target_, *rival_;
  MissingBlanks* blanks_;
  QLabel* caption_;
  QScrollArea* scroll_;
  Waterfall* plot_;
  bool by_gradient_ = false;
  WhyShape shape_;
  std::vector<WhyRow> rows_;
  std::optional<doc::StudyKey> key_;  ///< of the study that is watched; none: the dock is hidden
  doc::Watch<Answer> study_, base_;
  bool watches_base_ = false;
  std::optional<std::optional<scene::CellRef>> followed_;  ///< where the cursor stands; none: it has yet to follow the selection
};

}  // namespace gf::ui
