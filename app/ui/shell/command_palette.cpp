#include "app/ui/shell/command_palette.h"

#include <QAction>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {
constexpr int kIndexRole = Qt::UserRole + 1;
}

CommandPalette::CommandPalette(const std::vector<QAction*>& actions, QWidget* parent) : QDialog(parent, Qt::Popup), actions_(actions) {
  setObjectName("command_palette");
  setAttribute(Qt::WA_DeleteOnClose);
  edit_ = new QLineEdit(this);
  edit_->setObjectName("palette_edit");
  edit_->setPlaceholderText(text("Find a command"));
  edit_->setAccessibleName(text("Find a command"));
  edit_->installEventFilter(this);
  list_ = new QListWidget(this);
  list_->setAccessibleName(text("Commands"));
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(10, 10, 10, 10);
  all->addWidget(edit_);
  all->addWidget(list_);
  resize(520, 420);
  if (parent) move(parent->mapToGlobal(QPoint((parent->width() - width()) / 2, 90)));
  connect(edit_, &QLineEdit::textChanged, this, [this](const QString& text) { filter(text); });
  connect(edit_, &QLineEdit::returnPressed, this, [this] { run(); });
  connect(list_, &QListWidget::itemClicked, this, [this] { run(); });
  filter({});
  edit_->setFocus();
}

void CommandPalette::filter(const QString& text) {
  const QStringList words = text.split(' ', Qt::SkipEmptyParts);
  list_->clear();
  for (std::size_t i = 0; i < actions_.size(); ++i) {
    const QString name = actions_[i]->text().remove('&');
    const bool fits =
        std::all_of(words.begin(), words.end(), [&](const QString& word) { return name.contains(word, Qt::CaseInsensitive); });
    if (!fits || !actions_[i]->isEnabled()) continue;
    const QString key = actions_[i]->shortcut().toString(QKeySequence::NativeText);
    auto* item = new QListWidgetItem(key.isEmpty() ? name : QStringLiteral("%1    %2").arg(name, key), list_);
    item->setData(kIndexRole, static_cast<int>(i));
  }
  list_->setCurrentRow(0);
}

void CommandPalette::run() {
  const QListWidgetItem* item = list_->currentItem();
  if (!item) return;
  QAction* action = actions_[static_cast<std::size_t>(item->data(kIndexRole).toInt())];
  close();
  QTimer::singleShot(0, action, &QAction::trigger);
}

bool CommandPalette::eventFilter(QObject* object, QEvent* event) {
  if (object == edit_ && event->type() == QEvent::KeyPress) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Down || key == Qt::Key_Up) {
      const int row = list_->currentRow() + (key == Qt::Key_Down ? 1 : -1);
      list_->setCurrentRow(std::clamp(row, 0, std::max(0, list_->count() - 1)));
      return true;
    }
  }
  return QDialog::eventFilter(object, event);
}

}  // namespace gf::ui
