#include "app/ui/shell/wheel_guard.h"

#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QEvent>
#include <QScrollArea>
#include <QScrollBar>

namespace gf::ui {
namespace {

/// The field whose value the wheel would change; null: none.
QWidget* field_of(QObject* object) {
  const bool field = qobject_cast<QComboBox*>(object) || qobject_cast<QAbstractSpinBox*>(object) ||
                     (qobject_cast<QAbstractSlider*>(object) && !qobject_cast<QScrollBar*>(object));
  return field ? static_cast<QWidget*>(object) : nullptr;
}

bool lies_in_a_list(const QWidget* widget) {
  for (const QWidget* at = widget->parentWidget(); at != nullptr; at = at->parentWidget())
    if (qobject_cast<const QScrollArea*>(at)) return true;
  return false;
}

}  // namespace

WheelGuard::WheelGuard(QObject* parent) : QObject(parent) { qApp->installEventFilter(this); }

WheelGuard::~WheelGuard() { qApp->removeEventFilter(this); }

bool WheelGuard::eventFilter(QObject* object, QEvent* event) {
  if (event->type() == QEvent::Polish) {
    // Qt gives such a field the keyboard when the wheel turns over it.
    if (QWidget* field = field_of(object); field && field->focusPolicy() == Qt::WheelFocus) field->setFocusPolicy(Qt::StrongFocus);
  } else if (event->type() == QEvent::Wheel) {
    if (const QWidget* field = field_of(object); field && (!field->hasFocus() || lies_in_a_list(field))) {
      event->ignore();  // so that it goes on to what the field lies in
      return true;
    }
  }
  return QObject::eventFilter(object, event);
}

}  // namespace gf::ui
