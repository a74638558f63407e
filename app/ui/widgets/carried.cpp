#include "app/ui/widgets/carried.h"

#include <QAbstractButton>
#include <QButtonGroup>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSlider>
#include <QSpinBox>
#include <QSplitter>
#include <QTabBar>
#include <map>
#include <string>
#include <tuple>

namespace gf::ui {
namespace {

/// The n-th widget of a class and a name.
using ControlKey = std::tuple<std::string, QString, int>;

/// Those inside of other controls, such as the field of a box of numbers, belong to these.
bool is_inner(const QWidget& widget) {
  const QWidget* around = widget.parentWidget();
  return qobject_cast<const QAbstractSpinBox*>(around) || qobject_cast<const QComboBox*>(around) || qobject_cast<const QTabBar*>(around);
}

std::map<ControlKey, QWidget*> controls_in(const QWidget& around) {
  std::map<ControlKey, QWidget*> all;
  std::map<std::pair<std::string, QString>, int> seen;
  for (QWidget* one : around.findChildren<QWidget*>()) {
    if (is_inner(*one)) continue;
    const std::pair name(std::string(one->metaObject()->className()), one->objectName());
    all.emplace(std::tuple(name.first, name.second, seen[name]++), one);
  }
  return all;
}

void carry(const QComboBox& from, QComboBox& to) {
  const int chosen = from.currentIndex();
  if (chosen == to.currentIndex() || chosen < 0 || from.count() != to.count()) return;
  to.setCurrentIndex(chosen);
  emit to.activated(chosen);
}

void carry(const QAbstractButton& from, QAbstractButton& to) {
  if (!from.isCheckable() || from.isChecked() == to.isChecked()) return;
  // In an exclusive group the one that is checked takes the mark from the others.
  const bool exclusive = to.autoExclusive() || (to.group() && to.group()->exclusive());
  if (to.isEnabled() && (from.isChecked() || !exclusive)) to.click();
}

template <class Control>
bool carry_value(const QWidget& from, QWidget& to) {
  const auto* source = qobject_cast<const Control*>(&from);
  auto* target = qobject_cast<Control*>(&to);
  if (source && target && source->value() != target->value()) target->setValue(source->value());
  return source && target;
}

void carry_control(const QWidget& from, QWidget& to) {
  if (const auto* combo = qobject_cast<const QComboBox*>(&from)) return carry(*combo, static_cast<QComboBox&>(to));
  if (const auto* button = qobject_cast<const QAbstractButton*>(&from)) return carry(*button, static_cast<QAbstractButton&>(to));
  if (carry_value<QSpinBox>(from, to) || carry_value<QDoubleSpinBox>(from, to) || carry_value<QSlider>(from, to)) return;
  if (const auto* field = qobject_cast<const QLineEdit*>(&from)) {
    auto& twin = static_cast<QLineEdit&>(to);
    if (field->text() == twin.text()) return;
    twin.setText(field->text());
    twin.setCursorPosition(field->cursorPosition());
    emit twin.textEdited(field->text());
  } else if (const auto* words = qobject_cast<const QPlainTextEdit*>(&from)) {
    auto& twin = static_cast<QPlainTextEdit&>(to);
    if (!words->isReadOnly() && words->toPlainText() != twin.toPlainText()) twin.setPlainText(words->toPlainText());
  } else if (const auto* tabs = qobject_cast<const QTabBar*>(&from)) {
    static_cast<QTabBar&>(to).setCurrentIndex(tabs->currentIndex());
  } else if (const auto* splitter = qobject_cast<const QSplitter*>(&from)) {
    static_cast<QSplitter&>(to).setSizes(splitter->sizes());
  }
}

}  // namespace

void carry_controls(const QWidget& from, QWidget& to) {
  const auto twins = controls_in(to);
  for (const auto& [key, control] : controls_in(from))
    if (const auto twin = twins.find(key); twin != twins.end()) carry_control(*control, *twin->second);
}

}  // namespace gf::ui
