#include "app/ui/docks/steering_panel.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QPushButton>
#include <QSlider>
#include <QStandardItemModel>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/document/kept.h"
#include "app/document/lab.h"
#include "app/ui/docks/text_pair_view.h"
#include "app/ui/plots/lines_plot.h"
#include "app/ui/plots/matrix_plot.h"
#include "app/ui/widgets/dock_parts.h"
#include "app/ui/widgets/progress_line.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr double kMostStrength = 10;
constexpr int kSliderSteps = 100;  // of the slider on each side
constexpr int kTextTokens = 24, kSweepTokens = 12;

}  // namespace

SteeringPanel::SteeringPanel(doc::Lab& lab, QWidget* parent) : QWidget(parent), lab_(lab) {
  make_widgets();
  lay_out();
  connect(which_, &QComboBox::activated, this, [this] {
    watch_texts(false);
    watch_sweep(false);
    refresh();
  });
  connect(slider_, &QSlider::valueChanged, this, [this](int value) {
    if (!quiet_) set_strength(kMostStrength * value / kSliderSteps);
  });
  connect(strength_, &QDoubleSpinBox::valueChanged, this, [this](double value) {
    if (!quiet_) set_strength(value);
  });
  connect(forget_, &QPushButton::clicked, this, [this] {
    if (const doc::Direction* own = chosen()) lab_.execute(doc::forget_direction(own->name));
  });
  connect(write_, &QPushButton::clicked, this, [this] {
    watch_texts(texts_of_.empty());
    refresh();
  });
  connect(sweep_, &QPushButton::clicked, this, [this] {
    watch_sweep(sweep_of_.empty());
    refresh();
  });
  probability_->on_select = perplexity_->on_select = [this](int place) {
    const auto& places = probability_->places();
    if (place >= 0 && place < static_cast<int>(places.size())) set_strength(places[static_cast<std::size_t>(place)]);
  };
}

SteeringPanel::~SteeringPanel() = default;

void SteeringPanel::make_widgets() {
  which_ = narrow_combo(this, "steering_direction", text("The direction to steer along"));
  forget_ = new QPushButton(text("Forget"), this);
  forget_->setObjectName("steering_forget");
  forget_->setToolTip(text("Remove this direction from the session, and its edit with it"));
  empty_ = wrapped_label(this, "steering_empty", "dim");
  place_ = wrapped_label(this, "steering_place", "dim");
  slider_ = new QSlider(Qt::Horizontal, this);
  slider_->setObjectName("steering_slider");
  slider_->setAccessibleName(text("Strength"));
  slider_->setRange(-kSliderSteps, kSliderSteps);
  slider_->setPageStep(10);
  slider_->setTickPosition(QSlider::TicksBelow);
  slider_->setTickInterval(kSliderSteps);
  strength_ = new QDoubleSpinBox(this);
  strength_->setObjectName("steering_strength");
  strength_->setAccessibleName(text("Strength, as a number"));
  strength_->setRange(-1000, 1000);
  strength_->setDecimals(2);
  strength_->setSingleStep(0.5);
  write_ = new QPushButton(this);
  write_->setObjectName("steering_write");
  sweep_ = new QPushButton(this);
  sweep_->setObjectName("steering_sweep");
  texts_ = new TextPairView(lab_, QStringLiteral("steering"), this);
  note_ = wrapped_label(this, "steering_note", "dim");
  progress_ = new ProgressLine(QStringLiteral("steering_progress"), text("Progress of the texts and the sweep"), this);
  probability_ = new LinesPlot(this);
  probability_->setObjectName("steering_probability");
  probability_->setAccessibleName(text("Probability of the target by strength"));
  probability_->setFocusPolicy(Qt::StrongFocus);
  perplexity_ = new LinesPlot(this);
  perplexity_->setObjectName("steering_perplexity");
  perplexity_->setAccessibleName(text("Perplexity by strength"));
  perplexity_->setFocusPolicy(Qt::StrongFocus);
  cosine_title_ = wrapped_label(this, "steering_cosine_title", "dim");
  cosine_title_->setText(text("cosine of each two directions"));
  cosines_ = new MatrixPlot(this);
  cosines_->setObjectName("steering_cosines");
  cosines_->setAccessibleName(text("Cosines of the directions"));
  cosines_->setFocusPolicy(Qt::StrongFocus);
}

void SteeringPanel::lay_out() {
  auto* top = new QHBoxLayout;
  top->setSpacing(6);
  top->addWidget(which_, 1);
  top->addWidget(forget_);
  auto* strength = new QHBoxLayout;
  strength->setSpacing(8);
  strength->addWidget(slider_, 1);
  strength->addWidget(strength_);
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(6);
  buttons->addWidget(write_, 1);
  buttons->addWidget(sweep_, 1);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(6);
  all->addWidget(empty_);
  all->addLayout(top);
  all->addWidget(place_);
  all->addLayout(strength);
  all->addLayout(buttons);
  all->addWidget(progress_);
  all->addWidget(note_);
  all->addWidget(texts_);
  all->addWidget(probability_, 1);
  all->addWidget(perplexity_, 1);
  all->addWidget(cosine_title_);
  all->addWidget(cosines_, 1);
  all->addStretch(0);
}

