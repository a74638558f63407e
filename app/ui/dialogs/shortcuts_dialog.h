// The list of all actions with their keys, to change them.
#pragma once

#include <QDialog>

#include "app/ui/actions/actions.h"

class QLabel;
class QLineEdit;
class QPushButton;
class QTreeWidget;
class QTreeWidgetItem;

namespace gf::ui {

class ActionRunner;
class KeysField;

/// What is changed holds at once. Keys that another action has are named with that action, and the user chooses who has them. Its
/// widgets are named keys_search, keys_list, keys_field, keys_none, keys_own, keys_said, keys_take, keys_leave and keys_reset.
/// Deletes itself when it is closed.
class ShortcutsDialog : public QDialog {
 public:
  ShortcutsDialog(ActionRunner& runner, QWidget* parent);
  /// Shows the keys as they are now.
  void refresh();
  /// The list shows the actions whose title, id or keys have all these words.
  void search(const QString& words);

 private:
  void build();
  void show_action();
  /// The user wants these keys for the chosen action.
  void wish(const QString& keys);
  void give(const QString& keys);
  void say(const QString& sentence, bool asks);
  void set_row(QTreeWidgetItem& item, const Action& action);
  [[nodiscard]] const Action* chosen() const;  ///< null: none

  ActionRunner& runner_;
  QLineEdit* search_;
  QTreeWidget* list_;
  QLabel *title_, *said_;
  KeysField* field_;
  QPushButton *none_, *own_, *take_, *leave_, *reset_;
  QString wished_;  ///< while the user is asked who has them
};

}  // namespace gf::ui
