// One feature of a dictionary: how active it is over the prompt, what it writes, its neighbours, and what is done to it.
#pragma once

#include <QWidget>
#include <functional>
#include <string>
#include <vector>

#include "app/document/open_dictionaries.h"
#include "model/analysis/answer.h"
#include "model/session.h"

class QButtonGroup;
class QLabel;
class QLineEdit;
class QSlider;

namespace gf::ui {

class CurvePlot;
class TokenStrip;

class FeaturePage : public QWidget {
 public:
  explicit FeaturePage(QWidget* parent);

  struct Of {
    int feature = -1;
    int size = 0;        ///< how many features the dictionary has
    bool clamps = true;  ///< false: the feature is a transcoder's, which can be steered by but not clamped
    doc::FeatureEdit edit = doc::FeatureEdit::None;
    double value = 0;
    QString here;             ///< a line about the selected position
    double most_in_text = 0;  ///< its largest activation in the indexed text; 0: not known
    double most_of_any = 0;   ///< the largest activation of any feature over the prompt
  };
  /// `answer`: the parts activations, words_for, words_against and nearest; nullptr: not known yet.
  void show_feature(const Of& of, const Answer* answer, const Model& model, std::span<const TokenId> ids, int position);

  std::function<void(int feature)> on_feature;  ///< the user asks for this feature; -1: for the strongest
  std::function<void(doc::FeatureEdit edit, double value)> on_edit;
  std::function<void(int position)> on_position;

 private:
  [[nodiscard]] double slider_value() const;
  void show_slider();
  /// Places the ends of the slider. `most_here`: the largest activation over the prompt.
  void scale_slider(double most_here);
  void edit(doc::FeatureEdit what);

  QLineEdit* number_;
  QLabel *title_, *value_, *for_, *against_, *nearest_, *spread_;
  QButtonGroup* edits_;
  QLabel* strength_;
  QSlider* slider_;
  TokenStrip* strip_;
  CurvePlot* histogram_;
  Of of_;
  bool placed_ = false;  ///< the slider stands where this feature's activations put it
  double most_ = 1;      ///< of the slider
};

}  // namespace gf::ui
