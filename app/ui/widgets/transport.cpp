#include "app/ui/widgets/transport.h"

#include <QAbstractItemView>
#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <iterator>

#include "app/scene/cube/cube_moment.h"
#include "app/scene/operations/tempo.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/actions/values_needed.h"
#include "app/ui/widgets/dock_parts.h"
#include "app/ui/widgets/glyphs.h"
#include "app/ui/widgets/timeline_bar.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr double kMomentWidth = 172;
constexpr int kSide = 8, kLeastBarWidth = 90;

/// A row of the list of speeds. In the paces that have a name of their own the speed is the usual one.
struct SpeedRow {
  scene::Pace pace;
  double speed;
  const char* name;  ///< null: the number
};
constexpr SpeedRow kSpeeds[] = {
    {scene::Pace::Term, 1, phrase("every term")},
    {scene::Pace::Operation, 1, phrase("every operation")},
    {scene::Pace::Token, 0.25, nullptr},
    {scene::Pace::Token, 0.5, nullptr},
    {scene::Pace::Token, 1, nullptr},
    {scene::Pace::Token, 2, nullptr},
    {scene::Pace::Token, 4, nullptr},
    {scene::Pace::Token, 8, nullptr},
    {scene::Pace::Pass, 1, phrase("whole pass in 5 s")},
};
constexpr int kUsualSpeed = 4;

/// The row of a speed; one that has no row is shown in the nearest one of its pace.
int row_of_speed(scene::Pace pace, double speed) {
  int best = kUsualSpeed;
  double least = 1e9;
  for (int i = 0; i < static_cast<int>(std::size(kSpeeds)); ++i) {
    const double off = std::abs(std::log(kSpeeds[i].speed / speed));
    if (kSpeeds[i].pace == pace && off < least) best = i, least = off;
  }
  return best;
}

}  // namespace

Transport::Transport(doc::Lab& lab, story::Player& story, QWidget* parent) : QWidget(parent), lab_(lab), story_(story) {
  setObjectName("transport");
  auto* rows = new QVBoxLayout(this);
  rows->setContentsMargins(kSide, 4, kSide, 4);
  rows->setSpacing(0);
  first_ = new QHBoxLayout;
  first_->setSpacing(6);
  second_ = new QHBoxLayout;
  rows->addLayout(first_);
  rows->addLayout(second_);
  const auto button = [&](const char* name, Glyph glyph, const QString& label, const char* tip, const char* id) {
    auto* b = new QToolButton(this);
    b->setObjectName(name);
    b->setProperty("round", true);
    set_glyph(*b, glyph);
    b->setIconSize({14, 14});
    b->setAccessibleName(label);
    set_key_tip(*b, tip, {id});
    b->setFocusPolicy(Qt::TabFocus);
    first_->addWidget(b);
    return b;
  };
  connect(button("first_button", Glyph::First, text("To the start"), phrase("To the start"), "to-start"), &QToolButton::clicked, this,
          [this] { first(); });
  connect(button("back_button", Glyph::Back, text("Step back"), phrase("Step back"), "step-back"), &QToolButton::clicked, this,
          [this] { step(-1); });
  play_ = button("play_button", Glyph::Play, text("Play"), phrase("Play or pause"), "play");
  connect(play_, &QToolButton::clicked, this, [this] { toggle(); });
  connect(button("forward_button", Glyph::Forward, text("Step forward"), phrase("Step forward"), "step-forward"), &QToolButton::clicked,
          this, [this] { step(1); });
  connect(button("last_button", Glyph::Last, text("To the end"), phrase("To the end"), "to-end"), &QToolButton::clicked, this,
          [this] { last(); });
  unit_ = new QComboBox(this);
  unit_->setObjectName("unit_combo");
  unit_->setAccessibleName(text("Unit of a step"));
  set_key_tip(*unit_, phrase("What a step is ({0}: operation, {1}: block, {2}: token)"),
              {"step-by-operation", "step-by-block", "step-by-token"});
  unit_->addItems({text("by operation"), text("by block"), text("by token")});
  first_->addWidget(unit_);
  bar_ = new TimelineBar(this);
  first_->addWidget(bar_, 1);
  moment_ = new QLabel(this);
  moment_->setObjectName("moment_label");
  moment_->setProperty("role", "dim");
  set_scale(1);
  first_->addWidget(moment_);
  first_->addStretch(0);  // takes the room only where the bar is not in this row
  speed_ = new QComboBox(this);
  speed_->setObjectName("speed_combo");
  speed_->setAccessibleName(text("Speed"));
  speed_->setToolTip(text("Playing speed"));
  for (const SpeedRow& row : kSpeeds) speed_->addItem(row.name ? text(row.name) : significant(row.speed, 3) + QStringLiteral("×"));
  // Its longest entry would make it three times as wide as what it mostly shows.
  make_narrow(*speed_, 5);
  speed_->view()->setMinimumWidth(speed_->view()->sizeHintForColumn(0) + 24);
  first_->addWidget(speed_);

  connect(unit_, &QComboBox::activated, this,
          [this](int index) { lab_.execute(doc::set_unit(static_cast<scene::Timeline::Unit>(index))); });
  connect(speed_, &QComboBox::activated, this,
          [this](int index) { lab_.execute(doc::set_speed(kSpeeds[index].pace, kSpeeds[index].speed)); });
  bar_->on_scrub = [this](double time) {
    if (story_.active()) story_.leave();
    pause();
    set_time(time);
  };
  timer_.setInterval(33);
  connect(&timer_, &QTimer::timeout, this, [this] { tick(); });
}

