#include "app/ui/widgets/dock_parts.h"

#include "app/ui/widgets/elided_combo.h"

namespace gf::ui {

void make_narrow(QComboBox& combo, int least) {
  combo.setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  combo.setMinimumContentsLength(least);
}

QComboBox* narrow_combo(QWidget* parent, const QString& name, const QString& label, int least) {
  auto* combo = new ElidedCombo(parent);
  combo->setObjectName(name);
  combo->setAccessibleName(label);
  make_narrow(*combo, least);
  return combo;
}

}  // namespace gf::ui
