#include "app/ui/docks/dock_title.h"

#include <QDockWidget>
#include <QHBoxLayout>
#include <QMouseEvent>
#include <QToolButton>

#include "app/ui/widgets/elided_label.h"
#include "app/ui/widgets/glyphs.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {

DockTitle::DockTitle(QDockWidget* dock) : QWidget(dock) {
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
    if (!floats) dock->raise();
  });
  connect(button(Glyph::Close, text("Close")), &QToolButton::clicked, dock, &QDockWidget::close);
}

void DockTitle::mouseDoubleClickEvent(QMouseEvent* event) {
  auto* dock = static_cast<QDockWidget*>(parentWidget());
  const bool fill = !dock->isFloating();
  dock->setFloating(fill);
  if (fill) dock->setGeometry(dock->parentWidget()->window()->geometry());
  event->accept();
}

}  // namespace gf::ui
