#include "app/ui/dialogs/layouts_dialog.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "app/ui/actions/action_runner.h"
#include "app/ui/shell/layouts.h"
#include "app/ui/widgets/dock_parts.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr int kNameRole = Qt::UserRole + 1;  ///< the name before it is edited

}  // namespace

LayoutsDialog::LayoutsDialog(ActionRunner& runner, QWidget* parent)
    : QDialog(parent), runner_(runner), name_(new QLineEdit(this)), list_(new QListWidget(this)), wrong_(new QLabel(this)) {
  setObjectName("layouts_dialog");
  setWindowTitle(text("Layouts of your own"));
  setAttribute(Qt::WA_DeleteOnClose);
  name_->setObjectName("layouts_name");
  name_->setPlaceholderText(text("A name for the docks as they stand now"));
  name_->setAccessibleName(text("Name of the layout"));
  list_->setObjectName("layouts_list");
  list_->setAccessibleName(text("Layouts of your own"));
  list_->setEditTriggers(QAbstractItemView::EditKeyPressed | QAbstractItemView::SelectedClicked);
  wrong_->setObjectName("layouts_wrong");
  wrong_->setProperty("role", "notice");
  wrong_->setWordWrap(true);
  wrong_->hide();
  save_ = clicked_button(this, "layouts_save", text("Save"), text("Keep the docks as they stand under this name"));
  use_ = clicked_button(this, "layouts_use", text("Use"), text("Show the docks as in this layout"));
  delete_ = clicked_button(this, "layouts_delete", text("Delete"), text("Delete this layout; the docks stay as they are"));
  auto* close = clicked_button(this, "layouts_close", text("Close"), text("Close this list"));
  save_->setProperty("primary", true);
  save_->setDefault(true);
  auto* note = new QLabel(text("A click on the selected name, or F2, changes it."), this);
  note->setProperty("role", "dim");
  auto* top = new QHBoxLayout;
  top->addWidget(name_, 1);
  top->addWidget(save_);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(delete_);
  buttons->addStretch(1);
  buttons->addWidget(close);
  buttons->addWidget(use_);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(18, 16, 18, 14);
  all->setSpacing(10);
  all->addLayout(top);
  all->addWidget(wrong_);
  all->addWidget(list_, 1);
  all->addWidget(note);
  all->addLayout(buttons);
  resize(440, 320);
  const auto chosen = [this] { return list_->currentItem()->data(kNameRole).toString().toStdString(); };
  connect(name_, &QLineEdit::textChanged, this, [this] { refresh(); });
  connect(name_, &QLineEdit::returnPressed, this, [this] { save(); });
  connect(save_, &QPushButton::clicked, this, [this] { save(); });
  connect(list_, &QListWidget::currentRowChanged, this, [this] { refresh(); });
  connect(list_, &QListWidget::itemChanged, this, [this](const QListWidgetItem* item) { renamed(*item); });
  connect(use_, &QPushButton::clicked, this, [this, chosen] { run("layout", {chosen()}); });
  connect(delete_, &QPushButton::clicked, this, [this, chosen] {
    run("delete-layout", {chosen()});
    fill();
  });
  connect(close, &QPushButton::clicked, this, &QDialog::reject);
  fill();
  name_->setFocus();
}

void LayoutsDialog::fill() {
  const QSignalBlocker quiet(list_);
  list_->clear();
  for (const OwnLayout& one : own_layouts()) {
    auto* item = new QListWidgetItem(one.name, list_);
    item->setFlags(item->flags() | Qt::ItemIsEditable);
    item->setData(kNameRole, one.name);
  }
  if (list_->count() > 0) list_->setCurrentRow(0);
  refresh();
}

void LayoutsDialog::refresh() {
  save_->setEnabled(!name_->text().trimmed().isEmpty());
  for (QPushButton* one : {use_, delete_}) one->setEnabled(list_->currentItem() != nullptr);
}

void LayoutsDialog::save() {
  if (!save_->isEnabled()) return;
  run("save-layout", {name_->text().toStdString()});
  if (wrong_->isHidden()) name_->clear();
  fill();
}

void LayoutsDialog::renamed(const QListWidgetItem& item) {
  if (item.text() == item.data(kNameRole).toString()) return;
  run("rename-layout", {item.data(kNameRole).toString().toStdString(), item.text().toStdString()});
  QMetaObject::invokeMethod(this, [this] { fill(); }, Qt::QueuedConnection);  // the list still writes into the item
}

void LayoutsDialog::run(const char* id, std::vector<std::string> arguments) {
  const auto done = runner_.run({id, std::move(arguments)});
  wrong_->setVisible(!done);
  wrong_->setText(done ? QString() : QString::fromStdString(done.error().message));
}

}  // namespace gf::ui
