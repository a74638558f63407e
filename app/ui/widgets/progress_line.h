// A thin bar without text that shows how far some work is.
#pragma once

#include <QProgressBar>

namespace gf::ui {

class ProgressLine : public QProgressBar {
 public:
  /// `name`: its object name. `what`: what screen readers call it.
  ProgressLine(const QString& name, const QString& what, QWidget* parent);
  /// `fraction` 0 to 1; below 0: how far the work is cannot be known, and the bar moves to and fro.
  void set_fraction(double fraction);
};

}  // namespace gf::ui
