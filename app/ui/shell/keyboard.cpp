#include "app/ui/shell/keyboard.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QFocusEvent>
#include <QKeyEvent>
#include <QKeySequenceEdit>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QTabBar>
#include <QTextEdit>
#include <QTimer>

namespace gf::ui {
namespace {

constexpr int kOrbitStep = 24;

/// Tab gives buttons, combo boxes, tab bars and scroll areas the focus; a click on them, or on what has no focus in them, does not.
void take_no_clicks(QObject* object) {
  if (!qobject_cast<QAbstractButton*>(object) && !qobject_cast<QComboBox*>(object) && !qobject_cast<QScrollArea*>(object) &&
      !qobject_cast<QTabBar*>(object))
    return;
  if (auto* widget = static_cast<QWidget*>(object); widget->focusPolicy() & Qt::ClickFocus) widget->setFocusPolicy(Qt::TabFocus);
}

bool is_enter(const QKeyEvent* event) {
  const bool plain = (event->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier;
  return plain && !event->isAutoRepeat() && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter);
}

/// The field in which a row of a list is edited: the list opens it because the user asked for it.
bool is_editor_in_list(const QWidget* widget) {
  const QWidget* inside = widget->parentWidget();
  return is_text_field(widget) && inside && qobject_cast<const QAbstractItemView*>(inside->parentWidget());
}

bool is_tab(int key) { return key == Qt::Key_Tab || key == Qt::Key_Backtab; }

}  // namespace

bool is_text_field(const QObject* object) {
  return qobject_cast<const QLineEdit*>(object) || qobject_cast<const QAbstractSpinBox*>(object) ||
         qobject_cast<const QTextEdit*>(object) || qobject_cast<const QPlainTextEdit*>(object) ||
         qobject_cast<const QKeySequenceEdit*>(object);
}

Keyboard::Keyboard(QWidget& window, QWidget& scene) : window_(window), scene_(scene) {
  scene.setFocus();
  for (QWidget* widget : window.findChildren<QWidget*>()) take_no_clicks(widget);  // those that are polished already
  qApp->installEventFilter(this);
}

Keyboard::~Keyboard() { qApp->removeEventFilter(this); }

bool Keyboard::leave_field() {
  QWidget* now = QApplication::focusWidget();
  if (!now || now->window() != &window_ || !is_text_field(now)) return false;
  scene_.setFocus(Qt::OtherFocusReason);
  return true;
}

void Keyboard::focus_came(QWidget* to, QEvent* event) {
  if (to == &scene_ || to->window() != &window_ || is_editor_in_list(to)) return;
  const Qt::FocusReason reason = static_cast<QFocusEvent*>(event)->reason();
  // When a widget with the focus is hidden or deleted, Qt gives the focus to the next one and says that Tab was the reason.
  const bool by_tab = reason == Qt::TabFocusReason || reason == Qt::BacktabFocusReason;
  if (!(by_tab && !tabbed_) && reason != Qt::OtherFocusReason) return;
  QTimer::singleShot(0, &scene_, [this, to] {
    if (QApplication::focusWidget() == to) scene_.setFocus(Qt::OtherFocusReason);
  });
}

bool Keyboard::keeps(const QObject* object, const QKeyEvent& event) {
  const int key = event.key();
  if ((event.modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier)) != Qt::NoModifier) return false;  // Ctrl+Right is the window's
  const bool sideways = key == Qt::Key_Left || key == Qt::Key_Right || key == Qt::Key_Home || key == Qt::Key_End;
  if (qobject_cast<const QAbstractItemView*>(object) || qobject_cast<const QAbstractSlider*>(object)) return sideways;
  // Space presses a button that the user has tabbed to; a click does not give a button the focus.
  return key == Qt::Key_Space && (qobject_cast<const QAbstractButton*>(object) || qobject_cast<const QComboBox*>(object));
}

bool Keyboard::orbits(QObject* object, QEvent* event) const {
  const auto* key = static_cast<QKeyEvent*>(event);
  if (object != &scene_ || key->modifiers() != Qt::ShiftModifier || !on_orbit) return false;
  switch (key->key()) {
    case Qt::Key_Left: on_orbit(-kOrbitStep, 0); return true;
    case Qt::Key_Right: on_orbit(kOrbitStep, 0); return true;
    case Qt::Key_Up: on_orbit(0, -kOrbitStep); return true;
    case Qt::Key_Down: on_orbit(0, kOrbitStep); return true;
    default: return false;
  }
}

void Keyboard::key(QObject* object, QEvent* event, bool down) {
  const auto* key = static_cast<QKeyEvent*>(event);
  if (!object->isWidgetType()) return;
  const bool plain = key->modifiers() == Qt::NoModifier && !is_text_field(QApplication::focusWidget());
  if (key->key() == Qt::Key_B && plain && !key->isAutoRepeat() && on_base) on_base(down);
}

bool Keyboard::eventFilter(QObject* object, QEvent* event) {
  switch (event->type()) {
    case QEvent::ShortcutOverride: {
      const auto* key = static_cast<QKeyEvent*>(event);
      tabbed_ = is_tab(key->key());
      if (object != QApplication::focusWidget() || !keeps(object, *key)) break;
      event->accept();
      return true;
    }
    case QEvent::KeyPress:
      tabbed_ = is_tab(static_cast<QKeyEvent*>(event)->key());
      key(object, event, true);
      if (orbits(object, event)) return true;
      if (object == &scene_ && on_enter && is_enter(static_cast<QKeyEvent*>(event))) {
        on_enter();
        return true;
      }
      break;
    case QEvent::KeyRelease: key(object, event, false); break;
    case QEvent::WindowDeactivate:  // the release of a key goes to another window
      if (on_base) on_base(false);
      break;
    case QEvent::MouseButtonPress: tabbed_ = false; break;
    case QEvent::FocusIn:
      if (object->isWidgetType()) focus_came(static_cast<QWidget*>(object), event);
      break;
    case QEvent::Polish: take_no_clicks(object); break;
    default: break;
  }
  return QObject::eventFilter(object, event);
}

}  // namespace gf::ui
