// A row of joined buttons of which one is on.
#pragma once

#include <QBoxLayout>
#include <QButtonGroup>
#include <QToolButton>
#include <functional>
#include <vector>

namespace gf::ui {

struct Segment {
  const char* name;  ///< the object's
  QString text, tip;
};
/// Adds the buttons to a layout. `chosen` gets the number of the one that the user chooses.
inline QButtonGroup* add_segments(QBoxLayout& row, QWidget* parent, const std::vector<Segment>& segments, std::function<void(int)> chosen) {
  auto* group = new QButtonGroup(parent);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    auto* button = new QToolButton(parent);
    button->setObjectName(QLatin1String(segments[i].name));
    button->setText(segments[i].text);
    button->setToolTip(segments[i].tip);
    button->setCheckable(true);
    button->setProperty("segment", i == 0 ? "first" : i + 1 == segments.size() ? "last" : "true");
    group->addButton(button, static_cast<int>(i));
    row.addWidget(button);
  }
  group->button(0)->setChecked(true);
  QObject::connect(group, &QButtonGroup::idClicked, parent, std::move(chosen));
  return group;
}

}  // namespace gf::ui
