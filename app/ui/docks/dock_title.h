// The title bar of a dock: its name, a list of the docks that are stacked with it, and buttons to float and close it.
#pragma once

#include <QDockWidget>
#include <QPointer>
#include <QWidget>
#include <utility>
#include <vector>

class QPushButton;
class QToolButton;

namespace gf::ui {

/// While the dock fills the window, the title says how to go back, and Esc goes back.
class DockTitle : public QWidget {
 public:
  explicit DockTitle(QDockWidget* dock);
  /// Shows what belongs to the dock's present place.
  void refresh();
  /// Back into the window, where it fills it.
  void go_back();

 protected:
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void fill_window(bool on);
  /// Esc goes back, wherever the keyboard is.
  void hold_esc();
  void let_go_of_esc();
  void list_docks();
  /// The sizes of the docks in the window, and those sizes again.
  void note_sizes();
  void take_sizes();

  QDockWidget* dock_;
  QToolButton* stacked_;
  QPushButton* back_;
  bool fills_ = false;
  std::vector<std::pair<QPointer<QDockWidget>, QSize>> sizes_;  ///< from before it filled the window
};

}  // namespace gf::ui
