#include "app/ui/docks/two_prompts_dock.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "app/document/cell_edits.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/answers/answer_places.h"
#include "app/ui/docks/try_list.h"
#include "app/ui/widgets/elided_label.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr const char* kSiteTitles[] = {phrase("Residual stream"), phrase("Head z"), phrase("MLP out"), phrase("Pattern of a head")};
constexpr const char* kTokensSaid = "8";

Params lens_params() {
  Params params(find_question("logit-lens")->params);
  const auto set = params.set("top", "1");
  EXPECTS(set.has_value(), "a number that the lens takes");
  return params;
}

/// Empty while the answer is not there, or is of a run of another length.
LensWords words_of_lens(const std::shared_ptr<const Answer>& answer, std::span<const TokenId> ids, const Model& model) {
  LensWords of;
  of.tokens = token_labels(model, ids);
  const auto* top = answer ? answer->get<Answer::Tokens>("top") : nullptr;
  if (!top || top->shape[1] != static_cast<int>(ids.size())) return of;
  of.depths = top->shape[0];
  const auto T = ids.size();
  for (std::size_t position = 0; position < T; ++position)
    for (int depth = 0; depth < of.depths; ++depth) {
      const std::size_t at = static_cast<std::size_t>(depth) * T + position;
      of.words << (top->is_undefined(at) ? QStringLiteral("NaN") : token_text(model, top->ids[at]));
      of.share.push_back(std::exp(top->values[at]));
    }
  return of;
}

/// The one edit of a recipe that copies one row of the stream to one row of it; null: the recipe is another.
const Edit* row_that_is_copied(const Recipe& recipe) {
  if (recipe.edits.size() != 1) return nullptr;
  const Edit& edit = recipe.edits.front();
  const auto one = [](const std::optional<Selector>& s) { return s && s->kind == Selector::Kind::List && s->list.size() == 1; };
  const auto kind = kind_named(edit.hook);
  const bool stream = kind && (*kind == HookKind::ResidPre || *kind == HookKind::ResidPost);
  if (!edit.enabled || edit.op != EditOp::Patch || !stream || !one(edit.positions)) return nullptr;
  return !edit.source->positions || one(edit.source->positions) ? &edit : nullptr;
}

/// "4,9" for a row of the stream.
std::string stream_word(const std::string& hook, const std::optional<Selector>& position, int n_layer) {
  const auto id = parse_hook(hook, n_layer);
  const int depth = !id ? 0 : id->kind == HookKind::ResidPost ? id->layer + 1 : id->layer;
  return std::to_string(depth) + "," + std::to_string(position->list.front());
}

}  // namespace

Dock* make_two_prompts_dock(const DockInfo& info, const DockContext& context) { return new TwoPromptsDock(info, context); }