int Transport::controls_width() const {
  int width = 2 * kSide, items = 0;
  for (int i = 0; i < first_->count(); ++i) {
    const QWidget* widget = first_->itemAt(i)->widget();
    if (!widget || widget == bar_ || widget == moment_ || widget == speed_) continue;
    width += widget->sizeHint().width();
    ++items;
  }
  return width + (items + 1) * first_->spacing();
}

QSize Transport::minimumSizeHint() const { return {controls_width(), QWidget::minimumSizeHint().height()}; }

void Transport::arrange() {
  const int controls = controls_width() + speed_->sizeHint().width() + first_->spacing();
  const int moment = moment_->maximumWidth() + first_->spacing();
  const bool beside = width() >= controls + kLeastBarWidth, is_beside = second_->isEmpty();
  moment_->setVisible(width() >= controls + moment + (beside ? kLeastBarWidth : 0));
  if (beside == is_beside) return;
  for (QWidget* widget : {static_cast<QWidget*>(bar_), static_cast<QWidget*>(speed_)}) (is_beside ? first_ : second_)->removeWidget(widget);
  if (beside) {
    first_->insertWidget(first_->indexOf(unit_) + 1, bar_, 1);
    first_->addWidget(speed_);
  } else {
    second_->addWidget(bar_, 1);
    second_->addWidget(speed_);
  }
}

bool Transport::event(QEvent* event) {
  if (event->type() == QEvent::LayoutRequest) arrange();
  return QWidget::event(event);
}

void Transport::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
}

void Transport::set_scale(double scale) { moment_->setFixedWidth(static_cast<int>(kMomentWidth * scale)); }

double Transport::now() const {
  if (!timeline_) return 0;
  const doc::Document& d = lab_.document();
  return std::clamp(d.cube ? d.cube->time : d.time, 0.0, end());
}

double Transport::end() const {
  if (lab_.document().cube) return scene::Cube::kEnd;
  return timeline_ ? timeline_->end() : 0;
}

void Transport::set_time(double time) { lab_.document().cube ? lab_.set_cube_time(time) : lab_.set_time(time); }

void Transport::play() {
  if (!timeline_) return;
  play_from(now() >= end() ? 0 : now());
}

void Transport::play_from(double time, double until, std::optional<double> seconds) {
  if (!timeline_ || story_.active()) return;
  until_ = until;
  own_rate_ = seconds ? std::optional((until - time) / std::max(0.1, *seconds)) : std::nullopt;
  set_time(time);
  started_at_ = time;
  clock_.start();
  timer_.start();
  if (on_play) on_play();
  show_state();
}

void Transport::follow_story() {
  if (story_.playing() && !timer_.isActive()) clock_.start();
  if (story_.playing()) timer_.start();
  else timer_.stop();  // one that is left while it plays leaves a pass that stands still
  show_state();
}

void Transport::pause() {
  if (story_.showing()) return story_.pause();
  timer_.stop();
  show_state();
}

