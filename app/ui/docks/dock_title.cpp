#include "app/ui/docks/dock_title.h"

#include <QApplication>
#include <QDockWidget>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLayout>
#include <QMainWindow>
#include <QMenu>
#include <QMouseEvent>
#include <QPushButton>
#include <QToolButton>
#include <algorithm>
#include <utility>

#include "app/ui/widgets/elided_label.h"
#include "app/ui/widgets/glyphs.h"
#include "app/ui/widgets/later.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {

DockTitle::DockTitle(QDockWidget* dock) : QWidget(dock), dock_(dock) {
  setObjectName("dock_title");
  setAttribute(Qt::WA_StyledBackground);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(10, 6, 4, 2);
  row->setSpacing(2);
  auto* name = new ElidedLabel(this);
  name->setText(dock->windowTitle());
  name->setToolTip(text("A double click fills the window with this dock, and another one docks it again"));
  give_font(*name, 9.75, true);
  row->addWidget(name, 1);
  back_ = new QPushButton(text("Back into the window"), this);
  back_->setObjectName(QStringLiteral("%1_back").arg(dock->objectName()));
  back_->setToolTip(text("Docks it again (Esc)"));
  back_->setFocusPolicy(Qt::TabFocus);
  back_->hide();
  row->addWidget(back_);
  connect(back_, &QPushButton::clicked, this, [this] { fill_window(false); });
  stacked_ = new QToolButton(this);
  stacked_->setObjectName(QStringLiteral("%1_stacked").arg(dock->objectName()));
  stacked_->setProperty("flat", true);
  stacked_->setArrowType(Qt::DownArrow);
  stacked_->setIconSize({12, 12});
  stacked_->setPopupMode(QToolButton::InstantPopup);
  stacked_->setFocusPolicy(Qt::TabFocus);
  stacked_->setToolTip(text("The docks that are stacked here"));
  stacked_->setAccessibleName(text("Docks stacked with {0}", dock->windowTitle()));
  auto* menu = new QMenu(stacked_);
  stacked_->setMenu(menu);
  connect(menu, &QMenu::aboutToShow, this, [this] { list_docks(); });
  row->addWidget(stacked_);
  const auto button = [&](Glyph glyph, const QString& label) {
    auto* b = new QToolButton(this);
    set_glyph(*b, glyph);
    b->setProperty("flat", true);
    b->setIconSize({12, 12});
    b->setToolTip(label);
    b->setAccessibleName(label + QStringLiteral(" ") + dock->windowTitle());
    b->setFocusPolicy(Qt::TabFocus);
    row->addWidget(b);
    return b;
  };
  connect(button(Glyph::Float, text("Float or dock")), &QToolButton::clicked, dock, [dock] { dock->setFloating(!dock->isFloating()); });
  // One that is docked again among tabs is the tab that one looks at.
  connect(dock, &QDockWidget::topLevelChanged, dock, [dock](bool floats) {
    if (!floats) later(dock, [dock] { dock->raise(); });
  });
  connect(dock, &QDockWidget::topLevelChanged, this, [this](bool floats) {
    if (!floats) let_go_of_esc();
    later(this, [this] { refresh(); });
  });
  connect(dock, &QDockWidget::visibilityChanged, this, [this] { later(this, [this] { refresh(); }); });
  connect(button(Glyph::Close, text("Close")), &QToolButton::clicked, dock, &QDockWidget::close);
}

void DockTitle::refresh() {
  back_->setVisible(fills_);
  const auto* window = qobject_cast<QMainWindow*>(dock_->parentWidget());
  const bool stacked = window && !dock_->isFloating() &&
                       std::ranges::any_of(window->tabifiedDockWidgets(dock_), [](const QDockWidget* other) { return !other->isHidden(); });
  stacked_->setVisible(stacked);
}

void DockTitle::list_docks() {
  auto* window = qobject_cast<QMainWindow*>(dock_->parentWidget());
  stacked_->menu()->clear();
  if (!window) return;
  QList<QDockWidget*> here = window->tabifiedDockWidgets(dock_);
  here.prepend(dock_);
  std::ranges::sort(here, {}, [](const QDockWidget* one) { return one->windowTitle(); });
  for (QDockWidget* one : here) {
    if (one->isHidden()) continue;
    QAction* entry = stacked_->menu()->addAction(one->windowTitle(), one, [one] { one->raise(); });
    entry->setCheckable(true);
    entry->setChecked(one == dock_);
  }
}

void DockTitle::hold_esc() {
  fills_ = true;
  qApp->installEventFilter(this);
}

void DockTitle::let_go_of_esc() {
  fills_ = false;
  qApp->removeEventFilter(this);
}

void DockTitle::note_sizes() {
  sizes_.clear();
  for (QDockWidget* one : dock_->parentWidget()->findChildren<QDockWidget*>(Qt::FindDirectChildrenOnly))
    if (!one->isFloating() && !one->visibleRegion().isEmpty()) sizes_.emplace_back(one, one->size());
}

void DockTitle::take_sizes() {
  auto* window = qobject_cast<QMainWindow*>(dock_->parentWidget());
  QList<QDockWidget*> docks;
  QList<int> widths, heights;
  for (const auto& [one, size] : std::exchange(sizes_, {})) {
    if (!one || one->isHidden() || one->isFloating()) continue;
    docks << one;
    widths << size.width();
    heights << size.height();
  }
  if (!window || docks.isEmpty()) return;
  window->layout()->activate();
  window->resizeDocks(docks, widths, Qt::Horizontal);
  window->resizeDocks(docks, heights, Qt::Vertical);
}

void DockTitle::fill_window(bool on) {
  if (on) note_sizes();
  dock_->setFloating(on);
  if (!on) take_sizes();
  let_go_of_esc();
  if (on) {
    hold_esc();
    dock_->setGeometry(dock_->parentWidget()->window()->geometry());
    dock_->activateWindow();
  }
  refresh();
}

void DockTitle::go_back() {
  if (fills_) fill_window(false);
}

bool DockTitle::eventFilter(QObject* watched, QEvent* event) {
  const bool key = fills_ && (event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress);
  if (key && watched->isWidgetType() && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
    if (dock_->isHidden()) {  // it was closed
      let_go_of_esc();
      return false;
    }
    const QWidget* window = static_cast<QWidget*>(watched)->window();
    if (window != dock_ && window != dock_->parentWidget()->window()) return false;  // a list of tokens, a dialog
    event->accept();
    if (event->type() == QEvent::KeyPress) fill_window(false);
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

void DockTitle::mouseDoubleClickEvent(QMouseEvent* event) {
  fill_window(!dock_->isFloating());
  event->accept();
}

}  // namespace gf::ui
