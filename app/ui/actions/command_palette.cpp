#include "app/ui/actions/command_palette.h"

#include <QAction>
#include <QKeyEvent>
#include <QKeySequence>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

#include "app/ui/actions/action_runner.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

/// A large model has thousands of hooks and heads; nobody reads a longer list.
constexpr std::size_t kMostEntries = 200;
constexpr int kWidth = 560, kBelowTop = 90, kAboveBottom = 10;

/// How well an entry fits: 0: it begins with the typed text; 1: its id does; 2: one of its words does; 3: it has all typed words;
/// 4: with the words about it; -1: not at all.
int fit_of(const CommandPalette::Entry& entry, const QString& typed, const QStringList& words) {
  const QString id = QString::fromStdString(entry.call.id);
  const auto has = [&](const QString& word) {
    return entry.label.contains(word, Qt::CaseInsensitive) || id.contains(word, Qt::CaseInsensitive);
  };
  if (!std::all_of(words.begin(), words.end(), has)) {
    const auto tells = [&](const QString& word) { return has(word) || entry.about.contains(word, Qt::CaseInsensitive); };
    return std::all_of(words.begin(), words.end(), tells) ? 4 : -1;
  }
  // Without its colon "Lesson: First look" begins with "lesson first".
  const QString spoken = QString(entry.label).remove(QLatin1Char(':'));
  if (spoken.startsWith(typed, Qt::CaseInsensitive)) return 0;
  if (id.startsWith(typed, Qt::CaseInsensitive)) return 1;
  // The user who types "block 4" wants the block before "Redo cut head 3 of block 4", so an action counts by its title.
  const QString& named = entry.title.isEmpty() ? spoken : entry.title;
  return named.contains(QLatin1Char(' ') + typed, Qt::CaseInsensitive) ? 2 : 3;
}

}  // namespace

CommandPalette::CommandPalette(ActionRunner& runner, QWidget* parent) : QDialog(parent, Qt::Popup), runner_(runner) {
  setObjectName("command_palette");
  setAttribute(Qt::WA_DeleteOnClose);
  edit_ = new QLineEdit(this);
  edit_->setObjectName("palette_edit");
  edit_->setPlaceholderText(text("A command, block, head, hook, token or lesson"));
  edit_->setAccessibleName(text("Find a command, block, head, hook, token or lesson"));
  edit_->installEventFilter(this);
  list_ = new QListWidget(this);
  list_->setObjectName("palette_list");
  list_->setAccessibleName(text("What was found"));
  nothing_ = new QLabel(this);
  nothing_->setObjectName("palette_nothing");
  nothing_->setProperty("role", "dim");
  nothing_->setWordWrap(true);
  nothing_->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(10, 10, 10, 10);
  all->addWidget(edit_);
  all->addWidget(nothing_);
  all->addWidget(list_, 1);
  if (parent) {
    height_ = std::min(height_, parent->height() - kBelowTop - kAboveBottom);
    move(parent->mapToGlobal(QPoint((parent->width() - kWidth) / 2, kBelowTop)));
  }
  connect(edit_, &QLineEdit::textChanged, this, [this](const QString& words) { filter(words); });
  connect(edit_, &QLineEdit::returnPressed, this, [this] { run(); });
  connect(list_, &QListWidget::itemClicked, this, [this] { run(); });
  collect();
  filter({});
  edit_->setFocus();
}

void CommandPalette::collect() {
  for (const Action& action : ui::actions()) {
    if (action.bare() && runner_.qaction(action.id)->isEnabled()) {
      const QString keys = runner_.qaction(action.id)->shortcut().toString(QKeySequence::NativeText);
      all_.push_back({QString::fromStdString(runner_.label(action)),
                      keys,
                      {action.id, {}},
                      text(action.title),
                      runner_.qaction(action.id)->toolTip()});
    }
    for (const Choice& choice : runner_.choices(action)) {
      const QString tip = QString::fromStdString(choice.tip);
      all_.push_back({QString::fromStdString(choice.label), tip, {action.id, choice.arguments}, {}, tip});
    }
  }
}

void CommandPalette::search(const QString& words) { edit_->setText(words); }

void CommandPalette::filter(const QString& typed) {
  const QStringList words = typed.split(' ', Qt::SkipEmptyParts);
  std::vector<std::pair<int, const Entry*>> fits;
  for (const Entry& entry : all_)
    if (const int fit = fit_of(entry, typed, words); fit >= 0) fits.emplace_back(fit, &entry);
  std::ranges::stable_sort(fits, {}, &std::pair<int, const Entry*>::first);
  // A whole call, as --do takes it, comes after the entries that begin with the typed text.
  const auto call = parse_call(typed.toStdString());
  const Entry to_do{text("Do: {0}", typed.simplified()), {}, call.value_or(ActionCall())};
  if (call && !call->arguments.empty()) {
    const auto weaker = std::ranges::find_if(fits, [](const auto& fit) { return fit.first > 0; });
    fits.insert(weaker, {0, &to_do});
  }
  const Action* begun = words.isEmpty() ? nullptr : find_action(words.front().toStdString());
  const bool incomplete = begun && !begun->bare() && !call;
  std::vector<Entry> shown;
  for (std::size_t i = 0; i < std::min(fits.size(), kMostEntries); ++i) shown.push_back(*fits[i].second);
  shown_ = std::move(shown);
  list_->clear();
  for (const Entry& entry : shown_) {
    // A long tip would hide its label, so it is only a tooltip.
    const bool brief = entry.note.size() <= 16;
    auto* item =
        new QListWidgetItem(entry.note.isEmpty() || !brief ? entry.label : QStringLiteral("%1    %2").arg(entry.label, entry.note), list_);
    item->setToolTip(entry.note);
  }
  list_->setCurrentRow(0);
  nothing_->setVisible(incomplete || shown_.empty());
  nothing_->setText(incomplete ? QString::fromStdString(usage(*begun))
                               : text("Nothing is called “{0}”. Try a command, \"head 4.3\", \"block 2\", a token or a hook.", typed));
  list_->setVisible(!shown_.empty());
  // Without entries the palette is as high as its sentence.
  layout()->activate();  // the least height is another without the list
  resize(kWidth, shown_.empty() ? layout()->totalHeightForWidth(kWidth) : height_);
}

void CommandPalette::run() {
  const int row = list_->currentRow();
  if (row < 0 || row >= static_cast<int>(shown_.size())) return;
  const ActionCall call = shown_[static_cast<std::size_t>(row)].call;
  close();
  // Once the popup is closed, because the action may open another one.
  QTimer::singleShot(0, &runner_, [&runner = runner_, call] { runner.trigger(call.id, call.arguments); });
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
