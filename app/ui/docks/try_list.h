// The tries of a document as a table, with what each did.
#pragma once

#include <QTreeWidget>
#include <string>
#include <vector>

#include "app/document/lab.h"
#include "app/document/patch_tries.h"

namespace gf::ui {

class ActionRunner;

/// Enter or a double click on a try goes back to it; its name and note are edited in place (F2, or a second click), Del removes
/// it. Ctrl+C copies all as CSV.
class TryList : public QTreeWidget {
 public:
  TryList(doc::Lab& lab, ActionRunner& runner, QWidget* parent);
  /// Watches the results of the tries, as long as the table is visible.
  void refresh();
  void let_go();
  /// The result of a try; null: it is being computed.
  [[nodiscard]] std::shared_ptr<const doc::TryResult> result(std::size_t index) const;
  [[nodiscard]] std::string csv() const;
  enum Column { Name, What, Difference, Effect, Note };

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

 private:
  void show_row(std::size_t index);

  doc::Lab& lab_;
  ActionRunner& runner_;
  std::vector<doc::PatchTry> shown_;
  std::vector<doc::Watch<doc::TryResult>> watches_;
  bool quiet_ = false;  ///< the program fills the rows, not the user
};

}  // namespace gf::ui
