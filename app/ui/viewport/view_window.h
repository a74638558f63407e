// The native window inside the viewport: surface life and raw input, nothing else.
#pragma once

#include <QWindow>
#include <functional>

class QMouseEvent;
class QWheelEvent;

namespace gf::ui {

/// A Vulkan QWindow. Keys never come here (the host widget has them); everything else is handed on.
class ViewWindow : public QWindow {
 public:
  ViewWindow();
  ~ViewWindow() override;
  ViewWindow(const ViewWindow&) = delete;
  ViewWindow& operator=(const ViewWindow&) = delete;

  struct Handlers {
    std::function<void()> exposed;       ///< visible and with a surface, or its size changed
    std::function<void()> surface_ends;  ///< the surface is about to be destroyed: let go of it now
    std::function<void(QMouseEvent*)> pressed, moved, released, double_clicked;
    std::function<void(QWheelEvent*)> wheel;
    std::function<void()> left;
    std::function<void(const QString& path)> dropped;  ///< a file or folder of this machine
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
