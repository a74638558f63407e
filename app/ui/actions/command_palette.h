// Everything by its name: actions, and what they can be done to: parts, heads, hooks, tokens, lessons, models, docks.
#pragma once

#include <QDialog>
#include <vector>

#include "app/ui/actions/actions.h"

class QLabel;
class QLineEdit;
class QListWidget;

namespace gf::ui {

class Commands;

/// Type a few letters, Enter does it. Deletes itself when it is closed.
class CommandPalette : public QDialog {
 public:
  CommandPalette(Commands& commands, QWidget* parent);

  /// What it lists, in its order, and what each does.
  struct Entry {
    QString label, note;
    ActionCall call;
  };
  [[nodiscard]] const std::vector<Entry>& shown() const { return shown_; }
  void search(const QString& words);

 protected:
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  void collect();
  void filter(const QString& words);
  void run();

  Commands& commands_;
  std::vector<Entry> all_, shown_;
  QLineEdit* edit_;
  QListWidget* list_;
  QLabel* nothing_;
};

}  // namespace gf::ui
