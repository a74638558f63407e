#include "app/ui/docks/sweep_dock.h"

#include <QApplication>
#include <QComboBox>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "app/document/patching.h"
#include "app/document/stream_part.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/answers/answer_places.h"
#include "app/ui/answers/answer_view.h"
#include "app/ui/docks/circuit_panel.h"
#include "app/ui/docks/explained_words.h"
#include "app/ui/shell/keyboard.h"
#include "app/ui/widgets/dock_parts.h"
#include "app/ui/widgets/progress_line.h"
#include "app/ui/widgets/question_options.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/analysis/circuit_graph.h"
#include "model/edits/head_cuts.h"

namespace gf::ui {
namespace {

/// The questions that the dock offers, by their names.
constexpr const char* kSweeps[] = {"ablate-sweep", "patch-sweep", "attribution", "act-grad", "path", "edges", "saliency"};
constexpr const char* kCleanName = "clean";
constexpr const char* kListedEdges = "200";  ///< from which the user takes the strongest
constexpr std::string_view kListParam = "top";

bool cuts_a_head(const Edit& edit) { return edit.op == EditOp::Zero && edit.heads && !edit.positions; }

}  // namespace

Dock* make_sweep_dock(const DockInfo& info, const DockContext& context) { return new SweepDock(info, context); }

SweepDock::SweepDock(const DockInfo& info, const DockContext& context) : Dock(info, context) {
  which_ = narrow_combo(body(), "sweep_question", text("Sweep"));
  for (const char* name : kSweeps) {
    const Question* question = find_question(name);
    EXPECTS(question, "a question of the list");
    which_->addItem(text(question->title), QString::fromLatin1(name));
    which_->setItemData(which_->count() - 1, text(question->doc), Qt::ToolTipRole);
  }
  run_ = new QPushButton(body());
  run_->setObjectName("sweep_run");
  auto* top = new QHBoxLayout;
  top->setSpacing(6);
  top->addWidget(which_, 1);
  top->addWidget(run_);
  clear_ = new QPushButton(text("Clear"), body());
  clear_->setObjectName("sweep_clear");
  clear_->setToolTip(text("Takes the answer away (Esc, while the keyboard is in this dock); edits that were made of it stay"));
  top->addWidget(clear_);
  clean_label_ = new QLabel(text("Copy from this prompt"), body());
  clean_label_->setObjectName("sweep_clean_label");
  clean_ = new QLineEdit(body());
  clean_->setObjectName("sweep_clean");
  clean_->setAccessibleName(text("The prompt to copy from"));
  clean_->setPlaceholderText(text("as many tokens as the prompt above, with another answer"));
  options_ = new QuestionOptions(QStringLiteral("sweep"), body());
  note_ = wrapped_label(body(), "sweep_note", "dim");
  progress_ = new ProgressLine(QStringLiteral("sweep_progress"), text("Progress of the sweep"), body());
  view_ = new AnswerView(QStringLiteral("sweep"), body());
  cell_ = wrapped_label(body(), "sweep_cell");
  make_circuit();
  make_ = new QPushButton(body());
  make_->setObjectName("sweep_make");
  auto* bottom = new QHBoxLayout;
  bottom->setSpacing(8);
  bottom->addWidget(cell_, 1);
  bottom->addWidget(make_);
  auto* all = new QVBoxLayout(body());
  all->setContentsMargins(10, 8, 10, 8);
  all->setSpacing(6);
  all->addLayout(top);
  all->addWidget(clean_label_);
  all->addWidget(clean_);
  all->addWidget(options_);
  all->addWidget(progress_);
  all->addWidget(note_);
  all->addWidget(view_, 1);
  all->addWidget(circuit_, 1);
  all->addLayout(bottom);
  all->addStretch(0);  // while there is no answer, the controls stay on top

  connect(which_, &QComboBox::activated, this, [this] { take_up(); });
  connect(run_, &QPushButton::clicked, this, [this] {
    start(!key_);
    refresh(doc::Changes::all());
  });
  connect(clear_, &QPushButton::clicked, this, [this] { clear(); });
  connect(clean_, &QLineEdit::editingFinished, this, [this] {
    const std::string said = clean_->text().toStdString();
    if (said == doc::other_prompt(lab().document())) return;
    start(false);
    lab().execute(doc::set_other_prompt(said));
  });
  options_->on_change = [this] {
    if (key_) start(true);  // what is on its way is of no use any more
    refresh(doc::Changes::all());
  };
  connect(make_, &QPushButton::clicked, this, [this] { toggle(); });
  view_->on_error = [this](const Error& error) { runner().tell(error); };
  view_->on_select = [this](const AnswerPlace& place) { select(place); };
  view_->on_activate = [this](const AnswerPlace&) { toggle(); };
  view_->on_part = [this] {
    show_circuit();
    show_edit();
  };
  view_->leave_to_another("edges");  // the circuit has them
}

SweepDock::~SweepDock() = default;

const Question& SweepDock::question() const { return *find_question(which_->currentData().toString().toStdString()); }

bool SweepDock::is_of_pairs() const {
  return std::ranges::any_of(question().params, [](const Param& param) { return std::string_view(param.name) == kCleanName; });
}

Result<std::vector<TokenId>> SweepDock::clean_ids() const {
  const doc::Document& document = lab().document();
  GF_TRY_ASSIGN(std::vector<TokenId> ids, doc::second_prompt(document, doc::other_prompt(document), *lab().model()));
  const std::size_t own = lab().run()->request.prompt.size();
  if (ids.size() != own)
    return fail(ErrorCode::InvalidArgument,
                gf::text("The prompt to copy from has {0} tokens, and the one above has {1}. Make them equally long: a copy goes from each "
                         "position to the same one.",
                         ids.size(), own));
  return ids;
}

RunSource SweepDock::clean_source() const {
  const auto ids = clean_ids();
  return doc::second_source(lab().document(), doc::other_prompt(lab().document()), ids ? *ids : std::vector<TokenId>());
}

Params SweepDock::params() const {
  Params asked = options_->params();
  if (question().name == kGraphQuestion) {
    const auto set = asked.set(kListParam, kListedEdges);
    EXPECTS(set.has_value(), "a number that the question takes");
  }
  return asked;
}

void SweepDock::start(bool on) {
  study_ = {};
  key_.reset();
  if (!on) return;
  doc::StudyKey key{&question(), params(), {}, doc::Side::Base, 0};
  if (is_of_pairs()) {
    auto ids = clean_ids();
    if (!ids) return;  // the note says why
    key.params.set_prompt(kCleanName, std::move(*ids));
  }
  if (question().name == kGraphQuestion) {
    key.parts = {"clean", "corrupt", "edges", "count", "probability"};
    if (key.params.given("keep")) key.parts.emplace_back("faithfulness");
  } else if (question().name == std::string_view("path")) {
    key.parts = {"clean", "corrupt", "effect", "delta", "probability"};
  }
  key_ = std::move(key);
  study_ = lab().studies().watch(*key_);
}

void SweepDock::take_up() {
  start(false);
  if (shown_.question == &question()) return refresh(doc::Changes::all());
  if (shown_.answer) kept_[shown_.question] = std::move(shown_);
  const auto before = kept_.extract(&question());
  shown_ = before ? before.mapped() : Shown();
  if (shown_.answer) view_->show_answer(shown_.answer, shown_.question, {lab().model(), shown_.ids, shown_.position});
  refresh(doc::Changes::all());
}

void SweepDock::clear() {
  start(false);
  shown_ = {};
  if (circuit_->in_scene()) lab().execute(doc::show_circuit(std::nullopt));  // that of another sweep stays
  refresh(doc::Changes::all());
}

void SweepDock::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape && clear_->isVisible()) return clear();
  Dock::keyPressEvent(event);
}

