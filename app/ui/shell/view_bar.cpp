#include "app/ui/shell/view_bar.h"

#include <QButtonGroup>
#include <QEvent>
#include <QHBoxLayout>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "app/ui/actions/action_runner.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/actions/values_needed.h"
#include "app/ui/widgets/glyphs.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr int kSide = 8, kBetween = 16;

}  // namespace

ViewBar::ViewBar(ActionRunner& runner, QWidget* parent) : QWidget(parent), runner_(runner) {
  setObjectName("view_bar");
  auto* rows = new QVBoxLayout(this);
  rows->setContentsMargins(kSide, 0, kSide, 0);
  rows->setSpacing(4);
  view_ = add_choices("view");
  compare_ = add_choices("compare");
  camera_ = new QWidget(this);
  auto* tools = new QHBoxLayout(camera_);
  tools->setContentsMargins(0, 0, 0, 0);
  tools->setSpacing(4);
  first_ = new QHBoxLayout;
  first_->setSpacing(kBetween);
  first_->addWidget(view_);
  first_->addWidget(compare_);
  first_->addStretch(1);
  first_->addWidget(camera_);
  second_ = new QHBoxLayout;
  second_->addStretch(1);
  rows->addLayout(first_);
  rows->addLayout(second_);
  add_button("fit", "fit_button", Glyph::Fit, text("Fit all"));
  add_button("home", "home_button", Glyph::Home, text("Home"));
  add_button("save-picture", "picture_button", Glyph::Picture, text("Picture"));
}

QWidget* ViewBar::add_choices(const char* id) {
  Segment segment{find_action(id), {}};
  auto* box = new QWidget(this);
  auto* row = new QHBoxLayout(box);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  auto* group = new QButtonGroup(this);
  const std::vector<Choice> choices = runner_.choices(*segment.action);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const Choice& choice = choices[i];
    auto* b = new QToolButton(box);
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
            [this, name = std::string(id), arguments = choice.arguments] { runner_.trigger(name, arguments); });
    row->addWidget(b);
    segment.buttons.push_back(b);
  }
  segments_.push_back(std::move(segment));
  return box;
}

void ViewBar::add_button(const char* id, const char* name, Glyph glyph, const QString& label) {
  auto* b = new QToolButton(camera_);
  b->setObjectName(name);
  set_glyph(*b, glyph);
  b->setProperty("flat", true);
  b->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  b->setIconSize({14, 14});
  b->setText(label);
  set_key_tip(*b, find_action(id)->title, {id});
  b->setAccessibleName(text(find_action(id)->title));
  connect(b, &QToolButton::clicked, this, [this, name = std::string(id)] { runner_.trigger(name); });
  camera_->layout()->addWidget(b);
  tools_.push_back(b);
}

int ViewBar::words_width() const {
  // As QToolButton::sizeHint() has it: the word, a blank at both sides, and a gap to the icon.
  constexpr int kGap = 4;
  int width = 0;
  for (const QToolButton* tool : tools_)
    width += kGap + tool->fontMetrics().horizontalAdvance(tool->text()) + 2 * tool->fontMetrics().horizontalAdvance(QLatin1Char(' '));
  return width;
}

ViewBar::CameraWidths ViewBar::camera_widths() const {
  const bool words = !tools_.empty() && tools_.front()->toolButtonStyle() == Qt::ToolButtonTextBesideIcon;
  const int now = camera_->sizeHint().width();
  auto& [icons, whole] = measured_;
  int &same = words ? whole : icons, &other = words ? icons : whole;
  // Other letters or words: what was measured in the other style is no longer so.
  if (same != 0 && same != now) other = 0;
  same = now;
  return {icons > 0 ? icons : whole - words_width(), whole > 0 ? whole : icons + words_width()};
}

QSize ViewBar::minimumSizeHint() const {
  const int width = std::max(view_->sizeHint().width() + kBetween + camera_widths().icons, compare_->sizeHint().width());
  return {width + 2 * kSide, QWidget::minimumSizeHint().height()};
}

void ViewBar::arrange() {
  // The stretch between the run and the camera has a gap at both sides.
  const auto [icons, whole] = camera_widths();
  const int others = view_->sizeHint().width() + compare_->sizeHint().width() + 3 * kBetween + 2 * kSide, least = others + icons;
  const auto style = others + whole <= width() ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly;
  for (QToolButton* tool : tools_) tool->setToolButtonStyle(style);
  const bool fits = least <= width(), is_first = first_->indexOf(compare_) >= 0;
  if (fits == is_first) return;
  (is_first ? first_ : second_)->removeWidget(compare_);
  if (fits) first_->insertWidget(1, compare_);
  else second_->insertWidget(0, compare_);
}

bool ViewBar::event(QEvent* event) {
  // The buttons have other letters, or other words.
  if (event->type() == QEvent::LayoutRequest) arrange();
  return QWidget::event(event);
}

void ViewBar::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
}

void ViewBar::refresh() {
  for (const Segment& segment : segments_) {
    const std::vector<Choice> choices = runner_.choices(*segment.action);
    const QString lack = needs_values(segment.action->id) ? runner_.lack_of_values() : QString();
    for (std::size_t i = 0; i < std::min(choices.size(), segment.buttons.size()); ++i) {
      segment.buttons[i]->setChecked(choices[i].checked);
      const QString tip = QString::fromStdString(choices[i].tip);  // names keys, which may be others now
      segment.buttons[i]->setEnabled(lack.isEmpty());
      segment.buttons[i]->setToolTip(lack.isEmpty() ? tip : lack);
      segment.buttons[i]->setAccessibleName(tip);
    }
  }
}

}  // namespace gf::ui
