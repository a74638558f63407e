#include "app/ui/docks/head_fitter.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSlider>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "app/document/kept.h"
#include "app/document/lab.h"
#include "app/ui/answers/answer_places.h"
#include "app/ui/plots/lines_plot.h"
#include "app/ui/plots/matrix_plot.h"
#include "app/ui/widgets/dock_parts.h"
#include "app/ui/widgets/progress_line.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

struct HeadTask {
  const char *set, *title;
  bool opposite = false;
};
constexpr HeadTask kHeadTasks[] = {
    {"truth", phrase("Say what is true")},
    {"truth", phrase("Say what is false"), true},
    {"indirect-objects", phrase("Name who is given something")},
    {"indirect-objects", phrase("Name who gives"), true},
    {"capitals", phrase("Name the capital")},
};
constexpr int kHeadTaskCount = static_cast<int>(std::size(kHeadTasks));

constexpr int kHeadMapHeightPx = 230, kHeadLossHeightPx = 170;  // so that the kept sets show without scrolling
constexpr double kMostHeadStrength = 3;
constexpr int kHeadSliderSteps = 100;  // of the slider on each side

QHBoxLayout* row_of_widgets(std::initializer_list<std::pair<QWidget*, int>> widgets) {
  auto* row = new QHBoxLayout;
  row->setSpacing(6);
  for (const auto& [widget, stretch] : widgets) row->addWidget(widget, stretch);
  return row;
}

}  // namespace

HeadFitter::HeadFitter(doc::Lab& lab, QWidget* parent) : QWidget(parent), lab_(lab) {
  make_fitting();
  make_kept();
  lay_out();
  for (QComboBox* combo : {task_, method_, heads_})
    connect(combo, &QComboBox::activated, this, [this] {
      let_go();
      refresh();
    });
  connect(file_, &QLineEdit::textEdited, this, [this] { refresh(); });
  connect(top_, &QSpinBox::valueChanged, this, [this] { refresh(); });
  connect(fit_, &QPushButton::clicked, this, [this] {
    if (is_working()) let_go();
    else fit();
    refresh();
  });
  connect(keep_, &QPushButton::clicked, this, [this] { keep(); });
  connect(set_, &QComboBox::activated, this, [this] {
    // Another set takes the place of the one that is in use.
    if (use_->isChecked()) use_set(strength_->value());
    refresh();
  });
  connect(use_, &QCheckBox::toggled, this, [this](bool on) {
    if (!quiet_) use_set(on ? 1 : 0);
  });
  connect(slider_, &QSlider::valueChanged, this, [this](int value) {
    if (!quiet_) use_set(kMostHeadStrength * value / kHeadSliderSteps);
  });
  connect(strength_, &QDoubleSpinBox::valueChanged, this, [this](double value) {
    if (!quiet_) use_set(value);
  });
  connect(forget_, &QPushButton::clicked, this, [this] {
    if (const doc::HeadSet* own = chosen_set()) lab_.execute(doc::forget_head_set(own->name));
  });
}

HeadFitter::~HeadFitter() = default;

void HeadFitter::make_fitting() {
  task_ = narrow_combo(this, "heads_task", text("The task"));
  for (const HeadTask& task : kHeadTasks) task_->addItem(text(task.title));
  task_->addItem(text("A file of prompts"));
  method_ = narrow_combo(this, "heads_method", text("How the heads are found"));
  method_->addItem(text("LoFiT: fit gains and offsets"), QStringLiteral("lofit"));
  method_->addItem(text("ITI: probe each head"), QStringLiteral("head-probes"));
  method_->setToolTip(
      text("LoFiT learns which heads matter and what to add to them; ITI adds the direction in which a probe tells the classes apart"));
  heads_ = narrow_combo(this, "heads_of", text("Which heads are fitted"));
  heads_->setToolTip(text("The heads that matter most here, or those of a kept set: how well do the heads of one task serve another?"));
  file_ = new QLineEdit(this);
  file_->setObjectName("heads_file");
  file_->setAccessibleName(text("A file of prompts"));
  file_->setPlaceholderText(text("a JSON Lines file of prompts, each with a target"));
  top_ = new QSpinBox(this);
  top_->setObjectName("heads_top");
  top_->setAccessibleName(text("Number of heads"));
  top_->setRange(1, 1000);
  top_->setValue(8);
  top_->setSuffix(QLatin1Char(' ') + text("heads"));
  fit_ = new QPushButton(this);
  fit_->setObjectName("heads_fit");
  note_ = wrapped_label(this, "heads_note", "dim");
  words_ = wrapped_label(this, "heads_words");
  progress_ = new ProgressLine(QStringLiteral("heads_progress"), text("Progress of the fit"), this);
  map_ = new MatrixPlot(this);
  map_->setObjectName("heads_map");
  map_->setAccessibleName(text("How much each head matters"));
  map_->setFocusPolicy(Qt::StrongFocus);
  map_->setMaximumHeight(kHeadMapHeightPx);
  map_->on_select = [this](int layer, int head) { select_place(lab_, {{"layer", layer}, {"head", head}}, "directions"); };
  losses_ = new LinesPlot(this);
  losses_->setObjectName("heads_losses");
  losses_->setAccessibleName(text("Loss by step"));
  losses_->setFocusPolicy(Qt::StrongFocus);
  losses_->setMaximumHeight(kHeadLossHeightPx);
}

