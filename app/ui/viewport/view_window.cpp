#include "app/ui/viewport/view_window.h"

#include <QDropEvent>
#include <QMimeData>
#include <QPlatformSurfaceEvent>
#include <QUrl>

namespace gf::ui {
namespace {

/// The path of a drag. An embedded native window gets drags itself; the widgets around it do not.
QString dragged_path(const QDropEvent& event) {
  const QList<QUrl> urls = event.mimeData()->urls();
  return urls.isEmpty() ? QString() : urls.front().toLocalFile();
}

}  // namespace

ViewWindow::ViewWindow() {
  setSurfaceType(QSurface::VulkanSurface);
  // Under some window managers a container that takes the focus gets no keys, so the host widget keeps the focus.
  setFlag(Qt::WindowDoesNotAcceptFocus);
}

ViewWindow::~ViewWindow() {
  if (handlers.surface_ends) handlers.surface_ends();
}

void ViewWindow::exposeEvent(QExposeEvent*) {
  if (isExposed() && handlers.exposed) handlers.exposed();
}

void ViewWindow::resizeEvent(QResizeEvent*) {
  if (isExposed() && handlers.exposed) handlers.exposed();
}

void ViewWindow::mousePressEvent(QMouseEvent* event) {
  if (handlers.pressed) handlers.pressed(event);
}

void ViewWindow::mouseMoveEvent(QMouseEvent* event) {
  if (handlers.moved) handlers.moved(event);
}

void ViewWindow::mouseReleaseEvent(QMouseEvent* event) {
  if (handlers.released) handlers.released(event);
}

void ViewWindow::mouseDoubleClickEvent(QMouseEvent* event) {
  if (handlers.double_clicked) handlers.double_clicked(event);
}

void ViewWindow::wheelEvent(QWheelEvent* event) {
  if (handlers.wheel) handlers.wheel(event);
}

bool ViewWindow::event(QEvent* event) {
  if (event->type() == QEvent::PlatformSurface &&
      static_cast<QPlatformSurfaceEvent*>(event)->surfaceEventType() == QPlatformSurfaceEvent::SurfaceAboutToBeDestroyed &&
      handlers.surface_ends)
    handlers.surface_ends();
  if (event->type() == QEvent::Leave && handlers.left) handlers.left();
  if (event->type() == QEvent::DragEnter || event->type() == QEvent::DragMove || event->type() == QEvent::Drop) {
    auto* drag = static_cast<QDropEvent*>(event);
    const QString path = dragged_path(*drag);
    if (path.isEmpty()) return false;
    drag->acceptProposedAction();
    if (event->type() == QEvent::Drop && handlers.dropped) handlers.dropped(path);
    return true;
  }
  return QWindow::event(event);
}

}  // namespace gf::ui
