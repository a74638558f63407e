// The list of the sessions that are kept, to open one or to delete some.
#pragma once

#include <QDialog>

#include "app/ui/shell/session_keeper.h"

class QListWidget;
class QPushButton;

namespace gf::ui {

class ActionRunner;

/// Its widgets are named recover_list, recover_open, recover_delete and recover_cancel. Deletes itself when it is closed.
class RecoverDialog : public QDialog {
 public:
  RecoverDialog(SessionKeeper& keeper, ActionRunner& runner, QWidget* parent);

 private:
  void fill();
  void refresh();
  [[nodiscard]] std::string chosen() const;  ///< its id; empty: none

  SessionKeeper& keeper_;
  QListWidget* list_;
  QPushButton *open_, *delete_;
};

}  // namespace gf::ui