void HeadFitter::make_kept() {
  name_ = new QLineEdit(this);
  name_->setObjectName("heads_name");
  name_->setAccessibleName(text("The set's name"));
  name_->setPlaceholderText(text("name"));
  keep_ = new QPushButton(text("Keep"), this);
  keep_->setObjectName("heads_keep");
  keep_->setToolTip(text("Keep these heads with what is added to them in the session, and put them into the recipe"));
  kept_title_ = wrapped_label(this, "heads_kept_title", "dim");
  kept_title_->setText(text("Kept sets; one is in use at a time"));
  set_ = narrow_combo(this, "heads_set", text("The kept set"));
  use_ = new QCheckBox(text("In use"), this);
  use_->setObjectName("heads_use");
  forget_ = new QPushButton(text("Forget"), this);
  forget_->setObjectName("heads_forget");
  forget_->setToolTip(text("Remove this set from the session, and its edits with it"));
  slider_ = new QSlider(Qt::Horizontal, this);
  slider_->setObjectName("heads_slider");
  slider_->setAccessibleName(text("Strength"));
  slider_->setRange(-kHeadSliderSteps, kHeadSliderSteps);
  slider_->setPageStep(10);
  slider_->setTickPosition(QSlider::TicksBelow);
  slider_->setTickInterval(kHeadSliderSteps);
  strength_ = new QDoubleSpinBox(this);
  strength_->setObjectName("heads_strength");
  strength_->setAccessibleName(text("Strength, as a number"));
  strength_->setRange(-1000, 1000);
  strength_->setDecimals(2);
  strength_->setSingleStep(0.1);
  kept_note_ = wrapped_label(this, "heads_kept_note", "dim");
}

void HeadFitter::lay_out() {
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(6);
  all->addLayout(row_of_widgets({{task_, 1}, {fit_, 0}}));
  all->addWidget(file_);
  all->addLayout(row_of_widgets({{method_, 1}, {top_, 0}}));
  all->addWidget(heads_);
  all->addWidget(progress_);
  all->addWidget(note_);
  all->addWidget(words_);
  all->addWidget(map_, 3);
  all->addWidget(losses_, 2);
  all->addLayout(row_of_widgets({{name_, 1}, {keep_, 0}}));
  all->addWidget(kept_title_);
  all->addLayout(row_of_widgets({{set_, 1}, {use_, 0}, {forget_, 0}}));
  all->addLayout(row_of_widgets({{slider_, 1}, {strength_, 0}}));
  all->addWidget(kept_note_);
  all->addStretch(0);
}

doc::HeadSetQuery HeadFitter::query() const {
  doc::HeadSetQuery query;
  query.question = method_->currentData().toString().toStdString();
  query.top = top_->value();
  if (task_->currentIndex() < kHeadTaskCount) {
    const HeadTask& task = kHeadTasks[task_->currentIndex()];
    query.set = task.set;
    query.opposite = task.opposite;
  } else {
    query.set = file_->text().toStdString();
  }
  if (query.question != "lofit") return query;
  if (const doc::HeadSet* from = doc::find_named(lab_.document().head_sets, heads_->currentData().toString().toStdString()))
    query.heads = doc::heads_text(*from);
  return query;
}

QString HeadFitter::lack() const {
  return query().set.empty() ? text("Name a JSON Lines file whose rows have a prompt and a target.") : QString();
}

bool HeadFitter::is_working() const {
  const auto state = study_.now().state;
  return asked_ && (state == doc::StudyState::Waiting || state == doc::StudyState::Computing);
}

void HeadFitter::fit() {
  asked_ = query();
  study_ = lab_.studies().watch(doc::heads_fitted_to(*asked_));
}

void HeadFitter::let_go() {
  asked_.reset();
  study_ = {};
}

QString HeadFitter::free_name(const QString& wish) const {
  const auto taken = [this](const QString& name) { return doc::find_named(lab_.document().head_sets, name.toStdString()) != nullptr; };
  QString name = wish;
  for (int i = 2; taken(name); ++i) name = QStringLiteral("%1 %2").arg(wish).arg(i);
  return name;
}

