// What this machine has: the rows of `glassformer doctor`, in a window.
#pragma once

#include <QDialog>
#include <vector>

#include "app/doctor/inspect.h"
#include "app/document/background/jobs.h"

class QLabel;
class QPushButton;

namespace gf::ui {

/// Looks in the background and shows the rows when they are there. Its widgets are named machine_rows and machine_copy. Deletes
/// itself when it is closed.
class MachineDialog : public QDialog {
 public:
  MachineDialog(doc::Jobs& jobs, QWidget* parent);

 private:
  void show_rows(std::vector<doctor::Row> rows);

  std::vector<doctor::Row> rows_;
  QLabel* table_;
  QPushButton* copy_;
  doc::Job job_;
};

}  // namespace gf::ui
