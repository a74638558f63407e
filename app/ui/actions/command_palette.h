// Finds actions by their names, and the parts, heads, hooks, tokens, lessons, models and docks that they can act on.
#pragma once

#include <QDialog>
#include <vector>

#include "app/ui/actions/actions.h"

class QLabel;
class QLineEdit;
class QListWidget;

namespace gf::ui {

class ActionRunner;

/// The user types a few letters and runs an entry with Enter. Deletes itself when it is closed.
class CommandPalette : public QDialog {
 public:
  CommandPalette(ActionRunner& runner, QWidget* parent);

  /// A row of the list, and the call that it runs.
  struct Entry {
    QString label, note;
    ActionCall call;
    QString title = {};  ///< of an action, whose label may say more, such as what is undone; empty: a choice
    QString about = {};  ///< words that find it too, after those in its label
  };
  [[nodiscard]] const std::vector<Entry>& shown() const { return shown_; }
  void search(const QString& words);

 protected:
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  void collect();
  void filter(const QString& words);
  void run();

  ActionRunner& runner_;
  std::vector<Entry> all_, shown_;
  QLineEdit* edit_;
  QListWidget* list_;
  QLabel* nothing_;
  int height_ = 420;  ///< while there are entries
};

}  // namespace gf::ui