void HeadFitter::keep() {
  if (!shown_.answer) return;
  const std::string name = name_->text().trimmed().toStdString();
  const auto* recipe = shown_.answer->get<Answer::Words>("recipe");
  if (recipe == nullptr || name.empty()) return;
  auto set = doc::head_set_of(name, recipe->words.front(), {});
  if (!set) return note_->setText(QString::fromStdString(set.error().message));
  lab_.execute(doc::keep_head_set(*set));
  show_sets();
  set_->setCurrentIndex(set_->findText(QString::fromStdString(name)));
  use_set(1);
  refresh();
}

void HeadFitter::show_found() {
  show_map();
  show_words();
  show_losses();
}

void HeadFitter::take_over(HeadFitter& before) {
  asked_ = std::move(before.asked_);
  study_ = std::move(before.study_);
  if (!before.shown_.answer) return;
  shown_ = std::move(before.shown_);
  show_found();
}

void HeadFitter::show_answer() {
  const auto study = study_.now();
  if (asked_ && study.state == doc::StudyState::Ready && study.answer && study.answer != shown_.answer) {
    shown_ = {study.answer, *asked_, lab_.model()};
    if (!name_->isModified()) {
      const QString task =
          task_->currentIndex() < kHeadTaskCount ? task_->currentText() : QString::fromStdString(shown_.query.set).section('/', -1);
      name_->setText(free_name(shown_.query.question == "lofit" ? task : task + QStringLiteral(" (ITI)")));
    }
    show_found();
    let_go();  // the answer is here
  }
  const bool there = shown_.answer && shown_.query == query();
  map_->setVisible(there && !map_->matrix().values.empty());
  losses_->setVisible(there && !losses_->lines().lines.empty());
  for (QWidget* widget : std::initializer_list<QWidget*>{words_, name_, keep_}) widget->setVisible(there);
}

void HeadFitter::show_map() {
  const bool probes = shown_.query.question != "lofit";
  const Grid* grid = shown_.answer->get<Grid>(probes ? "accuracy" : "importance");
  if (grid == nullptr && probes) grid = shown_.answer->get<Grid>("r2");
  MatrixOf matrix;
  for (int layer = 0; grid != nullptr && layer < grid->shape[0]; ++layer) matrix.rows.append(QString::number(layer));
  for (int head = 0; grid != nullptr && head < grid->shape[1]; ++head) matrix.columns.append(QString::number(head));
  matrix.row_axis = gf::text("block");
  matrix.column_axis = gf::text("head");
  matrix.value_name = probes ? gf::text("accuracy of its probe") : gf::text("length of its scaling");
  if (grid != nullptr) {
    matrix.values = grid->values;
    for (const float x : matrix.values) matrix.largest = std::max(matrix.largest, x);
  }
  map_->set_matrix(std::move(matrix));
}

void HeadFitter::show_words() {
  const Answer& answer = *shown_.answer;
  const auto& top = answer.table("top");
  const auto& layers = std::get<std::vector<int>>(top.find("layer")->cells);
  const auto& heads = std::get<std::vector<int>>(top.find("head")->cells);
  QStringList names;
  for (std::size_t i = 0; i < layers.size(); ++i) names.append(QStringLiteral("%1.%2").arg(layers[i]).arg(heads[i]));
  const QString list = text("Heads: {0}.", names.join(text(", ")));
  if (shown_.query.question != "lofit") {
    const auto best = [&](const char* part) -> QString {
      const Grid* grid = answer.get<Grid>(part);
      return grid == nullptr || grid->values.empty() ? QStringLiteral("–") : percent(std::ranges::max(grid->values));
    };
    // A probe that tells little apart from chance is as good as none, so its baselines stand beside it.
    words_->setText(
        answer.get<Grid>("accuracy") == nullptr
            ? list
            : text("A cell is the share of held-out prompts that a probe of this head tells right: {0} at best. At best with shuffled "
                   "tags: {1}, in an untrained model: {2}; by the position alone: {3}, by the length alone: {4}.",
                   best("accuracy"), best("baselines.shuffled"), best("baselines.untrained"), percent(answer.number("baselines.position")),
                   percent(answer.number("baselines.length"))) +
                  QLatin1Char(' ') + list);
    return;
  }
  const auto share = [&](const char* name) { return percent(answer.number(std::string("accuracy.") + name)); };
  const auto nats = [&](const char* name) { return significant(answer.number(std::string("logprob.") + name), 3); };
  words_->setText(text("Held-out prompts answered right: {0} before, {1} after; {2} with as many random heads. Mean log-probability of the "
                       "answer, nats: {3} before, {4} after, {5} with random heads.",
                       share("before"), share("after"), share("random_heads"), nats("before"), nats("after"), nats("random_heads")) +
                  QLatin1Char(' ') + list);
}

