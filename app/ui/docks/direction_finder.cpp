#include "app/ui/docks/direction_finder.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "app/document/lab.h"
#include "app/ui/plots/lines_plot.h"
#include "app/ui/plots/scatter_plot.h"
#include "app/ui/widgets/dock_parts.h"
#include "app/ui/widgets/progress_line.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

struct DirectionSet {
  const char *set, *tag, *title;
};
constexpr DirectionSet kDirectionSets[] = {
    {"truth", "truth", phrase("True and false statements")},        {"places", "latitude", phrase("Places: latitude")},
    {"places", "longitude", phrase("Places: longitude")},           {"world", "latitude", phrase("More of the world: latitude")},
    {"world", "longitude", phrase("More of the world: longitude")}, {"years", "year", phrase("Events: year")},
};

QLineEdit* direction_field(QWidget* parent, const char* name, const QString& label, const QString& hint) {
  auto* field = new QLineEdit(parent);
  field->setObjectName(QLatin1String(name));
  field->setAccessibleName(label);
  field->setPlaceholderText(hint);
  return field;
}

QPlainTextEdit* direction_list(QWidget* parent, const char* name, const QString& label) {
  auto* list = new QPlainTextEdit(parent);
  list->setObjectName(QLatin1String(name));
  list->setAccessibleName(label);
  list->setPlaceholderText(label);
  list->setFixedHeight(84);
  list->setTabChangesFocus(true);
  return list;
}

std::vector<std::string> prompts_of(const QPlainTextEdit& list) {
  std::vector<std::string> prompts;
  for (const QString& line : list.toPlainText().split('\n'))
    if (!line.trimmed().isEmpty()) prompts.push_back(line.toStdString());
  return prompts;
}

std::vector<double> doubles_of(const Grid& grid) { return {grid.values.begin(), grid.values.end()}; }

}  // namespace

DirectionFinder::DirectionFinder(doc::Lab& lab, QWidget* parent) : QWidget(parent), lab_(lab) {
  make_fields();
  lay_out();
  connect(source_, &QComboBox::activated, this, [this] {
    let_go();
    if (!name_->isModified()) name_->setText(name_for());
    refresh();
  });
  connect(find_, &QPushButton::clicked, this, [this] {
    if (is_working()) let_go();
    else find();
    refresh();
  });
  connect(keep_, &QPushButton::clicked, this, [this] { keep(); });
  connect(layer_, &QSpinBox::valueChanged, this, [this](int layer) { choose_layer(layer); });
  connect(method_, &QComboBox::currentIndexChanged, this, [this] {
    if (!name_->isModified()) name_->setText(name_for());
  });
  scores_->on_select = [this](int place) { layer_->setValue(place); };
  for (QLineEdit* field : {file_, tag_, token_, against_, vector_file_, tensor_})
    connect(field, &QLineEdit::textEdited, this, [this] { refresh(); });
  for (QPlainTextEdit* list : {list_from_, list_to_}) connect(list, &QPlainTextEdit::textChanged, this, [this] { refresh(); });
}

DirectionFinder::~DirectionFinder() = default;

