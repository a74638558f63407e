#include "app/ui/docks/sparsity_dock.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSlider>
#include <QVBoxLayout>
#include <algorithm>

#include "app/document/command.h"
#include "app/ui/answers/answer_places.h"
#include "app/ui/plots/lines_plot.h"
#include "app/ui/plots/matrix_plot.h"
#include "app/ui/widgets/dock_parts.h"
#include "app/ui/widgets/progress_line.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

const Question& sparsity_question() {
  const Question* question = find_question("sparsity");
  EXPECTS(question != nullptr, "a question of the list");
  return *question;
}

bool holds_all(const Recipe& recipe, const std::vector<Edit>& edits) {
  return std::ranges::all_of(edits, [&](const Edit& edit) { return std::ranges::find(recipe.edits, edit) != recipe.edits.end(); });
}

/// Puts `to` in the place of `from`, which the recipe may have.
doc::Command leave_out_command(std::string name, std::vector<Edit> from, std::vector<Edit> to) {
  return {std::move(name),
          [from = std::move(from), to = std::move(to)](doc::Document& d) {
            std::erase_if(d.recipe.edits, [&](const Edit& edit) { return std::ranges::find(from, edit) != from.end(); });
            d.recipe.edits.insert(d.recipe.edits.end(), to.begin(), to.end());
            if (!to.empty()) doc::let_edits_act(d);
          },
          "sparsity"};
}

}  // namespace

Dock* make_sparsity_dock(const DockInfo& info, const DockContext& context) { return new SparsityDock(info, context); }

SparsityDock::SparsityDock(const DockInfo& info, const DockContext& context) : Dock(info, context) {
  units_ = narrow_combo(body(), "sparsity_units", text("What is left out"));
  units_->addItem(text("heads and MLP channels"), QStringLiteral("both"));
  units_->addItem(text("heads"), QStringLiteral("heads"));
  units_->addItem(text("MLP channels"), QStringLiteral("mlp"));
  by_ = narrow_combo(body(), "sparsity_by", text("What they are ranked by"));
  by_->addItem(text("by attribution"), QStringLiteral("attribution"));
  by_->addItem(text("by what they write"), QStringLiteral("norm"));
  by_->setItemData(0, text("How much the loss changes when one is cut, to first order, over a text"), Qt::ToolTipRole);
  by_->setItemData(1, text("The length of what it adds to the residual stream, over a text"), Qt::ToolTipRole);
  text_ = new QLineEdit(body());
  text_->setObjectName("sparsity_text");
  text_->setAccessibleName(text("The text, a file"));
  text_->setPlaceholderText(text("the bundled text, or a file of your own"));
  measure_ = new QPushButton(body());
  measure_->setObjectName("sparsity_measure");
  progress_ = new ProgressLine(QStringLiteral("sparsity_progress"), text("Progress of the measurement"), body());
  note_ = wrapped_label(body(), "sparsity_note", "dim");
  words_ = wrapped_label(body(), "sparsity_words");
  curve_ = new LinesPlot(body());
  curve_->setObjectName("sparsity_curve");
  curve_->setAccessibleName(text("Loss by the share that is left out"));
  curve_->setFocusPolicy(Qt::StrongFocus);
  heads_title_ = wrapped_label(body(), "sparsity_heads_title", "dim");
  heads_title_->setText(text("importance of each head; what is left out has no colour"));
  heads_ = new MatrixPlot(body());
  heads_->setObjectName("sparsity_heads");
  heads_->setAccessibleName(text("Importance of each head"));
  heads_->setFocusPolicy(Qt::StrongFocus);
  heads_->on_select = [this](int layer, int head) { select_place(lab(), {{"layer", layer}, {"head", head}}, this->info().id); };
  slider_ = new QSlider(Qt::Horizontal, body());
  slider_->setObjectName("sparsity_slider");
  slider_->setAccessibleName(text("Share that is left out"));
  slider_->setPageStep(2);
  slider_->setTickPosition(QSlider::TicksBelow);
  slider_->setTickInterval(2);
  lay_out();
  for (QComboBox* combo : {units_, by_})
    connect(combo, &QComboBox::activated, this, [this] {
      start(false);
      refresh(doc::Changes::all());
    });
  connect(text_, &QLineEdit::textEdited, this, [this] {
    start(false);
    refresh(doc::Changes::all());
  });
  connect(measure_, &QPushButton::clicked, this, [this] {
    start(!is_working());
    refresh(doc::Changes::all());
  });
  connect(slider_, &QSlider::valueChanged, this, [this](int place) {
    if (!quiet_) leave_out(place);
  });
  curve_->on_select = [this](int place) { leave_out(place); };
}