bool SweepDock::event(QEvent* event) {
  const auto* focus = QApplication::focusWidget();  // out of a text field Esc leads to the scene first
  if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape && clear_->isVisible() &&
      !is_text_field(focus))
    event->accept();
  return Dock::event(event);
}

void SweepDock::put_away() { start(false); }

void SweepDock::show_state() {
  const doc::Study study = study_.now();
  const bool working = key_ && (study.state == doc::StudyState::Waiting || study.state == doc::StudyState::Computing);
  run_->setText(working ? text("Stop") : text("Run"));
  run_->setToolTip(working ? text("Stop the sweep; what was found before stays") : text("Run the sweep on the present run"));
  progress_->setVisible(working);
  progress_->set_fraction(study.fraction);
  const auto clean = is_of_pairs() ? clean_ids() : Result<std::vector<TokenId>>(std::vector<TokenId>{});
  run_->setEnabled(working || clean.has_value());
  const bool done = shown_.answer && shown_.question == &question();
  // A sweep is about the run without edits, so that its tokens say which run that was: an edit and its undo lead back to it.
  const bool other_run = done && !std::ranges::equal(shown_.ids, lab().run()->base->ids());
  if (!clean) note_->setText(QString::fromStdString(clean.error().message));
  else if (study.state == doc::StudyState::Failed && study.error) note_->setText(QString::fromStdString(study.error->message));
  else if (working) note_->setText(text("{0}: on its way.", text(question().title)));
  else if (other_run && !key_) note_->setText(text("This is of an earlier run; Run renews it."));
  else if (!done) note_->setText(text("Run shows {0}.", text(question().doc)));
  else if (!key_ && !(shown_.params == params()))
    note_->setText(text("This was asked with other options; Run asks with the present ones."));
  else note_->setText(sentence());
  note_->setVisible(!note_->text().isEmpty());
}

