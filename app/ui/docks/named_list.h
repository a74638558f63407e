// A list of things that the user names, notes something on, and goes back to: tries and bookmarks.
#pragma once

#include <QTreeWidget>
#include <string>

namespace gf::ui {

class ActionRunner;

/// Enter or a double click on a row goes to it; its name and note are edited in place (F2, or a second click), Del removes it.
/// Each of these is an action, which gets the row's number first.
class NamedList : public QTreeWidget {
 public:
  /// Ids of the actions, and the number of the first row in their arguments.
  struct Acts {
    const char *name, *note, *go, *remove;
    int first = 0;
  };
  struct Columns {
    int name, note;
  };
  NamedList(ActionRunner& runner, const Acts& acts, const Columns& columns, QWidget* parent);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;
  /// Makes or takes away rows at the end until there are so many; a new one is current.
  void set_rows(std::size_t count);
  /// As an argument of an action.
  [[nodiscard]] std::string number_of(int row) const { return std::to_string(row + acts_.first); }
  [[nodiscard]] ActionRunner& runner() const { return runner_; }
  bool quiet_ = false;  ///< the program fills the rows, not the user

 private:
  ActionRunner& runner_;
  Acts acts_;
  Columns columns_;
};

}  // namespace gf::ui
