// Copying what a table shows.
#pragma once

#include <QAbstractItemView>
#include <QAction>
#include <functional>
#include <utility>

#include "app/ui/widgets/words.h"

namespace gf::ui {

/// Ctrl+C in the table and its context menu call `copy`.
inline void add_copy_action(QAbstractItemView& table, std::function<void()> copy) {
  auto* action = new QAction(text("Copy as CSV"), &table);
  action->setShortcut(QKeySequence::Copy);
  action->setShortcutContext(Qt::WidgetShortcut);
  QObject::connect(action, &QAction::triggered, &table, std::move(copy));
  table.addAction(action);
  table.setContextMenuPolicy(Qt::ActionsContextMenu);
}

}  // namespace gf::ui
