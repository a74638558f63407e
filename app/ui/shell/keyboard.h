// Keeps the keyboard focus on the scene, unless the user asks for it elsewhere.
#pragma once

#include <QObject>
#include <functional>

class QWidget;

namespace gf::ui {

/// Letters and Space go to the scene until the user clicks into a text field, tabs to it, or presses a shortcut for it
/// (setFocus with ShortcutFocusReason). When the focus moves without the user, for example because a field is hidden, the scene
/// gets it back. Watches the whole application; lives as long as the window.
class Keyboard : public QObject {
 public:
  Keyboard(QWidget& window, QWidget& scene);
  ~Keyboard() override;
  Keyboard(const Keyboard&) = delete;
  Keyboard& operator=(const Keyboard&) = delete;

  /// Moves the focus from a text field to the scene; false: no text field has it.
  bool leave_field();

  std::function<void()> on_enter;          ///< Return in the scene
  std::function<void(bool down)> on_base;  ///< B was pressed or released
  std::function<void(int dx, int dy)> on_orbit;

 protected:
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  void key(QObject* object, QEvent* event, bool down);
  /// Whether the widget with the focus uses this key itself, so that it is not a shortcut.
  [[nodiscard]] static bool keeps(const QObject* object, const QKeyEvent& event);
  [[nodiscard]] bool orbits(QObject* object, QEvent* event) const;
  /// Gives the focus back to the scene, unless the user moved it.
  void focus_came(QWidget* to, QEvent* event);

  QWidget &window_, &scene_;
  bool tabbed_ = false;  ///< the last pressed key was Tab
};

[[nodiscard]] bool is_text_field(const QObject* object);

}  // namespace gf::ui