TwoPromptsDock::TwoPromptsDock(const DockInfo& info, const DockContext& context) : Dock(info, context) {
  const auto label = [this](const char* name, const char* role) { return wrapped_label(body(), name, role); };
  const QString hint = text("Drag a cell of the source onto the target: Ctrl+C there and Ctrl+V here do it too.");
  second_ = new QLineEdit(body());
  second_->setObjectName("two_second");
  second_->setAccessibleName(text("The prompt to copy from"));
  second_->setPlaceholderText(text("a prompt to copy from, with another answer"));
  swap_ = new QPushButton(body());
  swap_->setObjectName("two_swap");
  note_ = label("two_note", "dim");
  site_ = new QComboBox(body());
  site_->setObjectName("two_site");
  site_->setAccessibleName(text("What is copied"));
  for (std::size_t i = 0; i < std::size(kSiteTitles); ++i)
    site_->addItem(text(kSiteTitles[i]), QString::fromLatin1(doc::patch_site_names()[i]));
  head_label_ = new QLabel(text("head"), body());
  head_ = new QSpinBox(body());
  head_->setObjectName("two_head");
  head_->setAccessibleName(text("Head"));
  all_positions_ = new QCheckBox(text("all positions"), body());
  all_positions_->setObjectName("two_all");
  all_positions_->setToolTip(text("Copies the whole layer: each token's to the token beside it"));
  board_ = new PatchBoard(body());
  board_->setObjectName("two_board");
  board_->setAccessibleName(text("Lens of both prompts, and of the result"));
  scroll_ = new QScrollArea(body());
  scroll_->setObjectName("two_scroll");
  scroll_->setWidgetResizable(true);
  scroll_->setMinimumHeight(90);
  scroll_->setToolTip(hint);
  scroll_->setWidget(board_);
  result_label_ = label("two_result", "");
  says_label_ = new ElidedLabel(body());
  says_label_->setObjectName("two_says");
  hint_ = label("two_hint", "dim");
  hint_->setText(hint);
  keep_earlier_ = new QCheckBox(text("keep earlier patches"), body());
  keep_earlier_->setObjectName("two_keep_earlier");
  keep_earlier_->setToolTip(text("A new patch comes to those before; else it takes their place"));
  auto* keep = new QPushButton(text("Keep"), body());
  keep->setObjectName("two_keep");
  keep->setToolTip(text("Puts the present edits into the list of tries"));
  tries_ = new TryList(lab(), runner(), body());
  tries_->setMinimumHeight(64);
  tries_->setMaximumHeight(150);

  auto* top = new QHBoxLayout;
  top->setSpacing(6);
  top->addWidget(second_, 1);
  top->addWidget(swap_);
  auto* what = new QHBoxLayout;
  what->setSpacing(6);
  what->addWidget(site_, 1);
  what->addWidget(head_label_);
  what->addWidget(head_);
  what->addWidget(all_positions_);
  auto* below = new QHBoxLayout;
  below->setSpacing(6);
  below->addWidget(keep_earlier_, 1);
  below->addWidget(keep);
  auto* all = new QVBoxLayout(body());
  all->setContentsMargins(10, 8, 10, 8);
  all->setSpacing(6);
  all->addLayout(top);
  all->addWidget(note_);
  all->addLayout(what);
  all->addWidget(scroll_, 4);
  all->addWidget(hint_);
  all->addWidget(result_label_);
  all->addWidget(says_label_);
  all->addLayout(below);
  all->addWidget(tries_, 1);
  all->addStretch(0);  // while there is no second prompt, the controls stay on top

  connect(second_, &QLineEdit::editingFinished, this, [this] {
    const std::string said = second_->text().toStdString();
    if (said != doc::other_prompt(lab().document())) runner().trigger("other-prompt", {said});
  });
  connect(swap_, &QPushButton::clicked, this, [this] { swap(); });
  connect(keep, &QPushButton::clicked, this, [this] { runner().trigger("keep-try"); });
  connect(site_, &QComboBox::activated, this, [this] {
    all_positions_->setChecked(site() == doc::PatchSite::HeadZ);  // as patch-sweep copies a head
    refresh(doc::Changes::all());
  });
  board_->on_select = [this](const PatchBoard::Spot& spot) { select(spot); };
  board_->on_press = [this] { about_ = lab().document().selected_position; };
  board_->on_drop = [this](const PatchBoard::Spot& from, const PatchBoard::Spot& to, bool dragged) { drop(from, to, dragged); };
  board_->on_hover = [this](const PatchBoard::Spot& from, const PatchBoard::Spot& to) -> std::vector<char> {
    const auto edit = edit_for(from, to);
    const auto run = lab().run();
    if (!edit || !run) return {};
    return doc::reach_of({{*edit}, {}}, lab().model()->weights->config.n_layer, run->base->n_prompt(), run->base->length());
  };
  board_->on_current = [this](const QRect& place) {
    scroll_->ensureVisible(place.center().x(), place.center().y(), place.width(), place.height());
  };
  board_->on_error = [this](const Error& error) { runner().tell(error); };
}

TwoPromptsDock::~TwoPromptsDock() = default;

std::shared_ptr<const doc::TryResult> TwoPromptsDock::result() const {
  const auto study = result_.now();
  return study.state == doc::StudyState::Ready ? study.answer : nullptr;
}
QString TwoPromptsDock::says() const { return says_label_->text(); }

doc::PatchSite TwoPromptsDock::site() const { return static_cast<doc::PatchSite>(site_->currentIndex()); }

