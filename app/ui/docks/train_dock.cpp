#include "app/ui/docks/train_dock.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QFileInfo>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSpinBox>
#include <QStackedWidget>
#include <QTextEdit>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/document/training.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/docks/segments.h"
#include "app/ui/docks/train_lines.h"
#include "app/ui/docks/train_setup.h"
#include "app/ui/widgets/dock_parts.h"
#include "app/ui/widgets/elided_label.h"
#include "app/ui/widgets/progress_line.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

constexpr int kLeastFieldWidth = 80;  // the dock may be narrow

using doc::TrainingPhase;
using doc::TrainingState;

QString time_left_words(double seconds) {
  constexpr double kMinute = 60, kHour = 3600;
  if (seconds < 2 * kMinute) return text("{0} s left", numbers::fixed(seconds, 0));
  if (seconds < 2 * kHour) return text("{0} min left", numbers::fixed(seconds / kMinute, 0));
  return text("{0} h left", numbers::fixed(seconds / kHour, 1));
}

/// "step 340 of 1,500 · loss 2.13 nats, held out 2.20"
QString progress_words(const TrainingState& s) {
  if (s.phase == TrainingPhase::Preparing) return text("reading the text and making the model …");
  QString words = text("step {0} of {1}", count(s.steps), count(s.call.steps));
  if (!s.losses.points().empty()) words += QStringLiteral(" · ") + text("loss {0} nats", numbers::fixed(s.losses.points().back(), 3));
  if (!s.held_out.empty()) words = text("{0}, {1}", words, text("held out {0}", numbers::fixed(*s.held_out.back().held_out, 3)));
  return words;
}

QString speed_words(const TrainingState& s) {
  switch (s.phase) {
    case TrainingPhase::Paused: return text("paused; step {0} is kept", count(s.kept));
    case TrainingPhase::Stopped:
      return s.kept >= 0 ? text("stopped; step {0} is kept, and the training can go on from there", count(s.kept)) : text("not begun");
    case TrainingPhase::Done: return text("all steps are made; the model is in {0}", s.folder);
    default: break;
  }
  if (s.steps_per_s <= 0) return {};
  return text("{0} steps/s · {1} tokens/s · {2}", numbers::significant(s.steps_per_s, 3), count(std::lround(s.tokens_per_s)),
              time_left_words(static_cast<double>(s.call.steps - s.steps) / s.steps_per_s));
}

}  // namespace

Dock* make_train_dock(const DockInfo& info, const DockContext& context) { return new TrainDock(info, context); }

TrainDock::TrainDock(const DockInfo& info, const DockContext& context) : Dock(info, context) {
  setup_ = new TrainSetup(lab(), runner(), body());
  setup_->on_error = [this](const Error& error) { runner().tell(error); };
  setup_->on_begun = [this] {
    anew_open_ = false;
    refresh(doc::Changes::all());
  };
  progress_ = make_progress();
  results_ = make_results();
  auto* inside = new QWidget(body());
  inside->setObjectName("dock_body");
  auto* all = new QVBoxLayout(inside);
  all->setContentsMargins(10, 8, 10, 8);
  all->setSpacing(8);
  all->addWidget(progress_);
  all->addWidget(setup_);
  all->addWidget(results_, 1);
  auto* scroll = new QScrollArea(body());
  scroll->setObjectName("train_scroll");
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setWidget(inside);
  auto* outer = new QVBoxLayout(body());
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(scroll);
}

