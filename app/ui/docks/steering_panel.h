// Steering along a kept direction: how strongly, what the model writes then, and what each strength does. A page of the
// Directions dock.
#pragma once

#include <QWidget>
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
class TextPairView;

/// The texts and the sweep stay until the user hides them or takes another direction; a newer run renews them.
class SteeringPanel : public QWidget {
 public:
  SteeringPanel(doc::Lab& lab, QWidget* parent);
  ~SteeringPanel() override;
  SteeringPanel(const SteeringPanel&) = delete;
  SteeringPanel& operator=(const SteeringPanel&) = delete;

  void refresh();
  void pause();  ///< until refresh(): computes nothing more, but knows what was asked for
  /// Asks again for what was asked for in another one.
  void take_over(const SteeringPanel& before);
  [[nodiscard]] LinesPlot& probabilities() const { return *probability_; }
  [[nodiscard]] LinesPlot& perplexities() const { return *perplexity_; }
  [[nodiscard]] MatrixPlot& cosines() const { return *cosines_; }

 private:
  void make_widgets();
  void lay_out();
  /// The chosen one, if the open model can be pushed along it.
  [[nodiscard]] const doc::Direction* direction() const;
  [[nodiscard]] const doc::Direction* chosen() const;
  [[nodiscard]] std::string why_not(const doc::Direction& direction) const;
  void show_usable();
  void set_strength(double strength);
  void watch_texts(bool on);
  void watch_sweep(bool on);
  void show_texts();
  void show_sweep();
  void show_cosines();

  doc::Lab& lab_;
  QComboBox* which_;
  QLabel *empty_, *place_, *note_, *cosine_title_;
  TextPairView* texts_;
  QSlider* slider_;
  QDoubleSpinBox* strength_;
  QPushButton *forget_, *write_, *sweep_;
  ProgressLine* progress_;
  LinesPlot *probability_, *perplexity_;
  MatrixPlot* cosines_;
  std::string texts_of_, sweep_of_;  ///< the direction that the user asked for; empty: none
  std::string cosines_of_;           ///< the key of the watched study; empty: it watches none
  doc::Watch<doc::StrengthSweep> sweep_study_;
  doc::Watch<doc::Cosines> cosines_study_;
  bool paused_ = false;
  bool quiet_ = false;  ///< the program moves the slider, not the user
};

}  // namespace gf::ui