QString SweepDock::sentence() const {
  const std::string_view name = shown_.question->name;
  QString said = shown_.about;
  if (name == "edges")
    said = text(
        "What would change in {0}, to first order, if one reader alone read one writer as after that prompt. Writers: embedding, "
        "heads, MLPs. Readers: heads' q, k and v, MLPs, logits.",
        shown_.about);
  if (const auto* kept = shown_.answer->get<Answer::Number>("faithfulness"))
    said = text("{0} The {1} strongest edges alone bring back {2} of that prompt's answer.", said, shown_.params.whole("keep"),
                percent(kept->value));
  if (name == "path") {
    const Params& asked = shown_.params;
    const QString who = asked.given("sender") ? text("the group {0}", QString::fromStdString(asked.text("sender"))) : text("each head");
    const std::string receiver = asked.text("receiver");
    const QString to = receiver == "logits" ? text("the logits") : QString::fromStdString(receiver);
    said = asked.flag("freeze-mlps") ? text(
                                           "What {0} changes in {1}, as after the prompt to copy from, on its way to {2} alone: the other "
                                           "heads and the MLPs stay as they are.",
                                           who, shown_.about, to)
                                     : text(
                                           "What {0} changes in {1}, as after the prompt to copy from, on its way to {2} alone: the other "
                                           "heads stay as they are, MLPs on the way are computed anew.",
                                           who, shown_.about, to);
  }
  if (!lab().run()->has_edits()) return said;
  const QString base = shown_.clean_ids.empty() ? text("base run, without the edits") : text("both prompts without the edits");
  return said.isEmpty() ? base : text("{0} · {1}", said, base);
}

void SweepDock::show_answer() {
  const doc::Study study = study_.now();
  if (key_ && study.state == doc::StudyState::Ready && study.answer && study.answer != shown_.answer) {
    const auto run = lab().run();
    const auto ids = run->base->ids();
    shown_ = {.answer = study.answer,
              .question = key_->question,
              .params = key_->params,
              .model = lab().model(),
              .ids = {ids.begin(), ids.end()},
              .clean = clean_source(),
              .about = explained_words(lab()),
              .position = scene::selected_position_in(lab().document(), run->base->length()),
              .a = lab().target().value_or(TokenId()),
              .b = lab().rival()};
    if (is_of_pairs()) {
      shown_.clean_ids = key_->params.prompt(kCleanName);
      shown_.params.set_prompt(kCleanName, {});
    }
    show_found();
  }
  const bool there = shown_.answer && shown_.question == &question();
  view_->setVisible(there);
  clear_->setVisible(there || key_.has_value());
  show_circuit();
  if (there && lab().document().selection)
    view_->follow(place_of(lab().document(), lab().model()->weights->config, lab().run()->base->length()));
}

void SweepDock::show_found() {
  view_->show_answer(shown_.answer, shown_.question, {shown_.model.lock(), shown_.ids, shown_.position});
  // First what can become edits, else what is more than a number.
  const auto is_grid = [&](const Answer::Part& part) { return doc::has_cell_edits(*shown_.question, part.name); };
  const auto is_more = [](const Answer::Part& part) { return !std::holds_alternative<Answer::Number>(part.value); };
  const auto& parts = shown_.answer->parts();
  auto first = std::ranges::find_if(parts, is_grid);
  const bool edits = first != parts.end();
  if (!edits) first = std::ranges::find_if(parts, is_more);
  const auto now = std::ranges::find(parts, view_->part(), &Answer::Part::name);
  const bool stays = now != parts.end() && (edits ? is_grid(*now) : is_more(*now));
  if (first != parts.end() && !stays) view_->show_part(first->name);
}