QWidget* TrainDock::make_progress() {
  auto* widget = new QWidget(body());
  name_ = new ElidedLabel(widget, Qt::ElideMiddle);
  name_->setObjectName("train_name");
  give_font(*name_, 12, true);
  facts_ = wrapped_label(widget, "train_facts", "dim");
  error_ = wrapped_label(widget, "train_error");
  bar_ = new ProgressLine(QStringLiteral("train_bar"), text("Progress of the training"), widget);
  const auto button = [&](const char* name, const QString& words, const QString& tip, const char* action) {
    QPushButton* made = push_button(widget, name, words, tip);
    if (action != nullptr) connect(made, &QPushButton::clicked, this, [this, action] { runner().trigger(action); });
    return made;
  };
  pause_ = button("train_pause", text("Pause"), {}, nullptr);
  connect(pause_, &QPushButton::clicked, this, [this] {
    if (!has_training()) runner().trigger("train-resume", {series()});
    else runner().trigger(lab().training().state().running() ? "train-pause" : "train-go-on");
  });
  stop_ = button("train_stop", text("Stop"), text("Keeps the present step and lets go of the memory"), "train-stop");
  anew_ = button("train_anew", text("New …"), text("Choose a text, a size and a folder"), nullptr);
  connect(anew_, &QPushButton::clicked, this, [this] {
    anew_open_ = !anew_open_;
    refresh(doc::Changes::all());
  });
  show_ = button("train_show", text("Show it"), text("Opens the model that is trained; the scene then follows its steps"), nullptr);
  connect(show_, &QPushButton::clicked, this, [this] { runner().trigger("open", {lab().training().state().folder}); });
  look_row_ = new QWidget(widget);
  look_every_ = new QSpinBox(look_row_);
  look_every_->setObjectName("train_look_every");
  look_every_->setAccessibleName(text("Steps between looks at the model"));
  look_every_->setToolTip(
      text("Every so many steps the scene shows the model as it is, the prompt is run again, and the heads are scored"));
  constexpr int kMostLook = 1'000'000;
  look_every_->setRange(1, kMostLook);
  look_every_->setSuffix(QLatin1Char(' ') + text("steps"));
  look_every_->setKeyboardTracking(false);
  look_every_->setMinimumWidth(kLeastFieldWidth);
  connect(look_every_, &QSpinBox::valueChanged, this, [this](int steps) { runner().trigger("train-look-every", {std::to_string(steps)}); });
  auto* look_label = new QLabel(text("A look every"), look_row_);
  look_label->setProperty("role", "dim");
  auto* weights_label = new QLabel(text("Weights show"), look_row_);
  weights_label->setProperty("role", "dim");
  auto* look = new QGridLayout(look_row_);
  look->setContentsMargins(0, 0, 0, 0);
  look->setHorizontalSpacing(8);
  look->setVerticalSpacing(4);
  look->setColumnStretch(1, 1);
  look->addWidget(look_label, 0, 0);
  look->addWidget(look_every_, 0, 1);
  look->addWidget(weights_label, 1, 0);
  weights_ = new QComboBox(look_row_);
  weights_->setObjectName("train_weights");
  weights_->setAccessibleName(text("What panels of weights show"));
  weights_->setMinimumWidth(kLeastFieldWidth);
  weights_->setToolTip(text("What the scene shows of the weights at each look"));
  for (const auto& [words, id] : {std::pair(text("weights"), "value"), {text("gradient"), "gradient"}, {text("last change"), "update"}})
    weights_->addItem(words, QLatin1String(id));
  look->addWidget(weights_, 1, 1);
  weights_note_ = wrapped_label(look_row_, "train_weights_note", "dim");
  look->addWidget(weights_note_, 2, 0, 1, 2);
  connect(weights_, &QComboBox::activated, this,
          [this] { runner().trigger("train-weights", {weights_->currentData().toString().toStdString()}); });
  more_row_ = new QWidget(widget);
  more_ = new QSpinBox(more_row_);
  more_->setObjectName("train_more");
  more_->setAccessibleName(text("Steps more"));
  constexpr int kMostMore = 1'000'000'000;
  more_->setRange(1, kMostMore);
  const auto say_steps = [this](int more) { more_->setSuffix(QLatin1Char(' ') + (more == 1 ? text("step more") : text("steps more"))); };
  say_steps(more_->value());
  connect(more_, &QSpinBox::valueChanged, this, say_steps);
  more_->setMinimumWidth(kLeastFieldWidth);
  auto* train_on = button("train_on", text("Train on"),
                          text("Goes on from the last step; the learning rate follows its schedule over all steps, old and new"), nullptr);
  connect(train_on, &QPushButton::clicked, this,
          [this] { runner().trigger("train-resume", {series(), std::to_string(finished() + more_->value())}); });
  auto* more = new QHBoxLayout(more_row_);
  more->setContentsMargins(0, 0, 0, 0);
  more->setSpacing(6);
  more->addWidget(train_on);
  more->addWidget(more_, 1);
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(6);
  buttons->addWidget(pause_);
  buttons->addWidget(stop_);
  buttons->addWidget(anew_);
  buttons->addStretch(1);
  auto* all = new QVBoxLayout(widget);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(4);
  all->addWidget(name_);
  all->addWidget(facts_);
  all->addWidget(bar_);
  all->addWidget(error_);
  all->addLayout(buttons);
  all->addWidget(more_row_);
  all->addWidget(show_);
  all->addWidget(look_row_);
  return widget;
}

