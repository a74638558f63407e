// Whose the keyboard is: the scene's, until one asks for it elsewhere.
#pragma once

#include <QObject>
#include <functional>

class QWidget;

namespace gf::ui {

/// Letters and Space belong to the scene until one clicks into a text field, tabs there, or presses a shortcut that leads
/// there (setFocus with ShortcutFocusReason). Focus that moves by itself, as when the field that had it goes away, comes
/// back to the scene. Watches the whole application; lives as long as the window.
class Keyboard : public QObject {
 public:
  Keyboard(QWidget& window, QWidget& scene);
  ~Keyboard() override;
  Keyboard(const Keyboard&) = delete;
  Keyboard& operator=(const Keyboard&) = delete;

  /// Out of a text field and to the scene; false: no text field has the focus.
  bool leave_field();

  std::function<void(bool down)> on_base;  ///< B is held, or let go
  std::function<void(int dx, int dy)> on_orbit;

 protected:
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  void key(QObject* object, QEvent* event, bool down);
  /// Whether a widget with the focus wants this key for itself, before it is a shortcut.
  [[nodiscard]] static bool keeps(const QObject* object, int key);
  [[nodiscard]] bool orbits(QObject* object, QEvent* event) const;
  /// Focus that came by itself goes to the scene.
  void focus_came(QWidget* to, QEvent* event);

  QWidget &window_, &scene_;
  bool tabbed_ = false;  ///< the newest key was Tab
};

[[nodiscard]] bool is_text_field(const QObject* object);

}  // namespace gf::ui
