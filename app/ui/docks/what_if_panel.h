// The Probe in What if: what the model writes after the prompt, without the edits and with them.
#pragma once

#include <QWidget>
#include <optional>

#include "model/sampling/sampler.h"

class QLabel;
class QPushButton;

namespace gf::doc {
class Lab;
}

namespace gf::ui {

class ActionRunner;
class ProgressLine;
class TextPairView;

/// Visible in doc::Mode::WhatIf alone, and computes nothing otherwise.
class WhatIfPanel : public QWidget {
 public:
  WhatIfPanel(doc::Lab& lab, ActionRunner& runner, QWidget* parent);
  void refresh();
  void let_go();  ///< until refresh()

 private:
  void say();

  doc::Lab& lab_;
  QLabel* note_;
  QPushButton* again_;
  ProgressLine* progress_;
  TextPairView* texts_;
  std::optional<SamplerOptions> sampler_;  ///< of the texts that are watched; none: nothing is
};

}  // namespace gf::ui