const doc::Direction* SteeringPanel::direction() const {
  const doc::Direction* own = chosen();
  return own != nullptr && why_not(*own).empty() ? own : nullptr;
}

const doc::Direction* SteeringPanel::chosen() const {
  return doc::find_named(lab_.document().directions, which_->currentText().toStdString());
}

std::string SteeringPanel::why_not(const doc::Direction& direction) const {
  return lab_.model() ? doc::why_not_in(direction, lab_.document(), lab_.model()->weights->config) : std::string();
}

void SteeringPanel::set_strength(double strength) {
  if (const doc::Direction* own = direction()) lab_.execute(doc::steer(*own, static_cast<float>(strength)));
}

void SteeringPanel::watch_texts(bool on) {
  texts_->let_go();
  texts_of_.clear();
  const doc::Direction* own = direction();
  if (!on || own == nullptr) return;
  texts_of_ = own->name;
  texts_->watch([direction = *own](doc::TellTexts tell) { return doc::steered_texts(direction, kTextTokens, std::move(tell)); });
}

void SteeringPanel::watch_sweep(bool on) {
  sweep_study_ = {};
  sweep_of_.clear();
  const doc::Direction* own = direction();
  if (!on || own == nullptr) return;
  sweep_of_ = own->name;
  sweep_study_ = lab_.studies().watch(doc::strength_sweep(*own, kMostStrength, kSweepTokens));
}

void SteeringPanel::take_over(const SteeringPanel& before) {
  if (!before.texts_of_.empty()) watch_texts(true);
  if (!before.sweep_of_.empty()) watch_sweep(true);
}

void SteeringPanel::pause() {
  paused_ = true;
  texts_->let_go();
  sweep_study_ = {};
  cosines_study_ = {};
  cosines_of_.clear();
}

void SteeringPanel::show_texts() {
  const doc::Direction* own = direction();
  const bool on = own != nullptr && !texts_of_.empty();
  texts_->setVisible(on);
  if (!on) return;
  texts_->set_titles(text("as it is"),
                     text("steered, strength {0}", significant(static_cast<double>(doc::strength_of(lab_.document().recipe, *own)), 3)));
  texts_->refresh();
}

void SteeringPanel::show_sweep() {
  const auto study = sweep_study_.now();
  const bool there = study.answer != nullptr && !sweep_of_.empty();
  probability_->setVisible(there);
  perplexity_->setVisible(there);
  if (!there) return;
  const doc::StrengthSweep& sweep = *study.answer;
  LinesOf lines;
  lines.x_name = gf::text("strength");
  lines.y_name = gf::text("probability");
  const std::string target = sweep.target ? quoted_token(*lab_.model(), *sweep.target).toStdString() : std::string();
  const auto& run = lab_.run();
  const bool known = run && sweep.position < run->edited->length();
  const std::string after =
      known ? quoted_token(*lab_.model(), run->edited->ids()[static_cast<std::size_t>(sweep.position)]).toStdString() : "";
  lines.lines = {{.name = gf::text("probability of {0} after {1}, position {2}", target, after, sweep.position),
                  .points = points_of(sweep.strengths, sweep.probability)}};
  lines.y_low = 0;
  lines.y_high = 1;
  probability_->set_lines(lines);
  lines.y_low.reset();
  lines.y_high.reset();
  lines.y_name = gf::text("perplexity");
  lines.logarithmic = true;
  lines.lines = {{.name = gf::text("perplexity of what it writes, to the model without edits"),
                  .points = points_of(sweep.strengths, sweep.perplexity)}};
  perplexity_->set_lines(std::move(lines));
  const double strength = static_cast<double>(doc::strength_of(lab_.document().recipe, *direction()));
  for (LinesPlot* plot : {probability_, perplexity_}) {
    const int near = plot->place_near(strength);
    constexpr double kThere = 1e-3;
    plot->set_current(near >= 0 && std::abs(plot->places()[static_cast<std::size_t>(near)] - strength) < kThere ? near : -1);
  }
}

void SteeringPanel::show_cosines() {
  std::vector<doc::Direction> kept;
  for (const doc::Direction& one : lab_.document().directions)
    if (why_not(one).empty()) kept.push_back(one);
  std::string key;
  for (const doc::Direction& one : kept) key += one.name + "\n" + doc::push_json(one.push) + "\n";
  if (kept.size() < 2) {
    cosines_study_ = {};
    cosines_of_.clear();
  } else if (key != cosines_of_) {
    cosines_of_ = key;
    cosines_study_ = lab_.studies().watch(doc::cosines_of(kept));
  }
  const auto study = cosines_study_.now();
  const bool there = study.answer != nullptr;
  cosine_title_->setVisible(there);
  cosines_->setVisible(there);
  if (!there) return;
  MatrixOf matrix;
  for (const std::string& name : study.answer->names) matrix.rows.append(QString::fromStdString(name));
  matrix.columns = matrix.rows;
  matrix.row_axis = matrix.column_axis = "direction";
  matrix.value_name = gf::text("cosine");
  matrix.values = study.answer->values;
  matrix.largest = 1;
  matrix.is_signed = true;
  cosines_->set_matrix(std::move(matrix));
}

