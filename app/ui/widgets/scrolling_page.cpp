#include "app/ui/widgets/scrolling_page.h"

#include <QScrollArea>
#include <QVBoxLayout>

namespace gf::ui {

QWidget* scrolling_page(QWidget* parent, const char* name) {
  auto* page = new QWidget(parent);
  page->setObjectName("dock_body");
  auto* scroll = new QScrollArea(parent);
  scroll->setObjectName(QLatin1String(name));
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setWidget(page);
  auto* outer = new QVBoxLayout(parent);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(scroll);
  return page;
}

}  // namespace gf::ui
