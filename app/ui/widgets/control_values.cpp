#include "app/ui/widgets/control_values.h"

#include <QAbstractButton>
#include <QButtonGroup>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSpinBox>
#include <QWidget>
#include <algorithm>
#include <optional>

#include "app/ui/widgets/question_options.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

/// The fields inside of other controls have no name, or one that Qt gave.
bool has_own_name(const QWidget& control) {
  return !control.objectName().isEmpty() && !control.objectName().startsWith(QLatin1String("qt_"));
}

/// A folded option is part of how the question is asked.
bool is_in_sight(const QWidget& control, const QWidget& around) {
  if (control.isVisibleTo(&around)) return true;
  for (const QWidget* at = control.parentWidget(); at != nullptr && at != &around; at = at->parentWidget())
    if (dynamic_cast<const QuestionOptions*>(at) != nullptr) return at->isVisibleTo(&around);
  return false;
}

bool is_one_of_several(const QAbstractButton& button) {
  return button.autoExclusive() || (button.group() != nullptr && button.group()->exclusive());
}

/// nullopt: the widget is not a control, or it holds no choice of the user (an empty list, a text that is only shown, the buttons of a
/// group that are not chosen).
std::optional<QString> value_of(const QWidget& control) {
  if (const auto* combo = qobject_cast<const QComboBox*>(&control)) {
    if (combo->count() == 0) return std::nullopt;
    const QString id = combo->currentData().toString();
    return id.isEmpty() ? combo->currentText() : id;
  }
  if (const auto* whole = qobject_cast<const QSpinBox*>(&control)) return QString::number(whole->value());
  if (const auto* number = qobject_cast<const QDoubleSpinBox*>(&control))
    return QString::fromStdString(numbers::exact(static_cast<float>(number->value())));
  if (const auto* line = qobject_cast<const QLineEdit*>(&control)) return line->text();
  if (const auto* words = qobject_cast<const QPlainTextEdit*>(&control))
    return words->isReadOnly() ? std::nullopt : std::optional(words->toPlainText());
  const auto* button = qobject_cast<const QAbstractButton*>(&control);
  if (button == nullptr || !button->isCheckable() || (!button->isChecked() && is_one_of_several(*button))) return std::nullopt;
  return button->isChecked() ? QStringLiteral("on") : QStringLiteral("off");
}

/// By its id, else by its words; -1: there is none.
int place_of_entry(const QComboBox& combo, const QString& value) {
  for (int i = 0; i < combo.count() && !value.isEmpty(); ++i)
    if (combo.itemData(i).toString() == value) return i;
  return combo.findText(value);
}

bool set_choice(QComboBox& combo, const QString& value) {
  const int at = place_of_entry(combo, value);
  if (at < 0 && combo.isEditable()) {
    combo.setEditText(value);
    return true;
  }
  if (at < 0) return false;
  if (at == combo.currentIndex()) return true;
  combo.setCurrentIndex(at);
  emit combo.activated(at);
  return combo.currentIndex() == at;
}

template <class Spin>
bool set_number(Spin& spin, const QString& value) {
  bool ok = false;
  const double number = value.toDouble(&ok);
  if (!ok || !(number >= spin.minimum() && number <= spin.maximum())) return false;  // its range may come with an answer
  spin.setValue(static_cast<decltype(spin.value())>(number));
  return true;
}

bool set_value(QWidget& control, const QString& value) {
  if (auto* combo = qobject_cast<QComboBox*>(&control)) return set_choice(*combo, value);
  if (auto* whole = qobject_cast<QSpinBox*>(&control)) return set_number(*whole, value);
  if (auto* number = qobject_cast<QDoubleSpinBox*>(&control)) return set_number(*number, value);
  if (auto* line = qobject_cast<QLineEdit*>(&control)) {
    if (line->text() == value) return true;
    line->setText(value);
    emit line->textEdited(value);
    emit line->editingFinished();
    return true;
  }
  if (auto* words = qobject_cast<QPlainTextEdit*>(&control)) {
    if (!words->isReadOnly() && words->toPlainText() != value) words->setPlainText(value);
    return true;
  }
  auto* button = qobject_cast<QAbstractButton*>(&control);
  if (button == nullptr || !button->isCheckable()) return false;
  if (button->isChecked() != (value == QLatin1String("on"))) button->click();
  return button->isChecked() == (value == QLatin1String("on"));
}

}  // namespace

ControlValues control_values(const QWidget& around) {
  ControlValues all;
  for (const QWidget* one : around.findChildren<QWidget*>()) {
    if (!has_own_name(*one) || !is_in_sight(*one, around)) continue;
    if (const auto value = value_of(*one)) all.emplace_back(one->objectName().toStdString(), value->toStdString());
  }
  return all;
}

ControlValues set_control_values(QWidget& around, const ControlValues& values) {
  // Twice: a control may bring others along, or change what was set before it.
  ControlValues left;
  for (int pass = 0; pass < 2; ++pass) {
    left.clear();
    for (const auto& [name, value] : values) {
      const auto of_name =
          around.findChildren<QWidget*>(QString::fromStdString(name));  // the last one, as an earlier one may be on its way out
      if (of_name.isEmpty() || !set_value(*of_name.back(), QString::fromStdString(value))) left.emplace_back(name, value);
    }
  }
  return left;
}

}  // namespace gf::ui