QWidget* TrainDock::make_results() {
  auto* widget = new QWidget(body());
  auto* all = new QVBoxLayout(widget);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(6);
  auto* row = new QHBoxLayout;
  row->setSpacing(0);
  pages_ = add_segments(*row, widget,
                        {{"train_loss_page", text("Loss"), text("Of the training and of the held-out part, over the steps")},
                         {"train_heads_page", text("Heads"), text("What each head looks at, over the steps")},
                         {"train_samples_page", text("Samples"), text("What the model writes as it learns")}},
                        [this](int page) {
                          stack_->setCurrentIndex(page);
                          refresh(doc::Changes::all());
                        });
  row->addStretch(1);
  all->addLayout(row);
  stack_ = new QStackedWidget(widget);
  const auto on_error = [this](const Error& error) { runner().tell(error); };
  losses_ = new LinesPlot(stack_);
  losses_->setObjectName("train_losses");
  losses_->setAccessibleName(text("Loss over the steps"));
  losses_->on_error = on_error;
  losses_->on_select = [this](int place) { show_step(losses_->places()[static_cast<std::size_t>(place)]); };
  stack_->addWidget(losses_);
  auto* heads = new QWidget(stack_);
  score_ = new QComboBox(heads);
  score_->setObjectName("train_score");
  score_->setAccessibleName(text("Score of the heads"));
  for (const HeadScore& score : head_scores_to_plot()) {
    score_->addItem(text(score.title), QLatin1String(score.part));
    score_->setItemData(score_->count() - 1, text(score.doc), Qt::ToolTipRole);
  }
  score_->setMinimumWidth(kLeastFieldWidth);
  connect(score_, &QComboBox::activated, this, [this] { fill_heads(); });
  heads_ = new LinesPlot(heads);
  heads_->setObjectName("train_heads");
  heads_->setAccessibleName(text("Head scores over the steps"));
  heads_->on_error = on_error;
  heads_->on_select = [this](int place) { show_step(heads_->places()[static_cast<std::size_t>(place)]); };
  heads_note_ = wrapped_label(heads, "train_heads_note", "dim");
  auto* column = new QVBoxLayout(heads);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(score_);
  column->addWidget(heads_, 1);
  column->addWidget(heads_note_);
  stack_->addWidget(heads);
  samples_ = new QTextEdit(stack_);
  samples_->setObjectName("train_samples");
  samples_->setAccessibleName(text("What the model writes as it learns"));
  samples_->setReadOnly(true);
  samples_->setTabChangesFocus(true);
  stack_->addWidget(samples_);
  constexpr int kLeastHeight = 190;
  stack_->setMinimumHeight(kLeastHeight);
  all->addWidget(stack_, 1);
  return widget;
}

void TrainDock::hideEvent(QHideEvent* event) {
  lab().head_series().want({});
  wanted_.clear();
  Dock::hideEvent(event);
}

std::string TrainDock::series() const {
  if (has_training()) return lab().training().state().folder;
  return lab().model() && n_steps_ > 0 ? doc::training_name_of(lab().document().model) : std::string();
}

