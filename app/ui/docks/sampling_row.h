// Controls for how the next token is chosen: greedy, or with temperature, top k, top p and a seed.
#pragma once

#include <QWidget>

#include "app/document/document.h"

class QCheckBox;
class QDoubleSpinBox;
class QSpinBox;

namespace gf::ui {

class ActionRunner;

class SamplingRow : public QWidget {
 public:
  explicit SamplingRow(ActionRunner& runner, QWidget* parent);
  void refresh(const SamplerOptions& sampler);

 private:
  QCheckBox* greedy_;
  QDoubleSpinBox *temperature_, *top_p_;
  QSpinBox *top_k_, *seed_;
};

}  // namespace gf::ui
