#include "app/ui/docks/named_list.h"

#include <QHeaderView>
#include <QKeyEvent>

#include "app/ui/actions/action_runner.h"

namespace gf::ui {

NamedList::NamedList(ActionRunner& runner, const Acts& acts, const Columns& columns, QWidget* parent)
    : QTreeWidget(parent), runner_(runner), acts_(acts), columns_(columns) {
  setRootIsDecorated(false);
  setUniformRowHeights(true);
  setEditTriggers(QAbstractItemView::EditKeyPressed | QAbstractItemView::SelectedClicked);
  setTextElideMode(Qt::ElideMiddle);
  header()->setStretchLastSection(true);
  header()->setMinimumSectionSize(30);
  connect(this, &QTreeWidget::itemChanged, this, [this, columns](QTreeWidgetItem* item, int column) {
    if (quiet_ || (column != columns.name && column != columns.note)) return;
    runner_.trigger(column == columns.name ? acts_.name : acts_.note,
                    {number_of(indexOfTopLevelItem(item)), item->text(column).toStdString()});
  });
  connect(this, &QTreeWidget::itemDoubleClicked, this, [this](QTreeWidgetItem* item, int column) {
    if (column == columns_.note) return editItem(item, column);
    runner_.trigger(acts_.go, {number_of(indexOfTopLevelItem(item))});
  });
}

void NamedList::set_rows(std::size_t count) {
  while (topLevelItemCount() > static_cast<int>(count)) delete takeTopLevelItem(topLevelItemCount() - 1);
  while (topLevelItemCount() < static_cast<int>(count)) {
    auto* item = new QTreeWidgetItem(this);
    item->setFlags(item->flags() | Qt::ItemIsEditable);
    setCurrentItem(item);
    scrollToItem(item);
  }
}

void NamedList::keyPressEvent(QKeyEvent* event) {
  const int index = currentItem() ? indexOfTopLevelItem(currentItem()) : -1;
  const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  // A key that is held a little too long must not remove the next row too.
  if (event->key() == Qt::Key_Delete && event->isAutoRepeat()) return;
  if (index >= 0 && state() != QAbstractItemView::EditingState && (enter || event->key() == Qt::Key_Delete))
    return runner_.trigger(enter ? acts_.go : acts_.remove, {number_of(index)});
  if (index >= 0 && event->key() == Qt::Key_F2 && currentColumn() != columns_.note) return editItem(currentItem(), columns_.name);
  QTreeWidget::keyPressEvent(event);
}

bool NamedList::event(QEvent* event) {
  if (event->type() == QEvent::ShortcutOverride) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_Delete || key == Qt::Key_Up || key == Qt::Key_Down) event->accept();
  }
  return QTreeWidget::event(event);
}

}  // namespace gf::ui
