#include "app/ui/dialogs/shortcuts_dialog.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeySequence>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "app/ui/actions/action_runner.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/widgets/dock_parts.h"
#include "app/ui/widgets/keys_field.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr int kActionRole = Qt::UserRole + 1;

QString native(const QString& keys) { return QKeySequence(keys, QKeySequence::PortableText).toString(QKeySequence::NativeText); }

}  // namespace

ShortcutsDialog::ShortcutsDialog(ActionRunner& runner, QWidget* parent)
    : QDialog(parent),
      runner_(runner),
      search_(new QLineEdit),
      list_(new QTreeWidget),
      title_(new QLabel),
      said_(new QLabel),
      field_(new KeysField(this)),
      none_(clicked_button(nullptr, "keys_none", text("No keys"), text("This command has no keys"))),
      own_(clicked_button(nullptr, "keys_own", text("Its own"), text("The keys that it came with"))),
      take_(clicked_button(nullptr, "keys_take", text("Take them"), text("The other command loses these keys"))),
      leave_(clicked_button(nullptr, "keys_leave", text("Leave them"), text("This command keeps the keys that it has"))),
      reset_(clicked_button(nullptr, "keys_reset", text("Reset all"), text("Every command has the keys that it came with"))) {
  setObjectName("shortcuts_dialog");
  setWindowTitle(text("Change keys"));
  setAttribute(Qt::WA_DeleteOnClose);
  build();
  for (const Action& action : ui::actions()) {
    if (!action.bare()) continue;
    auto* item = new QTreeWidgetItem(list_);
    item->setData(0, kActionRole, QLatin1String(action.id));
    set_row(*item, action);
  }
  connect(search_, &QLineEdit::textChanged, this, [this](const QString& words) { search(words); });
  connect(search_, &QLineEdit::returnPressed, this, [this] { field_->setFocus(Qt::ShortcutFocusReason); });
  connect(list_, &QTreeWidget::currentItemChanged, this, [this] { show_action(); });
  connect(list_, &QTreeWidget::itemActivated, this, [this] { field_->setFocus(Qt::ShortcutFocusReason); });
  field_->on_keys = [this](const QString& keys) { wish(keys); };
  connect(none_, &QPushButton::clicked, this, [this] { give({}); });
  connect(own_, &QPushButton::clicked, this, [this] {
    if (chosen()) wish(QLatin1String(chosen()->keys));
  });
  // The list gets the keyboard before the buttons go, or the next Space would press the one that Qt goes on to.
  connect(take_, &QPushButton::clicked, this, [this] {
    list_->setFocus(Qt::ShortcutFocusReason);
    give(wished_);
  });
  connect(leave_, &QPushButton::clicked, this, [this] {
    list_->setFocus(Qt::ShortcutFocusReason);
    show_action();
  });
  connect(reset_, &QPushButton::clicked, this, [this] {
    runner_.reset_keys();
    refresh();
  });
  list_->setCurrentItem(list_->topLevelItem(0));
  search_->setFocus();
}

void ShortcutsDialog::build() {
  search_->setObjectName("keys_search");
  search_->setPlaceholderText(text("A command, or its keys"));
  search_->setAccessibleName(text("Find a command or keys"));
  search_->setClearButtonEnabled(true);
  list_->setObjectName("keys_list");
  list_->setAccessibleName(text("Commands and their keys"));
  list_->setColumnCount(2);
  list_->setHeaderLabels({text("command"), text("keys")});
  list_->setRootIsDecorated(false);
  list_->setUniformRowHeights(true);
  list_->setAllColumnsShowFocus(true);
  list_->header()->setStretchLastSection(false);
  list_->header()->setSectionResizeMode(0, QHeaderView::Stretch);
  list_->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
  title_->setObjectName("keys_title");
  title_->setProperty("role", "title");
  field_->setObjectName("keys_field");
  said_->setObjectName("keys_said");
  said_->setWordWrap(true);
  said_->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  said_->setMinimumHeight(2 * said_->fontMetrics().lineSpacing());  // so that nothing moves when it speaks
  auto* close = clicked_button(nullptr, "keys_close", text("Close"), text("What was changed is kept already"));
  connect(close, &QPushButton::clicked, this, &QDialog::accept);
  auto* keys = new QHBoxLayout;
  keys->addWidget(field_, 1);
  keys->addWidget(none_);
  keys->addWidget(own_);
  auto* answer = new QHBoxLayout;
  answer->addWidget(said_, 1);
  answer->addWidget(take_);
  answer->addWidget(leave_);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(reset_);
  buttons->addStretch(1);
  buttons->addWidget(close);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(18, 16, 18, 14);
  all->setSpacing(10);
  all->addWidget(search_);
  all->addWidget(list_, 1);
  all->addWidget(title_);
  all->addLayout(keys);
  all->addLayout(answer);
  all->addLayout(buttons);
  resize(600, 560);
}

