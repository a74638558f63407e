#include "app/ui/shell/view_bar.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QKeySequence>
#include <QToolButton>

#include "app/ui/actions/commands.h"
#include "app/ui/widgets/glyphs.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

/// On a laptop at 200 % there is little more room than this between the docks.
constexpr int kLeastBarWidth = 470, kRoomForWords = 640;

}  // namespace

ViewBar::ViewBar(Commands& commands, QWidget* parent) : QWidget(parent), commands_(commands) {
  setObjectName("view_bar");
  setMinimumWidth(kLeastBarWidth);
  row_ = new QHBoxLayout(this);
  row_->setContentsMargins(8, 0, 8, 0);
  row_->setSpacing(0);
  add_choices("view");
  row_->addSpacing(16);
  add_choices("compare");
  row_->addStretch(1);
  add_button("fit", "fit_button", Glyph::Fit, text("Fit"));
  add_button("home", "home_button", Glyph::Home, text("Home"));
  add_button("save-picture", "picture_button", Glyph::Picture, text("Picture"));
}

void ViewBar::add_choices(const char* id) {
  Segment segment{find_action(id), {}};
  auto* group = new QButtonGroup(this);
  const std::vector<Choice> choices = commands_.choices(*segment.action);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const Choice& choice = choices[i];
    auto* b = new QToolButton(this);
    b->setObjectName(QString::fromStdString(std::string(id) + "_" + choice.arguments.front()));
    b->setText(QString::fromStdString(choice.brief));
    b->setToolTip(QString::fromStdString(choice.tip));
    b->setAccessibleName(b->toolTip());
    b->setCheckable(true);
    if (i == 0) b->setProperty("segment", "first");
    else if (i + 1 == choices.size()) b->setProperty("segment", "last");
    else b->setProperty("segment", true);
    group->addButton(b);
    connect(b, &QToolButton::clicked, this,
            [this, name = std::string(id), arguments = choice.arguments] { commands_.trigger(name, arguments); });
    row_->addWidget(b);
    segment.buttons.push_back(b);
  }
  segments_.push_back(std::move(segment));
}

void ViewBar::add_button(const char* id, const char* name, Glyph glyph, const QString& label) {
  const Action& action = *find_action(id);
  const QString keys = QKeySequence(keys_of(action)).toString(QKeySequence::NativeText);
  auto* b = new QToolButton(this);
  b->setObjectName(name);
  set_glyph(*b, glyph);
  b->setProperty("flat", true);
  b->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  b->setIconSize({14, 14});
  b->setText(label);
  b->setToolTip(QStringLiteral("%1 (%2)").arg(text(action.title), keys));
  b->setAccessibleName(b->toolTip());
  connect(b, &QToolButton::clicked, this, [this, name = std::string(id)] { commands_.trigger(name); });
  row_->addWidget(b);
  row_->addSpacing(4);
  tools_.push_back(b);
}

void ViewBar::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  for (QToolButton* tool : tools_)
    tool->setToolButtonStyle(width() < kRoomForWords ? Qt::ToolButtonIconOnly : Qt::ToolButtonTextBesideIcon);
}

void ViewBar::refresh() {
  for (const Segment& segment : segments_) {
    const std::vector<Choice> choices = commands_.choices(*segment.action);
    for (std::size_t i = 0; i < std::min(choices.size(), segment.buttons.size()); ++i) segment.buttons[i]->setChecked(choices[i].checked);
  }
}

}  // namespace gf::ui
