// The title bar of a dock: its name, and buttons to float and close it.
#pragma once

#include <QWidget>

class QDockWidget;

namespace gf::ui {

class DockTitle : public QWidget {
 public:
  explicit DockTitle(QDockWidget* dock);

 protected:
  void mouseDoubleClickEvent(QMouseEvent* event) override;
};

}  // namespace gf::ui