void SweepDock::take_over(Dock& before) {
  auto& other = static_cast<SweepDock&>(before);
  key_ = std::move(other.key_);
  study_ = std::move(other.study_);
  options_->take_over(*other.options_);
  kept_ = std::move(other.kept_);
  if (!other.shown_.answer || other.shown_.model.expired()) return;
  shown_ = std::move(other.shown_);
  show_found();
  view_->show_part(other.view_->part());
}

void SweepDock::ask_again() {
  start(true);
  refresh(doc::Changes::all());
}

std::optional<Edit> SweepDock::edit_here() const {
  if (!shown_.answer || shown_.question != &question()) return std::nullopt;
  return doc::edit_of_cell(*shown_.question, view_->part(), view_->cursor(), shown_.clean);
}

bool SweepDock::is_made(const Edit& edit) const {
  const Recipe& recipe = lab().document().recipe;
  if (!cuts_a_head(edit)) return doc::has_edit(recipe, edit);
  const ModelConfig& config = lab().model()->weights->config;
  return is_cut(recipe, parse_hook(edit.hook, config.n_layer)->layer, edit.heads->list.front(), config.n_head);
}

void SweepDock::show_edit() {
  const auto edit = edit_here();
  cell_->setVisible(view_->isVisibleTo(body()));
  make_->setVisible(edit.has_value());
  if (!edit) {
    const bool may = shown_.question && doc::has_cell_edits(*shown_.question, view_->part());
    cell_->setText(may ? text("Choose a cell: it can become an edit.") : QString());
    return;
  }
  cell_->setText(QString::fromStdString(place_of(*edit)));
  const bool made = is_made(*edit);
  make_->setText(made ? text("Take it back") : edit->op == EditOp::Patch ? text("Patch it") : text("Cut it"));
  make_->setToolTip(text("As an edit of the recipe; Enter or a double click on the cell does it too"));
}

void SweepDock::select(const AnswerPlace& place) {
  const auto run = lab().run();
  const auto edit = edit_here();
  if (!run || !edit) return show_edit();
  const auto hook = parse_hook(edit->hook, lab().model()->weights->config.n_layer);
  const auto index = [&](const char* axis, int fallback) {
    const auto at = place.find(axis);
    return at == place.end() ? fallback : at->second;
  };
  // The selected position stays: it is the one that the sweep explains.
  const int here = scene::selected_position_in(lab().document(), run->base->length());
  const int position = std::min(index("position", here), run->base->length() - 1);
  std::optional<scene::CellRef> cell;
  if (place.contains("head")) cell = doc::cell_of({doc::StreamPart::Kind::Head, hook->layer, place.at("head")}, *run->base, position);
  else cell = scene::CellRef{{*hook, {}}, {position, 0, -1}};
  if (cell) lab().execute({gf::text("select a cell"), [cell](doc::Document& d) { d.selection = cell; }, "select sweep"});
  show_edit();
}

void SweepDock::toggle() {
  const auto edit = edit_here();
  if (!edit || !lab().model()) return;
  const bool made = is_made(*edit);
  if (!cuts_a_head(*edit)) return lab().execute(doc::set_edit(*edit, !made));
  const auto hook = parse_hook(edit->hook, lab().model()->weights->config.n_layer);
  lab().set_cut({hook->layer, edit->heads->list.front()}, !made);
}

void SweepDock::fill(const doc::Changes&) {
  const bool pairs = is_of_pairs();
  options_->show_question(question(), question().name == kGraphQuestion ? std::span(&kListParam, 1) : std::span<const std::string_view>());
  clean_label_->setVisible(pairs);
  clean_->setVisible(pairs);
  if (!clean_->hasFocus()) clean_->setText(QString::fromStdString(doc::other_prompt(lab().document())));
  if (shown_.answer && shown_.model.lock() != lab().model()) shown_ = {};
  std::erase_if(kept_, [this](const auto& one) { return one.second.model.lock() != lab().model(); });
  show_answer();
  show_state();
  show_edit();
}

}  // namespace gf::ui