void DirectionFinder::make_fields() {
  source_ = narrow_combo(this, "directions_source", text("Where the direction comes from"));
  for (const DirectionSet& row : kDirectionSets) source_->addItem(text(row.title), static_cast<int>(From::Set));
  source_->addItem(text("Two lists of prompts"), static_cast<int>(From::Lists));
  source_->addItem(text("A file of prompts with tags"), static_cast<int>(From::File));
  source_->addItem(text("What a token is written with"), static_cast<int>(From::Token));
  source_->addItem(text("A vector in a file"), static_cast<int>(From::Vector));
  site_ = new QComboBox(this);
  site_->setObjectName("directions_site");
  site_->setAccessibleName(text("The hook that is read and pushed"));
  for (const char* site : {"resid_post", "resid_pre", "resid_mid", "attn_out", "mlp_out"}) site_->addItem(QLatin1String(site));
  method_ = new QComboBox(this);
  method_->setObjectName("directions_method");
  method_->setAccessibleName(text("Which direction is kept"));
  find_ = new QPushButton(this);
  find_->setObjectName("directions_find");
  keep_ = new QPushButton(text("Keep"), this);
  keep_->setObjectName("directions_keep");
  keep_->setToolTip(text("Keep this direction in the session, to steer along it and to compare it with others"));
  name_ = direction_field(this, "directions_name", text("The direction's name"), text("name"));
  list_from_ = direction_list(this, "directions_from", text("From these prompts, one a line"));
  list_to_ = direction_list(this, "directions_to", text("… to these, one a line"));
  file_ = direction_field(this, "directions_file", text("A file of prompts"), text("a JSON Lines file of prompts with tags"));
  tag_ = direction_field(this, "directions_tag", text("The tag"), text("its tag"));
  token_ = direction_field(this, "directions_token", text("A token"), text("a token, such as \" true\""));
  against_ =
      direction_field(this, "directions_against", text("A second token, which is taken off"), text("less another, such as \" false\""));
  vector_file_ = direction_field(this, "directions_vector", text("A safetensors file"), text("a safetensors file"));
  tensor_ = direction_field(this, "directions_tensor", text("The tensor's name"), text("the tensor's name"));
  layer_ = new QSpinBox(this);
  layer_->setObjectName("directions_layer");
  layer_->setAccessibleName(text("Block"));
  layer_->setPrefix(text("block") + QLatin1Char(' '));
  note_ = wrapped_label(this, "directions_note", "dim");
  words_ = wrapped_label(this, "directions_words");
  progress_ = new ProgressLine(QStringLiteral("directions_progress"), text("Progress of the probes"), this);
  scores_ = new LinesPlot(this);
  scores_->setObjectName("directions_scores");
  scores_->setAccessibleName(text("Scores by block, beside the baselines"));
  scores_->setFocusPolicy(Qt::StrongFocus);
  scatter_ = new ScatterPlot(this);
  scatter_->setObjectName("directions_scatter");
  scatter_->setAccessibleName(text("The prompts at this block"));
}

void DirectionFinder::lay_out() {
  const auto row_of = [this](std::initializer_list<std::pair<QWidget*, int>> widgets) {
    auto* row = new QHBoxLayout;
    row->setSpacing(6);
    for (const auto& [widget, stretch] : widgets) row->addWidget(widget, stretch);
    return row;
  };
  fields_ = new QStackedWidget(this);
  fields_->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
  const auto add_page = [&](std::initializer_list<std::pair<QWidget*, int>> widgets) {
    auto* page = new QWidget(fields_);
    QHBoxLayout* row = row_of(widgets);
    row->setContentsMargins(0, 0, 0, 0);
    page->setLayout(row);
    fields_->addWidget(page);
  };
  add_page({});
  add_page({{list_from_, 1}, {list_to_, 1}});
  add_page({{file_, 2}, {tag_, 1}});
  add_page({{token_, 1}, {against_, 1}});
  add_page({{vector_file_, 2}, {tensor_, 1}});
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(6);
  all->addLayout(row_of({{source_, 1}, {find_, 0}}));
  all->addWidget(fields_);
  all->addWidget(progress_);
  all->addWidget(note_);
  all->addWidget(scores_, 5);
  all->addWidget(words_);
  all->addWidget(scatter_, 6);
  all->addLayout(row_of({{site_, 1}, {layer_, 0}}));
  all->addLayout(row_of({{method_, 1}, {name_, 1}, {keep_, 0}}));
  all->addStretch(0);
}

DirectionFinder::From DirectionFinder::from() const { return static_cast<From>(source_->currentData().toInt()); }

doc::DirectionQuery DirectionFinder::query() const {
  doc::DirectionQuery query;
  query.site = site_->currentText().toStdString();
  switch (from()) {
    case From::Set: {
      const DirectionSet& row = kDirectionSets[source_->currentIndex()];
      query.set = row.set;
      query.tag = row.tag;
      break;
    }
    case From::Lists:
      query.from = prompts_of(*list_from_);
      query.to = prompts_of(*list_to_);
      break;
    case From::File:
      query.set = file_->text().toStdString();
      query.tag = tag_->text().toStdString();
      break;
    case From::Token:
    case From::Vector: break;
  }
  return query;
}