Result<Edit> TwoPromptsDock::edit_for(const PatchBoard::Spot& from, const PatchBoard::Spot& to) const {
  const bool all = all_positions_->isChecked() || site() == doc::PatchSite::Pattern;
  const doc::PatchOf patch{site(), {from.depth, all ? -1 : from.position}, {to.depth, all ? -1 : to.position}, head_->value()};
  const doc::Document& document = lab().document();
  return doc::patch_edit(patch, doc::second_source(document, doc::other_prompt(document), ids_), ids_, lab().run()->base->ids(),
                         lab().model()->weights->config);
}

void TwoPromptsDock::drop(const PatchBoard::Spot& from, const PatchBoard::Spot& to, bool dragged) {
  const bool all = all_positions_->isChecked() || site() == doc::PatchSite::Pattern;
  const doc::PatchOf patch{site(), {from.depth, all ? -1 : from.position}, {to.depth, all ? -1 : to.position}, head_->value()};
  ActionArguments words{doc::patch_site_names()[static_cast<std::size_t>(site())], doc::word_of(patch, patch.from),
                        doc::word_of(patch, patch.to), keep_earlier_->isChecked() ? "add" : "alone"};
  // The try is about the position that was explained when the drag began, whatever another dock selects meanwhile.
  if (dragged) words.push_back(about_ < 0 ? "last" : std::to_string(about_));
  runner().trigger("patch", words);
}

void TwoPromptsDock::select(const PatchBoard::Spot& spot) {
  int position = spot.position;
  if (spot.panel == PatchBoard::Source) {
    const auto& rows = board_->shown().rows;
    const auto row = std::ranges::find(rows, spot.position, &doc::AlignedRow::from);
    position = row == rows.end() ? -1 : row->to;
  }
  if (position < 0) return;
  const scene::CellRef cell{{stream_hook(spot.depth, lab().model()->weights->config.n_layer), {}}, {position, 0, -1}};
  // The selected position stays: it is the one that is explained.
  lab().execute({gf::text("select a cell"), [cell](doc::Document& d) { d.selection = cell; }, "select two prompts"});
}

void TwoPromptsDock::swap() {
  const doc::Document& document = lab().document();
  const std::string second = doc::other_prompt(document);
  if (second.empty()) {
    second_->setText(QString::fromStdString(document.prompt));
    second_->setFocus(Qt::OtherFocusReason);
    return;
  }
  lab().execute({gf::text("swap the two prompts"),
                 [second](doc::Document& d) {
                   const std::string own = d.prompt;
                   const std::string rival = d.rival;  // the pair that the two prompts are compared by
                   doc::set_prompt(second).apply(d);
                   doc::set_other_prompt(own).apply(d);
                   d.rival = rival;
                 },
                 {}});
}

void TwoPromptsDock::watch(const std::vector<TokenId>& ids) {
  const Question& lens = *find_question("logit-lens");
  std::string key = ids.empty() ? std::string() : "of";
  for (const TokenId id : ids) key += " " + std::to_string(id.v);
  if (key != source_key_) {
    source_key_ = key;
    source_lens_ = {};
    if (!ids.empty()) source_lens_ = lab().studies().watch(doc::asked_of_ids(lens, lens_params(), ids));
  }
  if (target_lens_.now().state == doc::StudyState::Absent) {
    target_lens_ = lab().studies().watch(doc::StudyKey{&lens, lens_params(), {}, doc::Side::Base, 0});
    result_lens_ = lab().studies().watch(doc::StudyKey{&lens, lens_params(), {}, doc::Side::Edited, 0});
  }
  doc::Document asked;  // as a session has it, so that all that counts is in the key
  if (!ids.empty()) asked.tries = {doc::try_of(lab().document())};
  if (!doc::edits_act(lab().document().mode) && !ids.empty())
    for (Edit& edit : asked.tries.front().subject.recipe.edits) edit.enabled = false;
  if (std::string wanted = ids.empty() ? std::string() : doc::to_json(asked); wanted != result_key_) {
    result_key_ = std::move(wanted);
    result_ = {};
    if (!ids.empty()) result_ = lab().studies().watch(doc::result_of(asked.tries.front()));
  }
}

