// What an edit's card is dragged by.
#pragma once

#include <QAbstractButton>
#include <functional>
#include <optional>

namespace gf::ui {

/// Follows the pointer from the press on it to the release; while it has the keyboard, Up and Down move by one place.
class EditGrip : public QAbstractButton {
 public:
  explicit EditGrip(QWidget* parent);
  [[nodiscard]] QSize sizeHint() const override { return {30, 24}; }

  std::function<void(int y)> on_drag;     ///< the pointer is there on the screen
  std::function<void(bool drop)> on_end;  ///< the drag has ended; false: by Esc or by another button
  std::function<void(int by)> on_step;    ///< -1: up, 1: down

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

 private:
  void end(bool drop);

  std::optional<int> pressed_;  ///< where on the screen, in y
  bool dragging_ = false;
};

}  // namespace gf::ui