QString DirectionFinder::lack() const {
  const doc::DirectionQuery asked = query();
  switch (from()) {
    case From::Lists:
      return asked.from.size() < 3 || asked.to.size() < 3 ? text("Write three prompts or more into each list, one a line.") : QString();
    case From::File: return asked.set.empty() ? text("Name a JSON Lines file whose rows have a prompt and tags.") : QString();
    case From::Token: return token_->text().isEmpty() ? text("Write a token; most begin with a space.") : QString();
    case From::Vector:
      return vector_file_->text().isEmpty() || tensor_->text().isEmpty() ? text("Name a safetensors file and a tensor in it.") : QString();
    case From::Set: break;
  }
  return {};
}

bool DirectionFinder::is_working() const {
  const auto state = study_.now().state;
  return asked_ && (state == doc::StudyState::Waiting || state == doc::StudyState::Computing);
}

void DirectionFinder::find() {
  asked_ = query();
  study_ = lab_.studies().watch(doc::directions_of(*asked_));
}

void DirectionFinder::let_go() {
  asked_.reset();
  study_ = {};
}

int DirectionFinder::best_layer() const {
  const Grid* scores = shown_.answer->get<Grid>("accuracy.logistic");
  if (scores == nullptr) scores = shown_.answer->get<Grid>("r2");
  EXPECTS(scores != nullptr, "an answer about classes or numbers");
  // The first block that is as good as the best, but for a hundredth.
  float best = -std::numeric_limits<float>::infinity();
  for (const float x : scores->values)
    if (x > best) best = x;
  const auto at = std::ranges::find_if(scores->values, [&](float x) { return x >= best - 0.01F; });
  return at == scores->values.end() ? 0 : static_cast<int>(at - scores->values.begin());
}

void DirectionFinder::show_answer() {
  const auto study = study_.now();
  if (asked_ && study.state == doc::StudyState::Ready && study.answer && study.answer != shown_.answer) {
    show_found({study.answer, *asked_, lab_.model()});
    let_go();  // the answer is here
  }
  const bool there = shown_.answer && probes() && shown_.query == query();
  for (QWidget* widget : std::initializer_list<QWidget*>{scores_, scatter_, words_}) widget->setVisible(there);
}

void DirectionFinder::show_found(Shown found) {
  shown_ = std::move(found);
  show_methods();
  layer_->setValue(best_layer());
  show_scores();
  choose_layer(layer_->value());
  name_->setText(name_for());
}

void DirectionFinder::take_over(DirectionFinder& before) {
  asked_ = std::move(before.asked_);
  study_ = std::move(before.study_);
  if (before.shown_.answer) show_found(std::move(before.shown_));
}

void DirectionFinder::show_methods() {
  const QString before = method_->currentData().toString();
  method_->clear();
  const auto add = [this](const QString& title, const char* part) { method_->addItem(title, QLatin1String(part)); };
  if (shown_.answer->find("probe") != nullptr) {
    add(text("difference of means"), "direction");
    add(text("logistic probe"), "probe");
  } else {
    add(text("ridge probe"), "direction");
  }
  add(text("first component"), "component.1");
  add(text("second component"), "component.2");
  method_->setCurrentIndex(std::max(0, method_->findData(before)));
}

void DirectionFinder::show_scores() {
  const Answer& answer = *shown_.answer;
  const bool classes = answer.find("accuracy.logistic") != nullptr;
  LinesOf lines;
  lines.x_name = gf::text("block");
  if (classes) lines.y_low = 0, lines.y_high = 1;
  lines.y_name = classes ? gf::text("accuracy") : gf::text("R², rank correlation");
  const Grid& main = answer.grid(classes ? "accuracy.logistic" : "r2");
  std::vector<double> layers;
  for (int layer = 0; layer < main.shape[0]; ++layer) layers.push_back(layer);
  const auto add = [&](std::string name, const std::vector<double>& values, bool baseline) {
    lines.lines.push_back({.name = std::move(name), .points = points_of(layers, values), .baseline = baseline});
  };
  add(classes ? gf::text("logistic probe") : gf::text("ridge probe, R²"), doubles_of(main), false);
  if (classes) add(gf::text("difference of means"), doubles_of(answer.grid("accuracy.difference")), false);
  else add(gf::text("rank correlation"), doubles_of(answer.grid("spearman")), false);
  add(classes ? gf::text("untrained model") : gf::text("untrained model, R²"), doubles_of(answer.grid("baselines.untrained")), true);
  if (!classes) add(gf::text("untrained model, rank"), doubles_of(answer.grid("baselines_spearman.untrained")), true);
  add(classes ? gf::text("shuffled tags") : gf::text("shuffled tags, R²"), doubles_of(answer.grid("baselines.shuffled")), true);
  for (const auto& [name, part] :
       {std::pair{gf::text("position alone"), "baselines.position"}, {gf::text("length alone"), "baselines.length"}})
    add(name, std::vector<double>(layers.size(), answer.number(part)), true);
  scores_->set_lines(std::move(lines));
}