void TwoPromptsDock::watch_saying(const std::vector<TokenId>& ids) {
  const doc::Document& document = lab().document();
  const Edit* edit = doc::edits_act(document.mode) && !ids.empty() ? row_that_is_copied(document.recipe) : nullptr;
  const RunSource own = doc::second_source(document, doc::other_prompt(document), ids);
  if (edit && (edit->source->prompt != own.prompt || edit->source->ids != own.ids)) edit = nullptr;
  if (edit && !document.continuation.empty()) edit = nullptr;
  if (!edit) {
    saying_ = {};
    saying_key_.clear();
    return;
  }
  const Question& question = *find_question("patchscope");
  const int n_layer = lab().model()->weights->config.n_layer;
  doc::StudyKey key{&question, Params(question.params), {}, doc::Side::Edited, 0};
  key.params.set_prompt("from-prompt", ids);
  key.params.set_prompt("into-prompt", lab().run()->request.prompt);
  const auto& positions = edit->source->positions ? edit->source->positions : edit->positions;
  const auto set = [&](const char* name, const std::string& word) {
    const auto done = key.params.set(name, word);
    EXPECTS(done.has_value(), "words that the question takes");
  };
  set("from", stream_word(edit->source->hook.empty() ? edit->hook : edit->source->hook, positions, n_layer));
  set("to", stream_word(edit->hook, edit->positions, n_layer));
  set("n", kTokensSaid);
  if (key.params.key() == saying_key_) return;
  saying_key_ = key.params.key();
  saying_ = lab().studies().watch(key);
}

void TwoPromptsDock::hideEvent(QHideEvent* event) {
  for (auto* lens : {&source_lens_, &target_lens_, &result_lens_, &saying_}) *lens = {};
  result_ = {};
  source_key_.clear();
  result_key_.clear();
  saying_key_.clear();
  tries_->let_go();
  board_->set({});
  Dock::hideEvent(event);
}

void TwoPromptsDock::show_board(const std::vector<TokenId>& ids) {
  const Model& model = *lab().model();
  const auto run = lab().run();
  const auto own = run->base->ids();
  PatchBoard::Of of;
  of.rows = doc::align_tokens(ids, own);
  of.panels[PatchBoard::Source] = words_of_lens(source_lens_.now().answer, ids, model);
  of.panels[PatchBoard::Target] = words_of_lens(target_lens_.now().answer, own, model);
  of.panels[PatchBoard::Result] = words_of_lens(result_lens_.now().answer, own, model);
  if (run->has_edits())
    of.reach = doc::reach_of(run->request.recipe, model.weights->config.n_layer, run->base->n_prompt(), run->base->length());
  board_->set(std::move(of));
}

void TwoPromptsDock::show_note(const std::vector<TokenId>& ids) {
  const auto& rows = board_->shown().rows;
  const auto own = lab().run()->base->ids();
  int beside = 0, differ = 0, first = -1;
  for (const doc::AlignedRow& row : rows) {
    if (row.from < 0 || row.to < 0) continue;
    ++beside;
    if (ids[static_cast<std::size_t>(row.from)] == own[static_cast<std::size_t>(row.to)]) continue;
    ++differ;
    if (first < 0) first = row.to;
  }
  if (ids.size() != own.size())
    note_->setText(
        text("{0} tokens against {1}: aligned by their text. {2} stand beside each other, and a copy goes to the one beside; the "
             "others stand alone.",
             ids.size(), own.size(), beside));
  else if (differ == 0) note_->setText(text("Both prompts are the same. Change a word of one, and press Enter."));
  else
    note_->setText(counted(differ, "{1} tokens each, of which {0} differs, at position {2}.",
                           "{1} tokens each, of which {0} differ, from position {2} on.", own.size(), first));
}