std::int64_t TrainDock::finished() const {
  const TrainingState& s = lab().training().state();
  if (!has_training()) return finished_in_folder_;
  return s.phase == TrainingPhase::Done ? s.steps : -1;
}

void TrainDock::mark_step(LinesPlot& plot) const {
  const std::string& model = lab().document().model;
  const auto step = doc::training_name_of(model) == series() ? doc::training_step_of(model) : std::nullopt;
  plot.set_current(step ? plot.place_near(*step) : -1);
}

void TrainDock::show_step(double step) {
  const std::string& model = lab().document().model;
  const std::string shown = series();
  const std::vector<int> steps = doc::training_steps_of(shown);
  if (steps.empty()) return;
  const int nearest = *std::ranges::min_element(steps, {}, [step](int s) { return std::abs(s - step); });
  const bool last = has_training() && nearest == steps.back() && step >= nearest;
  if (doc::training_name_of(model) == shown) runner().trigger("training-step", {last ? std::string("end") : std::to_string(nearest)});
  else runner().trigger("open", {shown + "@" + std::to_string(nearest)});
}

void TrainDock::fill(const doc::Changes& changes) {
  const bool all = !changes.training_alone();
  if (all && !has_training() && (changes.model || listed_ != lab().document().model)) {
    listed_ = lab().document().model;
    n_steps_ = doc::training_steps_of(listed_).size();
    resumable_ = n_steps_ > 0 && training::TrainingFolder::open(doc::training_name_of(listed_)).has_value();
    finished_in_folder_ = -1;
    if (resumable_)
      if (const auto notes = training::TrainingNotes::read(doc::training_name_of(listed_)); notes && !notes->curve.empty())
        if (const std::int64_t made = notes->curve.back().step; made >= notes->call.steps) finished_in_folder_ = made;
  }
  const std::string shown = series();
  const bool something = !shown.empty();
  const bool setup = anew_open_ || !something;
  setup_->setVisible(setup);
  if (setup && all) setup_->refresh();
  progress_->setVisible(something);
  results_->setVisible(something && !setup);
  if (!something) return;
  fill_progress();
  if (setup) return;
  const bool training = has_training();
  for (const Page page : {Page::Loss, Page::Samples}) pages_->button(static_cast<int>(page))->setVisible(training);
  const auto page = training ? static_cast<Page>(pages_->checkedId()) : Page::Heads;
  stack_->setCurrentIndex(static_cast<int>(page));
  pages_->button(static_cast<int>(Page::Heads))->setVisible(training);
  if (page != Page::Heads && !wanted_.empty()) {
    lab().head_series().want({});
    wanted_.clear();
  }
  if (page == Page::Loss) fill_losses();
  if (page == Page::Heads) {
    // What was looked at while it learnt need not be read again; the rest is, once.
    if (wanted_ != shown) {
      wanted_ = shown;
      lab().head_series().want(shown);
    }
    fill_heads();
  }
  if (page == Page::Samples) fill_samples();
}

