#include "app/ui/widgets/keys_field.h"

#include <QKeyEvent>
#include <QLineEdit>

#include "app/ui/widgets/words.h"

namespace gf::ui {

KeysField::KeysField(QWidget* parent) : QKeySequenceEdit(parent) { say_what_to_do(); }

void KeysField::say_what_to_do() {
  if (auto* line = findChild<QLineEdit*>()) line->setPlaceholderText(text("Press the keys here"));
}

void KeysField::show_keys(const QString& keys) {
  setKeySequence(QKeySequence(keys, QKeySequence::PortableText));
  say_what_to_do();  // Qt has written its own words there
}

QString KeysField::keys() const { return keySequence().toString(QKeySequence::PortableText); }

void KeysField::keyPressEvent(QKeyEvent* event) {
  QKeySequenceEdit::keyPressEvent(event);
  if (keySequence().isEmpty()) return;  // only Ctrl, Shift or Alt so far
  const QString pressed = QKeySequence(keySequence()[0]).toString(QKeySequence::PortableText);
  show_keys(pressed);
  if (on_keys) on_keys(pressed);
}

void KeysField::focusInEvent(QFocusEvent* event) {
  QKeySequenceEdit::focusInEvent(event);
  say_what_to_do();
}

}  // namespace gf::ui
