// The title of a dock: its name, float and close, in the window's own look.
#pragma once

#include <QWidget>

class QDockWidget;

namespace gf::ui {

class DockTitle : public QWidget {
 public:
  explicit DockTitle(QDockWidget* dock);
};

}  // namespace gf::ui