void HeadFitter::show_losses() {
  LinesOf lines;
  lines.x_name = gf::text("step");
  lines.y_name = gf::text("loss, nats");
  for (const auto& [part, name] :
       {std::pair{"loss.scale", gf::text("all heads are scaled")}, {"loss.offset", gf::text("the chosen heads are fitted")}}) {
    const Grid* grid = shown_.answer->get<Grid>(part);
    if (grid == nullptr) continue;
    LinesOf::Line line{.name = name, .points = {}, .dots = false};
    for (int step = 0; step < grid->shape[0]; ++step) line.points.emplace_back(step + 1, static_cast<double>(grid->at(step)));
    lines.lines.push_back(std::move(line));
  }
  losses_->set_lines(std::move(lines));
}

void HeadFitter::show_fitting() {
  const auto study = study_.now();
  const bool working = is_working(), fits = query().question == "lofit";
  file_->setVisible(task_->currentIndex() >= kHeadTaskCount);
  heads_->setVisible(fits && heads_->count() > 1);
  fit_->setText(working ? text("Stop") : text("Fit"));
  fit_->setToolTip(working ? text("Stop the fit")
                           : text("Find heads for this task, and what to add to them, on four fifths of the prompts"));
  fit_->setEnabled(working || lack().isEmpty());
  progress_->setVisible(working);
  progress_->set_fraction(study.fraction);
  if (asked_ && study.state == doc::StudyState::Failed && study.error) note_->setText(QString::fromStdString(study.error->message));
  else if (working) note_->setText(text("{0}: on its way.", fits ? text("LoFiT") : text("Probes")));
  else if (!lack().isEmpty()) note_->setText(lack());
  else if (!words_->isVisibleTo(this))
    note_->setText(
        fits ? text("Fit learns a scaling of every head, takes the heads that it changes most, and learns what to add to these; the "
                    "weights stay as they are.")
             : text("Fit probes every head's z for the tag of the prompts, and pushes the best heads along their probes' direction."));
  else note_->setText(QString());
  note_->setVisible(!note_->text().isEmpty());
}

const doc::HeadSet* HeadFitter::chosen_set() const { return doc::find_named(lab_.document().head_sets, set_->currentText().toStdString()); }

void HeadFitter::use_set(double strength) {
  if (const doc::HeadSet* own = chosen_set()) lab_.execute(doc::use_head_set(*own, static_cast<float>(strength)));
}

void HeadFitter::show_sets() {
  const auto& kept = lab_.document().head_sets;
  QStringList names, shown;
  for (const doc::HeadSet& one : kept) names.append(QString::fromStdString(one.name));
  for (int i = 0; i < set_->count(); ++i) shown.append(set_->itemText(i));
  if (names != shown) {
    const bool more = names.size() > shown.size();
    const QString before = set_->currentText(), of = heads_->currentData().toString();
    set_->clear();
    set_->addItems(names);
    set_->setCurrentIndex(more ? static_cast<int>(names.size()) - 1 : std::max(0, static_cast<int>(names.indexOf(before))));
    heads_->clear();
    heads_->addItem(text("the heads that matter most"), QString());
    for (const QString& name : names) heads_->addItem(text("the heads of “{0}”", name), name);
    heads_->setCurrentIndex(std::max(0, heads_->findData(of)));
  }
  if (heads_->count() == 0) heads_->addItem(text("the heads that matter most"), QString());
  // What is in use is what shows, after undo too.
  for (const doc::HeadSet& one : kept)
    if (doc::strength_of(lab_.document().recipe, one) != 0) set_->setCurrentIndex(set_->findText(QString::fromStdString(one.name)));
  const doc::HeadSet* own = chosen_set();
  for (QWidget* widget : std::initializer_list<QWidget*>{kept_title_, set_, use_, forget_, slider_, strength_, kept_note_})
    widget->setVisible(own != nullptr);
  if (own == nullptr) return;
  const double strength = static_cast<double>(doc::strength_of(lab_.document().recipe, *own));
  quiet_ = true;
  use_->setChecked(strength != 0);
  slider_->setValue(static_cast<int>(std::lround(std::clamp(strength / kMostHeadStrength, -1.0, 1.0) * kHeadSliderSteps)));
  if (!strength_->hasFocus() || std::abs(strength_->value() - strength) > 0.005) strength_->setValue(strength);
  quiet_ = false;
  kept_note_->setText(text("Edits of the heads {0}, as Probe shows them and saves them as a recipe.", doc::heads_text(*own)));
}

void HeadFitter::refresh() {
  if (shown_.answer && shown_.model.lock() != lab_.model()) shown_ = {};
  show_sets();
  show_answer();
  show_fitting();
}

}  // namespace gf::ui