SparsityDock::~SparsityDock() = default;

void SparsityDock::lay_out() {
  auto* top = new QHBoxLayout;
  top->setSpacing(6);
  top->addWidget(units_, 1);
  top->addWidget(measure_);
  auto* second = new QHBoxLayout;
  second->setSpacing(6);
  second->addWidget(by_, 1);
  second->addWidget(text_, 1);
  auto* all = new QVBoxLayout(body());
  all->setContentsMargins(10, 8, 10, 8);
  all->setSpacing(6);
  all->addLayout(top);
  all->addLayout(second);
  all->addWidget(progress_);
  all->addWidget(note_);
  all->addWidget(curve_, 4);
  all->addWidget(slider_);
  all->addWidget(words_);
  all->addWidget(heads_title_);
  all->addWidget(heads_, 3);
  all->addStretch(0);
}

doc::StudyKey SparsityDock::key() const {
  doc::StudyKey key{&sparsity_question(),
                    Params(sparsity_question().params),
                    {"importance.heads", "importance.neurons", "rates", "loss.ranked", "loss.random"},
                    doc::Side::Base,
                    0};
  const auto set = [&](const char* name, const QString& value) {
    const auto done = key.params.set(name, value.toStdString());
    EXPECTS(done.has_value(), "one of the choices, or any text");
  };
  set("units", units_->currentData().toString());
  set("by", by_->currentData().toString());
  if (const QString file = text_->text().trimmed(); !file.isEmpty()) set("corpus", file);
  return key;
}

bool SparsityDock::is_working() const {
  const auto state = study_.now().state;
  return asked_ && (state == doc::StudyState::Waiting || state == doc::StudyState::Computing);
}

void SparsityDock::start(bool on) {
  study_ = {};
  asked_.reset();
  if (!on) return;
  asked_ = key();
  study_ = lab().studies().watch(*asked_);
}

void SparsityDock::put_away() { start(false); }

void SparsityDock::leave_out(int place) {
  if (!shown_.answer || place < 0 || place >= static_cast<int>(shown_.edits.size())) return;
  const auto& to = shown_.edits[static_cast<std::size_t>(place)];
  const double rate = static_cast<double>(shown_.answer->grid("rates").at(place));
  lab().execute(leave_out_command(place == 0 ? gf::text("leave nothing out") : gf::text("leave out {0}", percent(rate).toStdString()),
                                  shown_.edits[static_cast<std::size_t>(place_in_recipe())], to));
}

int SparsityDock::place_in_recipe() const {
  for (int place = static_cast<int>(shown_.edits.size()) - 1; place > 0; --place) {
    const auto& edits = shown_.edits[static_cast<std::size_t>(place)];
    if (!edits.empty() && holds_all(lab().document().recipe, edits)) return place;
  }
  return 0;
}

void SparsityDock::show_found() {
  quiet_ = true;
  slider_->setRange(0, static_cast<int>(shown_.edits.size()) - 1);
  quiet_ = false;
  show_curve();
}

void SparsityDock::take_over(Dock& before) {
  auto& other = static_cast<SparsityDock&>(before);
  asked_ = std::move(other.asked_);
  study_ = std::move(other.study_);
  if (!other.shown_.answer) return;
  shown_ = std::move(other.shown_);
  show_found();
}

void SparsityDock::ask_again() {
  start(true);
  refresh(doc::Changes::all());
}

void SparsityDock::show_answer() {
  const auto study = study_.now();
  if (asked_ && study.state == doc::StudyState::Ready && study.answer && study.answer != shown_.answer) {
    const ModelConfig& c = lab().model()->weights->config;
    shown_ = {study.answer, *asked_, lab().model(), {}, {}};
    const std::string units = asked_->params.text("units");
    OfUnits<std::size_t> orders;
    if (units != "mlp") orders.heads = omission_order(study.answer->grid("importance.heads").values);
    if (units != "heads") orders.neurons = omission_order(study.answer->grid("importance.neurons").values);
    for (const float rate : study.answer->grid("rates").values) {
      shown_.omissions.push_back(omit(orders, static_cast<double>(rate), c));
      shown_.edits.push_back(recipe_of_omission(shown_.omissions.back(), c).edits);
    }
    show_found();
    start(false);  // the answer is here
  }
  const bool there = shown_.answer && shown_.key == key();
  for (QWidget* widget : std::initializer_list<QWidget*>{curve_, slider_, words_, heads_title_, heads_}) widget->setVisible(there);
  if (!there) return;
  show_rate();
  show_heads();
}

