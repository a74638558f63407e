// F1: what the keys and the pointer do.
#pragma once

#include <QDialog>

namespace gf::ui {

class HelpWindow : public QDialog {
 public:
  explicit HelpWindow(QWidget* parent);
};

}  // namespace gf::ui