void DirectionFinder::show_scatter() {
  const Answer& answer = *shown_.answer;
  const int layer = layer_->value();
  const Grid &pca = answer.grid("pca"), &values = answer.grid("values"), &held_out = answer.grid("held_out");
  if (layer >= pca.shape[0]) return;
  const auto *classes = answer.get<Answer::Words>("classes"), *prompts = answer.get<Answer::Words>("prompts");
  const auto [low, high] = std::ranges::minmax(values.values);
  ScatterOf points;
  for (int i = 0; i < values.shape[0]; ++i) {
    const double value = static_cast<double>(values.at(i));
    const double shade = high > low ? 2 * (value - static_cast<double>(low)) / static_cast<double>(high - low) - 1 : 0;
    const std::string tag = classes ? classes->words[values.at(i) > 0 ? 1 : 0] : numbers::significant(value, 6);
    const std::string name = gf::text("“{0}”: {1}", prompts->words[static_cast<std::size_t>(i)], tag);
    if (classes) points.points.push_back({static_cast<double>(pca.at(layer, i, 0)), static_cast<double>(pca.at(layer, i, 1)), shade, name});
    else points.points.push_back({value, static_cast<double>(held_out.at(layer, i)), shade, name});
  }
  const Grid& explained = answer.grid("explained_variance");
  const auto component = [&](int c) {
    return gf::text("component {0}, {1}", c + 1, percent(static_cast<double>(explained.at(layer, c))).toStdString());
  };
  if (classes) {
    points.first = classes->words[0];
    points.second = classes->words[1];
    points.x_name = component(0);
    points.y_name = component(1);
  } else {
    points.x_name = gf::text("true");
    points.y_name = gf::text("predicted while held out");
    points.diagonal = true;
  }
  scatter_->set_points(std::move(points));
}

void DirectionFinder::choose_layer(int layer) {
  if (!shown_.answer) return;
  const Answer& answer = *shown_.answer;
  scores_->set_current(layer);
  const auto at = [&](const char* part) { return percent(static_cast<double>(answer.grid(part).at(layer))); };
  const auto plain = [&](const char* part) { return significant(static_cast<double>(answer.grid(part).at(layer)), 2); };
  const QString prompts = counted(answer.grid("values").shape[0], "{0} prompt", "{0} prompts");
  if (answer.find("r2") != nullptr) {
    QString said = text(
        "Block {0}, {1}: R² {2}, rank correlation {3}. Untrained: {4} and {5}; shuffled: {6} and {7}; by position alone: {8} and {9}, by "
        "length alone: {10} and {11}.",
        layer, prompts, plain("r2"), plain("spearman"), plain("baselines.untrained"), plain("baselines_spearman.untrained"),
        plain("baselines.shuffled"), plain("baselines_spearman.shuffled"), significant(answer.number("baselines.position"), 2),
        significant(answer.number("baselines_spearman.position"), 2), significant(answer.number("baselines.length"), 2),
        significant(answer.number("baselines_spearman.length"), 2));
    if (answer.grid("r2").at(layer) <= 0) said += QLatin1Char(' ') + text("Here the model knows no more of it than the mean says.");
    words_->setText(said);
  } else {
    words_->setText(
        text("Block {0}, {1}: {2} of the held-out ones right by the difference of means, {3} by the probe. Untrained: {4}; "
             "shuffled: {5}; by position alone: {6}, by length alone: {7}.",
             layer, prompts, at("accuracy.difference"), at("accuracy.logistic"), at("baselines.untrained"), at("baselines.shuffled"),
             percent(answer.number("baselines.position")), percent(answer.number("baselines.length"))));
  }
  show_scatter();
  if (name_->text().isEmpty() || !name_->isModified()) name_->setText(name_for());
}

