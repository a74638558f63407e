#include "app/ui/docks/bookmark_list.h"

#include <QDropEvent>
#include <QHeaderView>
#include <QKeyEvent>
#include <algorithm>
#include <utility>

#include "app/document/bookmarks.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

/// -1, 1: Alt+Up, Alt+Down; 0: another key.
int steps_of(const QKeyEvent& event) {
  if (event.modifiers() != Qt::AltModifier) return 0;
  return event.key() == Qt::Key_Up ? -1 : event.key() == Qt::Key_Down ? 1 : 0;
}

}  // namespace

BookmarkList::BookmarkList(doc::Lab& lab, ActionRunner& runner, QWidget* parent)
    : NamedList(runner, {"name-bookmark", "note-bookmark", "go-to-bookmark", "remove-bookmark", 1}, {Name, Note}, parent), lab_(lab) {
  setObjectName("bookmark_list");
  setAccessibleName(text("Bookmarks"));
  setHeaderLabels({QString(), text("Name"), text("Note")});
  header()->setStretchLastSection(false);
  header()->setSectionResizeMode(QHeaderView::Fixed);
  header()->setSectionResizeMode(Name, QHeaderView::Stretch);
  header()->resizeSection(Number, 30);
  setDragDropMode(QAbstractItemView::InternalMove);
  setDefaultDropAction(Qt::MoveAction);
}

void BookmarkList::refresh() {
  const auto& bookmarks = lab_.document().bookmarks;
  const bool was_quiet = std::exchange(quiet_, true);
  set_rows(bookmarks.size());
  for (std::size_t i = 0; i < bookmarks.size(); ++i) {
    QTreeWidgetItem& item = *topLevelItem(static_cast<int>(i));
    // A row is dropped between others, not onto one. Set once: each time the list would tell an open field to begin again.
    if (item.flags() & Qt::ItemIsDropEnabled) item.setFlags(item.flags() & ~Qt::ItemIsDropEnabled);
    item.setText(Number, QString::number(i + 1));
    item.setText(Name, QString::fromStdString(doc::title_of(bookmarks[i])));
    item.setText(Note, QString::fromStdString(bookmarks[i].note));
    const QString prompt = QString::fromStdString(bookmarks[i].subject.prompt);
    item.setToolTip(Name, item.text(Name) == prompt ? prompt : item.text(Name) + QLatin1Char('\n') + prompt);
    item.setToolTip(Note, item.text(Note));
  }
  share_width();
  quiet_ = was_quiet;
}

void BookmarkList::share_width(bool writes) {
  bool noted = writes;
  for (int i = 0; i < topLevelItemCount(); ++i) noted = noted || !topLevelItem(i)->text(Note).isEmpty();
  const int least = header()->fontMetrics().horizontalAdvance(headerItem()->text(Note)) + 12;
  header()->resizeSection(Note, noted ? std::max(least, (viewport()->width() - header()->sectionSize(Number)) * 2 / 5) : least);
}

bool BookmarkList::edit(const QModelIndex& index, EditTrigger trigger, QEvent* event) {
  const bool begins = NamedList::edit(index, trigger, event);
  if (begins && index.column() == Note) share_width(true);
  return begins;
}

void BookmarkList::resizeEvent(QResizeEvent* event) {
  NamedList::resizeEvent(event);
  share_width();
}

int BookmarkList::current() const { return currentItem() ? indexOfTopLevelItem(currentItem()) + 1 : 0; }

void BookmarkList::move(int from, int to) {
  if (from == to || from < 0 || to < 0 || to >= topLevelItemCount()) return;
  runner().trigger("move-bookmark", {number_of(from), number_of(to)});
  setCurrentItem(topLevelItem(to));
}

void BookmarkList::move_current(int by) { move(current() - 1, current() - 1 + by); }

void BookmarkList::keyPressEvent(QKeyEvent* event) {
  if (const int by = steps_of(*event); by != 0) return move_current(by);
  NamedList::keyPressEvent(event);
}

bool BookmarkList::event(QEvent* event) {
  if (event->type() == QEvent::ShortcutOverride && steps_of(*static_cast<QKeyEvent*>(event)) != 0) event->accept();
  return NamedList::event(event);
}

void BookmarkList::dropEvent(QDropEvent* event) {
  // The document moves the bookmark, and refresh() shows it: the rows stay as they are.
  event->setDropAction(Qt::IgnoreAction);
  event->accept();
  QTreeWidgetItem* at = itemAt(event->position().toPoint());
  const int from = current() - 1;
  int to = at ? indexOfTopLevelItem(at) : topLevelItemCount();
  if (at && dropIndicatorPosition() == QAbstractItemView::BelowItem) ++to;
  if (to > from) --to;  // those behind it move up
  move(from, to);
}

}  // namespace gf::ui
