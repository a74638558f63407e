// The window of F1, which tells what keys and pointer do.
#pragma once

#include <QDialog>

class QLabel;

namespace gf::ui {

class ActionRunner;

class HelpWindow : public QDialog {
 public:
  HelpWindow(ActionRunner& runner, QWidget* parent);
  /// Shows the keys as they are now.
  void refresh();

 private:
  QLabel* table_;
};

}  // namespace gf::ui
