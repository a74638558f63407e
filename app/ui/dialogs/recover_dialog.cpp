#include "app/ui/dialogs/recover_dialog.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

#include "app/ui/actions/action_runner.h"
#include "app/ui/widgets/dock_parts.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr int kIdRole = Qt::UserRole + 1, kReadableRole = Qt::UserRole + 2;

QString kept_line(const doc::KeptSession& session) {
  const QString line = described(session);
  if (!session.document || session.mark.closed) return line;
  return session.mark.on_trial ? text("left by a crash, after it was opened again: {0}", line) : text("left by a crash: {0}", line);
}

}  // namespace

RecoverDialog::RecoverDialog(SessionKeeper& keeper, ActionRunner& runner, QWidget* parent)
    : QDialog(parent), keeper_(keeper), list_(new QListWidget(this)) {
  setObjectName("recover_dialog");
  setWindowTitle(text("Recover a session"));
  setAttribute(Qt::WA_DeleteOnClose);
  list_->setObjectName("recover_list");
  list_->setAccessibleName(text("Kept sessions"));
  auto* note =
      new QLabel(text("Sessions that a crash left stay until you delete them; of those that were closed, the last ten are kept."), this);
  note->setProperty("role", "dim");
  note->setWordWrap(true);
  open_ = push_button(this, "recover_open", text("Open"), text("Go on with this session; the present one is kept"));
  delete_ = push_button(this, "recover_delete", text("Delete"), text("Delete this session for good"));
  auto* cancel = push_button(this, "recover_cancel", text("Cancel"), text("Close and change nothing"));
  open_->setProperty("primary", true);
  open_->setDefault(true);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(delete_);
  buttons->addStretch(1);
  buttons->addWidget(cancel);
  buttons->addWidget(open_);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(18, 16, 18, 14);
  all->setSpacing(12);
  all->addWidget(list_, 1);
  all->addWidget(note);
  all->addLayout(buttons);
  resize(720, 360);
  connect(list_, &QListWidget::currentRowChanged, this, [this] { refresh(); });
  const auto open = [this, &runner] {
    if (chosen().empty()) return;
    const std::string id = chosen();
    accept();
    runner.trigger("recover", {id});
  };
  connect(open_, &QPushButton::clicked, this, open);
  connect(list_, &QListWidget::itemActivated, this, open);
  connect(delete_, &QPushButton::clicked, this, [this, &runner] {
    runner.trigger("delete-kept", {chosen()});
    fill();
  });
  connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
  fill();
  list_->setFocus();
}

void RecoverDialog::fill() {
  list_->clear();
  for (const doc::KeptSession& session : keeper_.left()) {
    auto* item = new QListWidgetItem(kept_line(session), list_);
    item->setData(kIdRole, QString::fromStdString(session.id));
    item->setData(kReadableRole, session.document.has_value());
    item->setToolTip(session.document ? QString::fromStdString(session.document->prompt) : QString::fromStdString(session.wrong));
  }
  if (list_->count() > 0) list_->setCurrentRow(0);
  refresh();
}

void RecoverDialog::refresh() {
  const QListWidgetItem* item = list_->currentItem();
  open_->setEnabled(item && item->data(kReadableRole).toBool());
  delete_->setEnabled(item != nullptr);
}

std::string RecoverDialog::chosen() const {
  const QListWidgetItem* item = list_->currentItem();
  return item ? item->data(kIdRole).toString().toStdString() : std::string();
}

}  // namespace gf::ui
