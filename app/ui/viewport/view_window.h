// The native window inside the viewport. It tells about its surface and its input.
#pragma once

#include <QWindow>
#include <functional>

class QMouseEvent;
class QWheelEvent;

namespace gf::ui {

/// A Vulkan QWindow that passes its events on. The host widget gets the keys.
class ViewWindow : public QWindow {
 public:
  ViewWindow();
  ~ViewWindow() override;
  ViewWindow(const ViewWindow&) = delete;
  ViewWindow& operator=(const ViewWindow&) = delete;

  struct Handlers {
    std::function<void()> exposed;       ///< it is visible and has a surface, or its size has changed
    std::function<void()> surface_ends;  ///< the surface will be destroyed: stop using it now
    std::function<void(QMouseEvent*)> pressed, moved, released, double_clicked;
    std::function<void(QWheelEvent*)> wheel;
    std::function<void()> left;
    std::function<void(const QString& path)> dropped;  ///< a local file or folder
  };
  Handlers handlers;

 protected:
  void exposeEvent(QExposeEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  bool event(QEvent* event) override;
};

}  // namespace gf::ui