void Transport::toggle() {
  if (story_.preparing()) return;
  if (story_.showing()) {
    if (!story_.playing() && on_play) on_play();
    return story_.toggle();
  }
  playing() ? pause() : play();
}

void Transport::first() {
  if (story_.showing()) return story_.go(0);
  pause();
  set_time(0);
}

void Transport::last() {
  if (story_.showing()) return story_.go(story_.count() - 1);
  pause();
  if (timeline_) set_time(end());
}

void Transport::step(int direction) {
  if (story_.showing()) {
    if (on_play) on_play();
    return direction > 0 ? story_.next() : story_.back();
  }
  pause();
  if (!timeline_) return;
  if (lab_.document().cube) set_time(scene::step_in_cube(now(), direction));
  else set_time(timeline_->step(now(), lab_.document().unit, direction));
}

void Transport::tick() {
  if (!timeline_) return pause();
  // After a long gap (the window was moved, the machine is busy) playing goes on where it was.
  const double seconds = std::min(0.1, static_cast<double>(clock_.restart()) / 1000);
  if (story_.active()) return story_.advance(seconds);
  const doc::Document& d = lab_.document();
  const double pace = d.cube ? 1 / scene::Cube::kSeconds : scene::operations_a_second(d.pace, *timeline_, now(), started_at_);
  const double next = now() + seconds * own_rate_.value_or(d.speed * pace);
  const double stop = std::min(end(), until_);
  if (next >= stop) {
    set_time(stop);
    pause();
    return;
  }
  set_time(next);
}

void Transport::refresh(const doc::Changes& changes) {
  const auto model = lab_.model();
  const auto run = lab_.run();
  if (changes.run || changes.model) {
    if (run && model) {
      const int positions = run->base->length();
      timeline_ = std::make_shared<scene::Timeline>(model->weights->config, positions);
      bar_->set_run(timeline_, model->weights->config.n_layer, token_labels(*model, run->base->ids()));
      // Generated tokens are played from the end of the text before them. An edit does not change the time.
      if (run_ && run_->base->length() < positions && run->base->n_prompt() == run_->base->n_prompt()) {
        const double had_ended = timeline_->start_of(run_->base->length());
        if (!lab_.document().cube && !story_.active() && lab_.document().time >= had_ended) play_from(had_ended);
      }
    } else {
      timeline_.reset();
      bar_->set_run(nullptr, 0, {});
    }
    run_ = run;
    const QString lack = lack_of_values(lab_);
    for (QToolButton* button : findChildren<QToolButton*>()) enable_unless(*button, lack);
    for (QWidget* control : {static_cast<QWidget*>(unit_), static_cast<QWidget*>(speed_), static_cast<QWidget*>(bar_)})
      enable_unless(*control, lack);
  }
  const auto& cube = lab_.document().cube;
  if (std::exchange(product_, cube ? scene::cube_name(*cube) : std::string()) != product_ && playing()) pause();
  show_state();
}

void Transport::show_state() {
  const doc::Document& d = lab_.document();
  bar_->set_single(d.cube.has_value());
  unit_->setCurrentIndex(static_cast<int>(d.unit));
  speed_->setCurrentIndex(row_of_speed(d.pace, d.speed));
  bar_->set_time(now());
  const bool runs = playing() || story_.playing();
  const Glyph glyph = runs ? Glyph::Pause : Glyph::Play;
  if (glyph_of(*play_) != glyph) {
    set_glyph(*play_, glyph);
    play_->setAccessibleName(runs ? text("Pause") : text("Play"));
  }
  if (story_.preparing()) {
    moment_->setText(text("the story is being made"));
  } else if (story_.showing()) {
    moment_->setText(text("story, step {0} of {1}", story_.index() + 1, story_.count()));
  } else if (!timeline_) {
    moment_->clear();
  } else if (d.cube) {
    moment_->setText(QString::fromStdString(scene::title_of(*d.cube) + " · " + scene::words_of(d.cube->order)));
  } else if (now() >= timeline_->end()) {
    moment_->setText(text("all computed"));
  } else {
    // Between two operations the one that has just ended is shown, in the scene too.
    const double time = now();
    const auto moment = timeline_->at(time > 0 && time == std::floor(time) ? time - 0.5 : time);
    moment_->setText(text("position {0} · {1}", moment.position, timeline_->ops()[static_cast<std::size_t>(moment.op)].name));
  }
}

}  // namespace gf::ui
