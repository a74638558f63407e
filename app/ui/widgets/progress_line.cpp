#include "app/ui/widgets/progress_line.h"

#include <algorithm>

namespace gf::ui {

ProgressLine::ProgressLine(const QString& name, const QString& what, QWidget* parent) : QProgressBar(parent) {
  constexpr int kLineHeightPx = 8;
  setObjectName(name);
  setAccessibleName(what);
  setTextVisible(false);
  setFixedHeight(kLineHeightPx);
}

void ProgressLine::set_fraction(double fraction) {
  constexpr int kSteps = 1000;
  setRange(0, fraction < 0 ? 0 : kSteps);
  setValue(static_cast<int>(kSteps * std::clamp(fraction, 0.0, 1.0)));
}

}  // namespace gf::ui