void TwoPromptsDock::show_result() {
  const auto study = result_.now();
  const Model& model = *lab().model();
  const auto run = lab().run();
  if (study.state == doc::StudyState::Failed && study.error) {
    result_label_->setText(QString::fromStdString(study.error->message));
  } else if (const auto found = result()) {
    const QString pair = text("{0} − {1} at position {2}", quoted_token(model, found->a), quoted_token(model, found->b), found->position);
    const QString effect =
        found->effect ? text("effect {0}", fixed(*found->effect, 2)) : text("both prompts answer alike: no effect to measure");
    result_label_->setText(text("{0}: {1} → {2}, source {3} · {4}", pair, signed_number(found->before, 2), signed_number(found->after, 2),
                                signed_number(found->source, 2), effect));
    const auto alters = [](const Edit& edit) { return edit.enabled && edit.op != EditOp::Patch; };
    if (run->has_edits() && std::ranges::any_of(lab().document().recipe.edits, alters))
      result_label_->setText(text("{0} · the source is run without the edits", result_label_->text()));
  } else {
    result_label_->setText(text("{0}: on its way.", text("Result")));
  }
  result_label_->setToolTip(
      text("Logit of A − B {0}: of the target → of the result. Effect: how much of the way to the source that is; 1 is all of it.",
           after_position(model, run->base->ids(), scene::selected_position_in(lab().document(), run->base->length()))));
  const auto saying = saying_.now();
  says_label_->setVisible(!saying_key_.empty());
  const auto in_a_line = [&](const char* part) {
    return QString::fromStdString(saying.answer->words(part).words.front()).replace(QLatin1Char('\n'), QStringLiteral("↵"));
  };
  if (saying.answer && saying.state == doc::StudyState::Ready)
    says_label_->setText(text("goes on: “{0}” instead of “{1}”", in_a_line("says"), in_a_line("unpatched")));
  else says_label_->setText(saying_key_.empty() ? QString() : text("{0}: on its way.", text("What it says")));
}

void TwoPromptsDock::follow_selection() {
  const auto& cell = lab().document().selection;
  if (!cell || cell->tensor.is_weight() || cell->tensor.hook.layer < 0) return;
  const AnswerPlace place = place_of(lab().document(), lab().model()->weights->config, lab().run()->base->length());
  const auto at = [&](const char* axis) {
    const auto found = place.find(axis);
    return found == place.end() ? -1 : found->second;
  };
  if (at("head") >= 0 && !head_->hasFocus()) head_->setValue(at("head"));
  const PatchBoard::Spot own{PatchBoard::Target, at("position"), at("depth") >= 0 ? at("depth") : at("layer")};
  const auto& now = board_->current();
  if (now && now->depth == own.depth) {
    const auto& rows = board_->shown().rows;
    const auto row = std::ranges::find(rows, own.position, &doc::AlignedRow::to);
    if (now->panel == PatchBoard::Result && now->position == own.position) return;
    if (now->panel == PatchBoard::Source && row != rows.end() && row->from == now->position) return;
  }
  board_->set_current(own);
}

void TwoPromptsDock::fill(const doc::Changes& changes) {
  if (changes.moment_alone() || changes == doc::Changes{.jobs = true}) return;
  const doc::Document& document = lab().document();
  auto ids = doc::second_prompt(document, doc::other_prompt(document), *lab().model());
  ids_ = ids ? *ids : std::vector<TokenId>();
  if (!second_->hasFocus()) second_->setText(QString::fromStdString(doc::other_prompt(document)));
  swap_->setText(doc::other_prompt(document).empty() ? text("Begin with this prompt") : text("Swap"));
  swap_->setToolTip(doc::other_prompt(document).empty() ? text("Puts the prompt above into this field; change a word, and press Enter")
                                                        : text("The second prompt becomes the one that is run, and the other way round"));
  const bool of_head = doc::is_of_a_head(site());
  head_label_->setVisible(of_head);
  head_->setVisible(of_head);
  head_->setRange(0, lab().model()->weights->config.n_head - 1);
  all_positions_->setVisible(site() != doc::PatchSite::Pattern);
  watch(ids_);
  watch_saying(ids_);
  scroll_->setVisible(ids.has_value());
  result_label_->setVisible(ids.has_value());
  hint_->setVisible(ids.has_value() && document.tries.empty());  // later the room is for the tables
  tries_->setVisible(!document.tries.empty());
  tries_->refresh();
  if (!ids) {
    note_->setText(QString::fromStdString(ids.error().message));
    says_label_->setVisible(false);
    return;
  }
  show_board(ids_);
  show_note(ids_);
  show_result();
  follow_selection();
}

}  // namespace gf::ui
