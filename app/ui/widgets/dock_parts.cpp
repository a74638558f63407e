#include "app/ui/widgets/dock_parts.h"

#include <QPushButton>

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

QPushButton* push_button(QWidget* parent, const char* name, const QString& words, const QString& tip) {
  auto* made = new QPushButton(words, parent);
  made->setObjectName(QLatin1String(name));
  made->setToolTip(tip);
  return made;
}

QPushButton* clicked_button(QWidget* parent, const char* name, const QString& words, const QString& tip) {
  QPushButton* made = push_button(parent, name, words, tip);
  made->setAutoDefault(false);
  return made;
}

}  // namespace gf::ui
