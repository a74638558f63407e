// A training: what it is to be, how it goes, and the heads of a training series over its steps.
#pragma once

#include "app/ui/docks/dock.h"

class QComboBox;
class QLabel;
class QPushButton;
class QSpinBox;
class QStackedWidget;
class QTextEdit;
class QButtonGroup;

namespace gf::ui {

class ElidedLabel;
class LinesPlot;
class ProgressLine;
class TrainSetup;

class TrainDock : public Dock {
 public:
  TrainDock(const DockInfo& info, const DockContext& context);
  [[nodiscard]] LinesPlot& losses() const { return *losses_; }
  [[nodiscard]] LinesPlot& heads() const { return *heads_; }

 protected:
  void fill(const doc::Changes& changes) override;
  void hideEvent(QHideEvent* event) override;

 private:
  enum class Page : int { Loss, Heads, Samples };
  QWidget* make_progress();
  QWidget* make_results();
  void fill_progress();
  void fill_losses();
  void fill_heads();
  void fill_samples();
  void show_step(double step);
  /// The series whose heads are shown: the training's, else the open model's; empty: none.
  [[nodiscard]] std::string series() const;
  void mark_step(LinesPlot& plot) const;
  /// The steps of a training that has made all of them; -1: it has not, or there is none.
  [[nodiscard]] std::int64_t finished() const;
  [[nodiscard]] bool has_training() const { return lab().training().state().phase != doc::TrainingPhase::None; }

  TrainSetup* setup_;
  QWidget *progress_, *results_;
  ElidedLabel* name_ = nullptr;
  QLabel *facts_ = nullptr, *error_ = nullptr, *heads_note_ = nullptr, *empty_ = nullptr;
  ProgressLine* bar_ = nullptr;
  QPushButton *pause_ = nullptr, *stop_ = nullptr, *show_ = nullptr, *anew_ = nullptr;
  QWidget *look_row_ = nullptr, *more_row_ = nullptr;
  QSpinBox* more_ = nullptr;
  QSpinBox* look_every_ = nullptr;
  QComboBox* weights_ = nullptr;
  QLabel* weights_note_ = nullptr;
  QButtonGroup* pages_ = nullptr;
  QStackedWidget* stack_ = nullptr;
  LinesPlot *losses_ = nullptr, *heads_ = nullptr;
  QComboBox* score_ = nullptr;
  QTextEdit* samples_ = nullptr;
  bool resumable_ = false;                ///< the open model's folder has a training that can go on
  std::int64_t finished_in_folder_ = -1;  ///< as finished(), of that training
  std::int64_t more_than_ = -1;           ///< the steps that are made, to which the field of further ones was last suited
  bool anew_open_ = false;                ///< the user asked for the setup, though there is something to show
  std::string wanted_;                    ///< the series whose heads were asked for
  std::string listed_;                    ///< the open model whose training steps were counted
  std::size_t n_steps_ = 0, samples_shown_ = 0;
  std::int64_t newest_sample_ = -1;
};

}  // namespace gf::ui
