#include "app/ui/widgets/elided_combo.h"

#include <QEvent>
#include <QHelpEvent>
#include <QStyleOptionComboBox>
#include <QStylePainter>
#include <QToolTip>

namespace gf::ui {

QString ElidedCombo::fitting() const {
  QStyleOptionComboBox option;
  initStyleOption(&option);
  constexpr int kBesideText = 4;
  const int room = style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, this).width() - kBesideText;
  return fontMetrics().elidedText(currentText(), Qt::ElideRight, room);
}

void ElidedCombo::paintEvent(QPaintEvent*) {
  QStylePainter painter(this);
  QStyleOptionComboBox option;
  initStyleOption(&option);
  if (currentIndex() >= 0) option.currentText = fitting();
  else if (!placeholderText().isEmpty()) option.currentText = placeholderText();
  painter.drawComplexControl(QStyle::CC_ComboBox, option);
  painter.drawControl(QStyle::CE_ComboBoxLabel, option);
}

bool ElidedCombo::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip || currentIndex() < 0 || fitting() == currentText()) return QComboBox::event(event);
  const QString more = currentData(Qt::ToolTipRole).toString();
  QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(),
                     more.isEmpty() ? currentText() : currentText() + QLatin1Char('\n') + more, this);
  return true;
}

}  // namespace gf::ui