/// A direction of another model can be seen and forgotten, and not added.
void SteeringPanel::show_usable() {
  const auto& kept = lab_.document().directions;
  auto* items = qobject_cast<QStandardItemModel*>(which_->model());
  int usable = -1;
  for (int i = 0; i < which_->count() && i < static_cast<int>(kept.size()); ++i) {
    const std::string why = why_not(kept[static_cast<std::size_t>(i)]);
    if (why.empty() && usable < 0) usable = i;
    if (items != nullptr) items->item(i)->setEnabled(why.empty());
    which_->setItemData(i, QString::fromStdString(why), Qt::ToolTipRole);
  }
  if (direction() == nullptr && usable >= 0) which_->setCurrentIndex(usable);
}

void SteeringPanel::refresh() {
  const auto& kept = lab_.document().directions;
  QStringList names;
  for (const doc::Direction& one : kept) names.append(QString::fromStdString(one.name));
  QStringList shown;
  for (int i = 0; i < which_->count(); ++i) shown.append(which_->itemText(i));
  if (names != shown) {
    const bool more = names.size() > shown.size();
    const QString before = which_->currentText();
    which_->clear();
    which_->addItems(names);
    which_->setCurrentIndex(more ? static_cast<int>(names.size()) - 1 : std::max(0, static_cast<int>(names.indexOf(before))));
  }
  show_usable();
  const doc::Direction* own = direction();
  empty_->setVisible(own == nullptr);
  empty_->setText(kept.empty() ? text("Keep a direction under Find; then you can push the model along it here.")
                  : chosen()   ? QString::fromStdString(why_not(*chosen()))
                               : QString());
  for (QWidget* widget : std::initializer_list<QWidget*>{which_, forget_}) widget->setVisible(!kept.empty());
  for (QWidget* widget : std::initializer_list<QWidget*>{place_, slider_, strength_, write_, sweep_}) widget->setVisible(own != nullptr);
  if (own == nullptr || texts_of_ != own->name) watch_texts(false);
  if (own == nullptr || sweep_of_ != own->name) watch_sweep(false);
  if (std::exchange(paused_, false)) {  // finished answers to the same run are still known
    watch_texts(!texts_of_.empty());
    watch_sweep(!sweep_of_.empty());
  }
  if (own != nullptr) {
    const double strength = static_cast<double>(doc::strength_of(lab_.document().recipe, *own));
    quiet_ = true;
    slider_->setValue(static_cast<int>(std::lround(std::clamp(strength / kMostStrength, -1.0, 1.0) * kSliderSteps)));
    if (!strength_->hasFocus() || std::abs(strength_->value() - strength) > 0.005) strength_->setValue(strength);
    quiet_ = false;
    const QString hook = QString::fromStdString(own->push.hook);
    const auto& rows = own->push.positions;
    place_->setText(!rows || rows->kind == Selector::Kind::All
                        ? text("Added to {0} at every row; an edit of the recipe, as Probe shows it.", hook)
                    : rows->kind == Selector::Kind::Last
                        ? text("Added to {0} at the last row, and at each new one; an edit of the recipe, as Probe shows it.", hook)
                        : text("Added to {0} at the rows that its edit names; an edit of the recipe, as Probe shows it.", hook));
  }
  write_->setToolTip(text("Continue the prompt twice with the same noise, with and without the push"));
  sweep_->setText(sweep_of_.empty() ? text("Sweep strengths") : text("Hide the sweep"));
  sweep_->setToolTip(text("What each strength does to the target's probability, and how strange the model finds what it then writes"));
  const auto texts = texts_->study();
  const auto sweep = sweep_study_.now();
  const auto computes = [](doc::StudyState state) { return state == doc::StudyState::Computing || state == doc::StudyState::Waiting; };
  write_->setText(texts_of_.empty() ? text("Write both") : computes(texts.state) ? text("Stop writing") : text("Hide the texts"));
  progress_->setVisible(computes(texts.state) || computes(sweep.state));
  const double fraction = std::max(texts.fraction, sweep.fraction);
  progress_->set_fraction(fraction);
  note_->setText(texts.error   ? QString::fromStdString(texts.error->message)
                 : sweep.error ? QString::fromStdString(sweep.error->message)
                               : QString());
  note_->setVisible(!note_->text().isEmpty());
  show_texts();
  show_sweep();
  show_cosines();
}

}  // namespace gf::ui