void SparsityDock::show_curve() {
  const Answer& answer = *shown_.answer;
  const Grid& rates = answer.grid("rates");
  LinesOf lines;
  lines.x_name = gf::text("% left out");
  lines.y_name = gf::text("loss, nats");
  for (const auto& [part, name, baseline] : {std::tuple{"loss.ranked", gf::text("the least important"), false},
                                             std::tuple{"loss.random", gf::text("as many at random"), true}}) {
    LinesOf::Line line{.name = name, .points = {}, .baseline = baseline};
    const Grid& losses = answer.grid(part);
    for (int i = 0; i < losses.shape[0]; ++i)
      line.points.emplace_back(100 * static_cast<double>(rates.at(i)), static_cast<double>(losses.at(i)));
    lines.lines.push_back(std::move(line));
  }
  curve_->set_lines(std::move(lines));
}

void SparsityDock::show_rate() {
  const Answer& answer = *shown_.answer;
  const int place = place_in_recipe();
  quiet_ = true;
  slider_->setValue(place);
  quiet_ = false;
  curve_->set_current(place);
  const Omission& omitted = shown_.omissions[static_cast<std::size_t>(place)];
  const auto loss = [&](const char* part) { return static_cast<double>(answer.grid(part).at(place)); };
  const double whole = static_cast<double>(answer.grid("loss.ranked").at(0));
  QString said = text("{0} of {1} heads and {2} of {3} MLP channels left out.", std::ranges::count(omitted.heads, true),
                      omitted.heads.size(), count(std::ranges::count(omitted.neurons, true)), count(std::ssize(omitted.neurons)));
  said += QLatin1Char(' ');
  said += place == 0
              ? text("Loss on held-out text: {0} nats.", fixed(whole, 3))
              : text("Loss on held-out text: {0} nats, {1} more than with all; as many at random cost {2}.", fixed(loss("loss.ranked"), 3),
                     signed_number(loss("loss.ranked") - whole, 3), signed_number(loss("loss.random") - whole, 3));
  words_->setText(said);
}

void SparsityDock::show_heads() {
  const Grid& grid = shown_.answer->grid("importance.heads");
  const Omission& omitted = shown_.omissions[static_cast<std::size_t>(place_in_recipe())];
  MatrixOf matrix;
  for (int layer = 0; layer < grid.shape[0]; ++layer) matrix.rows.append(QString::number(layer));
  for (int head = 0; head < grid.shape[1]; ++head) matrix.columns.append(QString::number(head));
  matrix.row_axis = gf::text("block");
  matrix.column_axis = gf::text("head");
  matrix.value_name = gf::text("importance");
  matrix.values = grid.values;
  for (std::size_t i = 0; i < matrix.values.size(); ++i) {
    matrix.largest = std::max(matrix.largest, grid.values[i]);
    if (omitted.heads[i]) matrix.values[i] = std::numeric_limits<float>::quiet_NaN();
  }
  heads_->set_matrix(std::move(matrix));
}

void SparsityDock::fill(const doc::Changes& changes) {
  if (changes.moment_alone()) return;
  if (shown_.answer && shown_.model.lock() != lab().model()) shown_ = {};
  const auto study = study_.now();
  const bool failed = asked_ && study.state == doc::StudyState::Failed && study.error;
  show_answer();
  const bool working = is_working();
  measure_->setText(working ? text("Stop") : text("Measure"));
  measure_->setToolTip(working
                           ? text("Stop the measurement")
                           : text("Rank them over a text, and measure the loss on another part of it with more and more of them left out"));
  progress_->setVisible(working);
  progress_->set_fraction(study.fraction);
  if (failed) note_->setText(QString::fromStdString(study.error->message));
  else if (working) note_->setText(text("{0}: on its way.", text("Sparsity")));
  else if (!words_->isVisibleTo(body()))
    note_->setText(
        text("How much of the model does a text need? Measure ranks heads and MLP channels by how much they matter over a text, and "
             "says what it costs to leave the least important out."));
  else note_->setText(QString());
  note_->setVisible(!note_->text().isEmpty());
}

}  // namespace gf::ui
