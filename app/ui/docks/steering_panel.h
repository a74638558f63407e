// Steering along a kept direction: how strongly, what the model writes then, and what each strength does. A page of the
// Directions dock.
#pragma once

#include <QWidget>
#include <memory>
#include <optional>
#include <string>

#include "app/document/directions.h"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QSlider;

namespace gf::doc {
class Lab;
}

namespace gf::ui {

class LinesPlot;
class MatrixPlot;
class ProgressLine;

/// The texts and the sweep are computed from the present run until let_go(); a newer run renews them.
class SteeringPanel : public QWidget {
 public:
  SteeringPanel(doc::Lab& lab, QWidget* parent);
  ~SteeringPanel() override;
  SteeringPanel(const SteeringPanel&) = delete;
  SteeringPanel& operator=(const SteeringPanel&) = delete;

  void refresh();
  void let_go();  ///< called when the dock is hidden
  [[nodiscard]] LinesPlot& probabilities() const { return *probability_; }
  [[nodiscard]] LinesPlot& perplexities() const { return *perplexity_; }
  [[nodiscard]] MatrixPlot& cosines() const { return *cosines_; }

 private:
  /// The texts while they are written; the study's thread tells of them.
  struct Live {
    doc::SteeredTexts texts;
    std::function<void()> changed;
  };
  void make_widgets();
  void lay_out();
  [[nodiscard]] const doc::Direction* direction() const;
  void set_strength(double strength);
  void watch_texts(bool on);
  void watch_sweep(bool on);
  void show_texts();
  void show_sweep();
  void show_cosines();

  doc::Lab& lab_;
  QComboBox* which_;
  QLabel *empty_, *place_, *plain_title_, *steered_title_, *plain_, *steered_, *note_, *cosine_title_;
  QSlider* slider_;
  QDoubleSpinBox* strength_;
  QPushButton *forget_, *write_, *sweep_;
  ProgressLine* progress_;
  LinesPlot *probability_, *perplexity_;
  MatrixPlot* cosines_;
  std::string texts_of_, sweep_of_, cosines_of_;  ///< the keys of the watched studies; empty: it watches none
  std::shared_ptr<Live> live_;
  doc::Watch<doc::SteeredTexts> texts_study_;
  doc::Watch<doc::StrengthSweep> sweep_study_;
  doc::Watch<doc::Cosines> cosines_study_;
  bool quiet_ = false;  ///< the program moves the slider, not the user
};

}  // namespace gf::ui