const Action* ShortcutsDialog::chosen() const {
  const QTreeWidgetItem* item = list_->currentItem();
  return item && !item->isHidden() ? find_action(item->data(0, kActionRole).toString().toStdString()) : nullptr;
}

void ShortcutsDialog::set_row(QTreeWidgetItem& item, const Action& action) {
  const bool own = has_own_keys(action);
  const QString came_with = native(QLatin1String(action.keys)), tip = QString::fromStdString(tip_of(action));
  const QString changed = came_with.isEmpty() ? text("It came without keys.") : text("It came with {0}.", came_with);
  item.setText(0, text(action.title));
  item.setText(1, shown_keys(action));
  item.setForeground(1, own ? skin().text : skin().accent);
  for (int column : {0, 1}) item.setToolTip(column, own ? tip : tip + QLatin1Char('\n') + changed);
}

void ShortcutsDialog::refresh() {
  for (int i = 0; i < list_->topLevelItemCount(); ++i) {
    QTreeWidgetItem* item = list_->topLevelItem(i);
    set_row(*item, *find_action(item->data(0, kActionRole).toString().toStdString()));
  }
  show_action();
}

void ShortcutsDialog::search(const QString& words) {
  const QStringList wanted = words.split(' ', Qt::SkipEmptyParts);
  QTreeWidgetItem* first = nullptr;
  for (int i = 0; i < list_->topLevelItemCount(); ++i) {
    QTreeWidgetItem* item = list_->topLevelItem(i);
    const QString all = item->text(0) + QLatin1Char(' ') + item->data(0, kActionRole).toString() + QLatin1Char(' ') + item->text(1);
    const bool fits = std::ranges::all_of(wanted, [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
    item->setHidden(!fits);
    if (fits && !first) first = item;
  }
  if (!list_->currentItem() || list_->currentItem()->isHidden()) list_->setCurrentItem(first);
  show_action();
}

void ShortcutsDialog::show_action() {
  const Action* action = chosen();
  wished_.clear();
  title_->setText(action ? text("Keys of “{0}”", text(action->title)) : text("No command is called that."));
  field_->show_keys(action ? keys_of(*action) : QString());
  field_->setAccessibleName(title_->text());
  field_->setEnabled(action != nullptr);
  none_->setEnabled(action && !keys_of(*action).isEmpty());
  own_->setEnabled(action && !has_own_keys(*action));
  reset_->setEnabled(std::ranges::any_of(ui::actions(), [](const Action& one) { return one.bare() && !has_own_keys(one); }));
  say({}, false);
}

void ShortcutsDialog::say(const QString& sentence, bool asks) {
  said_->setText(sentence);
  take_->setVisible(asks);
  leave_->setVisible(asks);
}

void ShortcutsDialog::wish(const QString& keys) {
  const Action* action = chosen();
  if (!action) return;
  field_->show_keys(keys);
  if (const auto usable = keys.isEmpty() ? Result<QString>(keys) : checked_keys(keys); !usable) {
    show_action();
    return say(QString::fromStdString(usable.error().message), false);
  }
  const Action* other = action_with(keys);
  if (!other || other == action) return give(keys);
  wished_ = keys;
  say(text("{0} is “{1}” already. Take the keys from there?", native(keys), text(other->title)), true);
  take_->setFocus(Qt::ShortcutFocusReason);
}

void ShortcutsDialog::give(const QString& keys) {
  const Action* action = chosen();
  if (!action) return;
  const Action* other = action_with(keys);
  runner_.set_keys(*action, keys);
  refresh();
  if (other && other != action) say(text("“{0}” has no keys now.", text(other->title)), false);
}

}  // namespace gf::ui
