// The window of F1, which tells what keys and pointer do.
#pragma once

#include <QDialog>

namespace gf::ui {

class HelpWindow : public QDialog {
 public:
  explicit HelpWindow(QWidget* parent);
};

}  // namespace gf::ui
