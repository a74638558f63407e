// What was done, as a list to click back in and as a script; and the bookmarks, from which a talk is given.
#include <QApplication>
#include <QClipboard>
#include <QGridLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

#include "app/ui/actions/action_runner.h"
#include "app/ui/actions/history_script.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/docks/bookmark_list.h"
#include "app/ui/docks/dock.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

/// A row for the start, and one for each command; those that were undone are dim. Below it the bookmarks.
class HistoryDock : public Dock {
 public:
  HistoryDock(const DockInfo& info, const DockContext& context);

 private:
  void fill(const doc::Changes& changes) override;
  void fill_steps();
  void go_to(int step);
  [[nodiscard]] QLabel* hint_label(const char* name);
  [[nodiscard]] QGridLayout* bookmark_buttons();

  QListWidget* list_;
  QLabel *hint_, *bookmark_hint_;
  BookmarkList* bookmarks_;
  QStringList shown_;
  bool quiet_ = false;  ///< the program moves the cursor, not the user
};

HistoryDock::HistoryDock(const DockInfo& info, const DockContext& context) : Dock(info, context) {
  list_ = new QListWidget(body());
  list_->setObjectName("history_list");
  list_->setAccessibleName(text("What was done"));
  hint_ = hint_label("history_hint");
  auto* copy = new QPushButton(text("Copy as script"), body());
  copy->setObjectName("history_copy");
  copy->setToolTip(text("A command that does all this again: glassformer --do …"));
  auto* title = new QLabel(text("Bookmarks"), body());
  bookmarks_ = new BookmarkList(lab(), runner(), body());
  bookmark_hint_ = hint_label("bookmark_hint");
  auto* all = new QVBoxLayout(body());
  all->setContentsMargins(10, 8, 10, 8);
  all->setSpacing(6);
  all->addWidget(list_, 1);
  all->addWidget(hint_);
  all->addWidget(copy);
  all->addWidget(title);
  all->addWidget(bookmarks_, 1);
  all->addLayout(bookmark_buttons());
  all->addWidget(bookmark_hint_);
  connect(list_, &QListWidget::itemClicked, this, [this](QListWidgetItem* item) { go_to(list_->row(item)); });
  connect(list_, &QListWidget::itemActivated, this, [this](QListWidgetItem* item) { go_to(list_->row(item)); });
  connect(copy, &QPushButton::clicked, this,
          [this] { QApplication::clipboard()->setText(QString::fromStdString(shell_command(script_of(lab().history().documents())))); });
}

QLabel* HistoryDock::hint_label(const char* name) {
  auto* label = new QLabel(body());
  label->setObjectName(QLatin1String(name));
  label->setProperty("role", "dim");
  label->setWordWrap(true);
  return label;
}

QGridLayout* HistoryDock::bookmark_buttons() {
  // Two rows: a dock is narrow.
  constexpr int kColumns = 2;
  auto* grid = new QGridLayout;
  grid->setSpacing(4);
  const auto add = [&](const char* name, const QString& label, const QString& tip, auto act) {
    auto* button = new QPushButton(label, body());
    button->setObjectName(QLatin1String(name));
    button->setToolTip(tip);
    connect(button, &QPushButton::clicked, this, act);
    grid->addWidget(button, grid->count() / kColumns, grid->count() % kColumns);
    return button;
  };
  set_key_tip(*add("bookmark_add", text("Add"), {}, [this] { runner().trigger("add-bookmark"); }),
              phrase("A bookmark for what the window shows now"), {"add-bookmark"});
  add("bookmark_renew", text("Renew"), text("The current bookmark shows from now on what the window shows"), [this] {
    if (const int n = bookmarks_->current(); n > 0) runner().trigger("renew-bookmark", {std::to_string(n)});
  });
  add("bookmark_up", text("Up"), text("One place earlier in the talk (Alt+Up)"), [this] { bookmarks_->move_current(-1); });
  add("bookmark_down", text("Down"), text("One place later in the talk (Alt+Down)"), [this] { bookmarks_->move_current(1); });
  return grid;
}

void HistoryDock::go_to(int step) {
  if (quiet_ || step < 0) return;
  runner().trigger("history", {std::to_string(step)});
}

void HistoryDock::fill_steps() {
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

void HistoryDock::fill(const doc::Changes&) {
  fill_steps();
  bookmarks_->refresh();
  bookmark_hint_->setText(
      lab().document().bookmarks.empty()
          ? text("No bookmark yet. {0} keeps what the window shows, with its camera and edits; a talk goes from one to the next.",
                 keys_or_title("add-bookmark"))
          : text("Keys 1 to 9 or a double click go to a bookmark; a double click on its note, or a second click on name or note, edits "
                 "it, Del removes it. In Present ({0}) the page keys and a clicker go on and back.",
                 keys_or_title("present")));
}

}  // namespace

Dock* make_history_dock(const DockInfo& info, const DockContext& context) { return new HistoryDock(info, context); }

}  // namespace gf::ui
