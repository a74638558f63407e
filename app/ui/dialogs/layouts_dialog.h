// Saves the docks as they stand under a name, and renames and deletes the user's own layouts.
#pragma once

#include <QDialog>

class QLabel;
class QLineEdit;
class QListWidget;
class QListWidgetItem;
class QPushButton;

namespace gf::ui {

class ActionRunner;

/// Deletes itself when it is closed.
class LayoutsDialog : public QDialog {
 public:
  LayoutsDialog(ActionRunner& runner, QWidget* parent);

 private:
  void fill();
  void refresh();
  void save();
  void renamed(const QListWidgetItem& item);
  /// Runs an action; its error stands in the dialog until the next one.
  void run(const char* id, std::vector<std::string> arguments);

  ActionRunner& runner_;
  QLineEdit* name_;
  QListWidget* list_;
  QLabel* wrong_;
  QPushButton *save_, *use_, *delete_;
};

}  // namespace gf::ui
