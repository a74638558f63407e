// What a model can do without: heads and MLP channels by how much they matter over a text, a slider that leaves the least important
// out, and what that costs.
#pragma once

#include <optional>

#include "app/document/background/studies.h"
#include "app/ui/docks/dock.h"
#include "model/analysis/omission.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSlider;

namespace gf::ui {

class LinesPlot;
class MatrixPlot;
class ProgressLine;

/// Measuring goes on from Measure until it is stopped or the dock is hidden. The slider stands at the measured rates alone, and
/// what it leaves out are edits of the recipe.
class SparsityDock : public Dock {
 public:
  SparsityDock(const DockInfo& info, const DockContext& context);
  ~SparsityDock() override;
  SparsityDock(const SparsityDock&) = delete;
  SparsityDock& operator=(const SparsityDock&) = delete;
  [[nodiscard]] LinesPlot& curve() const { return *curve_; }
  [[nodiscard]] MatrixPlot& heads() const { return *heads_; }

 private:
  void fill(const doc::Changes& changes) override;
  void put_away() override;
  void take_over(Dock& before) override;
  void ask_again() override;
  void lay_out();
  [[nodiscard]] doc::StudyKey key() const;
  [[nodiscard]] bool is_working() const;
  void start(bool on);
  void show_answer();
  void show_found();
  void show_curve();
  void show_heads();
  void show_rate();
  /// Leaves out what the rate of this place leaves out, and puts the rest back.
  void leave_out(int place);
  /// The place whose edits the recipe has; 0: it has none.
  [[nodiscard]] int place_in_recipe() const;

  QComboBox *units_, *by_;
  QLineEdit* text_;
  QPushButton* measure_;
  ProgressLine* progress_;
  QLabel *note_, *words_, *heads_title_;
  LinesPlot* curve_;
  MatrixPlot* heads_;
  QSlider* slider_;
  std::optional<doc::StudyKey> asked_;  ///< of the watched study
  doc::Watch<Answer> study_;
  struct Shown {
    std::shared_ptr<const Answer> answer;
    doc::StudyKey key;
    std::weak_ptr<const Model> model;
    std::vector<Omission> omissions;       ///< at each rate
    std::vector<std::vector<Edit>> edits;  ///< that leave them out
  } shown_;
  bool quiet_ = false;  ///< the program moves the slider, not the user
};

}  // namespace gf::ui