void TrainDock::fill_progress() {
  const TrainingState& s = lab().training().state();
  const bool training = has_training();
  const std::string shown = series();
  name_->setText(shown.empty() && lab().model() ? QString::fromStdString(lab().model()->weights->name)
                                                : QFileInfo(QString::fromStdString(shown)).fileName());
  name_->setToolTip(QString::fromStdString(shown));
  facts_->setText(training ? progress_words(s) + QLatin1Char('\n') + speed_words(s)
                           : counted(static_cast<long long>(n_steps_), "a series of {0} training step", "a series of {0} training steps"));
  bar_->setVisible(s.running());
  bar_->set_fraction(s.phase == TrainingPhase::Preparing
                         ? -1
                         : static_cast<double>(s.steps) / static_cast<double>(std::max<std::int64_t>(1, s.call.steps)));
  error_->setVisible(training && s.error.has_value());
  if (s.error) error_->setText(QString::fromStdString(s.error->message));
  const bool rests =
      training ? s.phase == TrainingPhase::Paused || (s.phase == TrainingPhase::Stopped && s.kept >= 0) : resumable_ && finished() < 0;
  pause_->setVisible(s.running() || rests);
  pause_->setText(s.running() ? text("Pause") : text("Go on"));
  pause_->setToolTip(s.running() ? text("Keeps the present step and rests")
                     : training  ? text("From step {0}", count(s.kept))
                                 : text("From its newest checkpoint"));
  const std::int64_t made = finished();
  // Half as many again, until the user says how many.
  if (made >= 0 && std::exchange(more_than_, made) != made)
    more_->setValue(static_cast<int>(std::clamp<std::int64_t>(made / 2, 1, more_->maximum())));
  more_row_->setVisible(made >= 0);
  stop_->setVisible(s.running() || s.phase == TrainingPhase::Paused);
  show_->setVisible(training && s.kept >= 0 && doc::training_name_of(lab().document().model) != s.folder);
  anew_->setVisible(!s.running());
  anew_->setText(anew_open_ ? text("Back") : text("New …"));
  look_every_->setEnabled(s.running() || s.phase == TrainingPhase::Paused);
  look_row_->setVisible(training && (look_every_->isEnabled() || lab().has_gradient()));
  weights_->setCurrentIndex(static_cast<int>(lab().weights_shown()));
  weights_->setEnabled(lab().has_gradient());
  // From the front a shelf is a thin line, so that nothing seems to happen.
  weights_note_->setText(text("It stands in the shelves behind q, k, v, attention out and the MLP. A double click on one goes there."));
  weights_note_->setVisible(lab().has_gradient() && lab().weights_shown() != doc::Lab::WeightsShown::Value);
  const QSignalBlocker quiet(look_every_);
  if (!look_every_->hasFocus()) look_every_->setValue(static_cast<int>(std::min<std::int64_t>(s.look_every, look_every_->maximum())));
}

void TrainDock::fill_losses() {
  losses_->set_lines(loss_lines(lab().training().state()));
  mark_step(*losses_);
}

void TrainDock::fill_heads() {
  const doc::HeadSeries& series_of = lab().head_series();
  const auto& known = series_of.of(series());
  const std::string part = score_->currentData().toString().toStdString();
  const HeadLinesOf heads = head_lines(known, part, has_training() ? lab().training().state().call.steps : 0);
  heads_->set_lines(heads.lines);
  mark_step(*heads_);
  QString note = known.empty() ? text("the heads of the steps are being scored …") : heads.words;
  if (!known.empty() && !heads.formed && lab().training().state().phase == TrainingPhase::Done)
    note += QLatin1Char('\n') +
            text(
                "A text that is short, or repeats itself word by word, is learnt without such heads: try a longer text, more steps, or the "
                "text “repeated strings”.");
  if (!known.empty())
    note += QLatin1Char('\n') +
            text("Scored on random tokens said twice: as many as the context has room for, {0} at most.", doc::kMostScoredTokens);
  heads_note_->setText(note);
}

void TrainDock::fill_samples() {
  const auto& samples = lab().training().state().samples;
  const std::int64_t newest = samples.empty() ? -1 : samples.back().step;
  if (samples_shown_ == samples.size() && newest_sample_ == newest && !samples_->toPlainText().isEmpty()) return;
  samples_shown_ = samples.size();
  newest_sample_ = newest;
  QString html;
  for (auto sample = samples.rbegin(); sample != samples.rend(); ++sample)
    html += QStringLiteral("<p><span style='color:%1'>%2</span><br><span style='color:%1'>%3</span>%4</p>")
                .arg(skin().dim.name(), text("step {0}", count(sample->step)).toHtmlEscaped(),
                     QString::fromStdString(sample->prompt).toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")),
                     QString::fromStdString(sample->text).toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")));
  if (html.isEmpty()) html = text("Samples come with each look at the model.").toHtmlEscaped();
  const int at = samples_->verticalScrollBar()->value();
  samples_->setHtml(html);
  samples_->verticalScrollBar()->setValue(at);
}

}  // namespace gf::ui