QString DirectionFinder::name_for() const {
  // A component is of all prompts, whatever their tag.
  const bool component = method_->currentData().toString().startsWith(QLatin1String("component"));
  const auto named = [&](const QString& what) {
    const QString of_block = QStringLiteral("%1 %2").arg(what).arg(layer_->value());
    return component ? QStringLiteral("%1, %2").arg(of_block, method_->currentText()) : of_block;
  };
  switch (from()) {
    case From::Set:
    case From::File: return named(QString::fromStdString(query().tag));
    case From::Lists: return named(text("lists"));
    case From::Token: return token_->text().trimmed();
    case From::Vector: return tensor_->text();
  }
  return {};
}

std::optional<Edit> DirectionFinder::push() const {
  const std::string site = site_->currentText().toStdString();
  const std::string hook = "blocks." + std::to_string(layer_->value()) + ".hook_" + site;
  VectorSource vector;
  if (from() == From::Token) {
    if (token_->text().isEmpty()) return std::nullopt;
    vector.tokens = token_->text().toStdString();
    vector.against = against_->text().toStdString();
    return doc::push_along(hook, std::move(vector));
  }
  if (from() == From::Vector) {
    if (!lack().isEmpty()) return std::nullopt;
    vector.file = vector_file_->text().toStdString();
    vector.tensor = tensor_->text().toStdString();
    return doc::push_along(hook, std::move(vector));
  }
  if (!shown_.answer || shown_.query != query()) return std::nullopt;
  const Grid* grid = shown_.answer->get<Grid>(method_->currentData().toString().toStdString());
  if (grid == nullptr || layer_->value() >= grid->shape[0]) return std::nullopt;
  const auto width = static_cast<std::size_t>(grid->shape[1]);
  const auto own = std::span(grid->values).subspan(static_cast<std::size_t>(layer_->value()) * width, width);
  vector.values.assign(own.begin(), own.end());
  return std::ranges::all_of(own, [](float x) { return std::isfinite(x); }) ? std::optional(doc::push_along(hook, std::move(vector)))
                                                                            : std::nullopt;
}

void DirectionFinder::keep() {
  const auto edit = push();
  const std::string name = (name_->text().isEmpty() ? name_for() : name_->text()).toStdString();
  if (!edit || name.empty()) return;
  lab_.execute(doc::keep_direction({name, *edit}));
}

void DirectionFinder::show_state() {
  const auto study = study_.now();
  const bool working = is_working();
  find_->setText(working ? text("Stop") : text("Find"));
  find_->setToolTip(working ? text("Stop the probes")
                            : text("Run the model on each prompt and fit probes at each block, on held-out rows"));
  find_->setVisible(probes());
  find_->setEnabled(working || lack().isEmpty());
  progress_->setVisible(working);
  progress_->set_fraction(study.fraction);
  if (asked_ && study.state == doc::StudyState::Failed && study.error) {
    note_->setText(QString::fromStdString(study.error->message));
  } else if (working) {
    note_->setText(text("{0}: on its way.", text("Probes")));
  } else if (!lack().isEmpty()) {
    note_->setText(lack());
  } else if (probes() && !scores_->isVisibleTo(this)) {
    note_->setText(
        text("Find runs the model on each prompt, trained and untrained, and says from which block on a straight line tells them apart."));
  } else {
    note_->setText(QString());
  }
  note_->setVisible(!note_->text().isEmpty());
  method_->setVisible(shown_.answer && probes() && shown_.query == query());
  keep_->setEnabled(push().has_value());
}

void DirectionFinder::refresh() {
  if (shown_.answer && shown_.model.lock() != lab_.model()) shown_ = {};
  layer_->setRange(0, std::max(0, lab_.model()->weights->config.n_layer - 1));
  fields_->setCurrentIndex(static_cast<int>(from()));
  // A stack is as high as its highest page, and the lists are much higher than the rest.
  fields_->setFixedHeight(from() == From::Set ? 0 : fields_->currentWidget()->sizeHint().height());
  if (!probes() && !name_->isModified()) name_->setText(name_for());
  show_answer();
  show_state();
}

}  // namespace gf::ui
