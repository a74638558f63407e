// What was done, as a list to click back in, and as a script.
#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

#include "app/ui/actions/action_runner.h"
#include "app/ui/actions/history_script.h"
#include "app/ui/docks/dock.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

/// A row for the start, and one for each command; those that were undone are dim.
class HistoryDock : public Dock {
 public:
  HistoryDock(const DockInfo& info, const DockContext& context);

 private:
  void fill(const doc::Changes& changes) override;
  void go_to(int step);

  QListWidget* list_;
  QLabel* hint_;
  QStringList shown_;
  bool quiet_ = false;  ///< the program moves the cursor, not the user
};

HistoryDock::HistoryDock(const DockInfo& info, const DockContext& context) : Dock(info, context) {
  list_ = new QListWidget(body());
  list_->setObjectName("history_list");
  list_->setAccessibleName(text("What was done"));
  hint_ = new QLabel(body());
  hint_->setObjectName("history_hint");
  hint_->setProperty("role", "dim");
  hint_->setWordWrap(true);
  auto* copy = new QPushButton(text("Copy as script"), body());
  copy->setObjectName("history_copy");
  copy->setToolTip(text("A command that does all this again: glassformer --do …"));
  auto* all = new QVBoxLayout(body());
  all->setContentsMargins(10, 8, 10, 8);
  all->setSpacing(6);
  all->addWidget(list_, 1);
  all->addWidget(hint_);
  all->addWidget(copy);
  connect(list_, &QListWidget::itemClicked, this, [this](QListWidgetItem* item) { go_to(list_->row(item)); });
  connect(list_, &QListWidget::itemActivated, this, [this](QListWidgetItem* item) { go_to(list_->row(item)); });
  connect(copy, &QPushButton::clicked, this,
          [this] { QApplication::clipboard()->setText(QString::fromStdString(shell_command(script_of(lab().history().documents())))); });
}

void HistoryDock::go_to(int step) {
  if (quiet_ || step < 0) return;
  runner().trigger("history", {std::to_string(step)});
}

void HistoryDock::fill(const doc::Changes&) {
  const doc::History& history = lab().history();
  QStringList names{text("the start")};
  for (const std::string& name : history.past_names()) names << QString::fromStdString(name);
  const int now = static_cast<int>(names.size()) - 1;
  for (const std::string& name : history.future_names()) names << QString::fromStdString(name);
  quiet_ = true;
  if (names != shown_) {
    shown_ = names;
    list_->clear();
    list_->addItems(names);
  }
  for (int i = 0; i < list_->count(); ++i) list_->item(i)->setForeground(i > now ? skin().dim : skin().text);
  list_->setCurrentRow(now);
  quiet_ = false;
  hint_->setText(list_->count() > 1 ? text("Click: go back or forward to that step")
                                    : text("Nothing was done yet. What you do stands here, and a click goes back to it."));
}

}  // namespace

Dock* make_history_dock(const DockInfo& info, const DockContext& context) { return new HistoryDock(info, context); }

}  // namespace gf::ui
