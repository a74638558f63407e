#include "app/ui/docks/why_dock.h"

#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>
#include <algorithm>

#include "app/ui/actions/action_runner.h"
#include "app/ui/docks/explained_words.h"
#include "app/ui/docks/segments.h"
#include "app/ui/plots/waterfall.h"
#include "app/ui/widgets/token_field.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

/// Neurons that act-grad lists among all blocks, so that an open MLP has some of its own.
constexpr const char* kNeuronsByGradient = "400";

doc::StudyKey why_key(bool by_gradient, bool neurons, doc::Side side) {
  const Question* question = find_question(by_gradient ? "act-grad" : "dla");
  EXPECTS(question, "a question of the list");
  doc::StudyKey key{question, Params(question->params), {}, side, 0};
  if (by_gradient) {
    const auto set = key.params.set("top", kNeuronsByGradient);
    EXPECTS(set.has_value(), "a number that the question takes");
  } else if (neurons) {
    key.parts = {"neurons"};
  }
  return key;
}

/// Embeddings, heads and MLPs.
std::vector<doc::StreamPart> parts_that_can_be_cut(const ModelConfig& config) {
  using Kind = doc::StreamPart::Kind;
  std::vector<doc::StreamPart> parts{{Kind::Embed}, {Kind::PosEmbed}};
  for (int layer = 0; layer < config.n_layer; ++layer) {
    for (int head = 0; head < config.n_head; ++head) parts.push_back({Kind::Head, layer, head});
    parts.push_back({Kind::Mlp, layer});
  }
  return parts;
}

/// Those that a recipe cuts.
std::vector<doc::StreamPart> cut_neurons(const Recipe& recipe, const ModelConfig& config) {
  std::vector<doc::StreamPart> found;
  for (const Edit& edit : recipe.edits) {
    const auto hook = parse_hook(edit.hook, config.n_layer);
    if (!hook || hook->kind != HookKind::MlpPost || !edit.neurons) continue;
    for (const int neuron : edit.neurons->list)
      if (const doc::StreamPart part{doc::StreamPart::Kind::Neuron, hook->layer, neuron}; doc::is_part_cut(recipe, part, config))
        found.push_back(part);
  }
  return found;
}

}  // namespace

Dock* make_why_dock(const DockInfo& info, const DockContext& context) { return new WhyDock(info, context); }

WhyDock::WhyDock(const DockInfo& info, const DockContext& context) : Dock(info, context) {
  auto* switches = new QHBoxLayout;
  switches->setSpacing(0);
  add_segments(*switches, body(),
               {{"why_direct", text("Direct"), text("What each part writes towards A − B itself; the bars add up")},
                {"why_gradient", text("By gradient"), text("What each part gives in all ways, through later parts too, to first order")}},
               [this](int which) {
                 by_gradient_ = which == 1;
                 refresh(doc::Changes::all());
               });
  switches->addStretch(1);
  auto* orders = new QHBoxLayout;  // a row of its own, because the dock may be narrow
  orders->setSpacing(0);
  add_segments(*orders, body(),
               {{"why_by_depth", text("By depth"), text("In the order of the pass; right opens a part")},
                {"why_strongest", text("Strongest"), text("Heads and MLPs among each other, the strongest first")}},
               [this](int which) {
                 shape_.order = which == 0 ? WhyOrder::ByDepth : WhyOrder::StrongestFirst;
                 refresh(doc::Changes::all());
               });
  orders->addStretch(1);
  const auto field = [this](const char* name, const QString& label) {
    auto* edit = new TokenField(body());
    edit->setObjectName(name);
    edit->setAccessibleName(label);
    edit->setToolTip(text("Type some letters and pick a token, or #id; empty: by the prediction"));
    return edit;
  };
  target_ = field("why_target", text("Why this token, A"));
  rival_ = field("why_rival", text("And not this one, B"));
  target_->on_chosen = [this](const std::string& token) { lab().execute(doc::set_target(token)); };
  rival_->on_chosen = [this](const std::string& token) { lab().execute(doc::set_rival(token)); };
  auto* pair = new QHBoxLayout;
  pair->setSpacing(6);
  pair->addWidget(new QLabel(text("Why"), body()));
  pair->addWidget(target_, 1);
  pair->addWidget(new QLabel(text("and not"), body()));
  pair->addWidget(rival_, 1);
  blanks_ = new MissingBlanks(body(), QStringLiteral("why_blanks"), {target_, rival_});
  caption_ = new QLabel(body());
  caption_->setObjectName("why_caption");
  caption_->setProperty("role", "dim");
  caption_->setWordWrap(true);
  plot_ = new Waterfall(body());
  plot_->setObjectName("why_plot");
  plot_->setAccessibleName(text("Why A and not B"));
  scroll_ = new QScrollArea(body());
  scroll_->setObjectName("why_scroll");
  scroll_->setWidgetResizable(true);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setWidget(plot_);
  auto* hint = new QLabel(text("Click: select · arrow right: open · Del: cut or restore · right-click: more"), body());
  hint->setProperty("role", "dim");
  hint->setWordWrap(true);
  auto* all = new QVBoxLayout(body());
  all->setContentsMargins(10, 8, 10, 8);
  all->setSpacing(6);
  all->addLayout(switches);
  all->addLayout(orders);
  all->addLayout(pair);
  all->addWidget(blanks_);
  all->addWidget(caption_);
  all->addWidget(scroll_, 1);
  all->addWidget(hint);

  plot_->on_select = [this](int bar) { choose(bar); };
  plot_->on_open = [this](int bar) { open(bar); };
  plot_->on_cut = [this](int bar) { cut(bar); };
  plot_->on_current = [this](const QRect& row) { scroll_->ensureVisible(row.center().x(), row.center().y(), 0, row.height()); };
  plot_->on_error = [this](const Error& error) { runner().tell(error); };
  plot_->on_menu = [this](QMenu& menu) {
    const int bar = plot_->current();
    const doc::StreamPart* part = part_of_bar(bar);
    if (!part) return;
    menu.addAction(text("Select it in the scene"), this, [this, bar] { choose(bar); });
    if (!doc::can_be_cut(*part)) return;
    const bool is_cut = plot_->bars()[static_cast<std::size_t>(bar)].cut;
    menu.addAction(is_cut ? text("Restore it") : text("Cut it"), this, [this, bar] { cut(bar); });
  };
}

WhyDock::~WhyDock() = default;

const doc::StreamPart* WhyDock::part_of_bar(int bar) const {
  if (bar < 0 || bar >= static_cast<int>(rows_.size())) return nullptr;
  const auto& part = rows_[static_cast<std::size_t>(bar)].part;
  return part ? &*part : nullptr;
}

void WhyDock::watch() {
  const auto run = lab().run();
  const bool base_shown = lab().document().compare == scene::Compare::Base;
  const bool neurons = !by_gradient_ && std::ranges::any_of(shape_.open, [](const std::string& key) {
    return key.starts_with(std::to_string(static_cast<int>(doc::StreamPart::Kind::Mlp)) + ":");
  });
  doc::StudyKey key = why_key(by_gradient_, neurons, base_shown ? doc::Side::Base : doc::Side::Edited);
  const bool beside = !base_shown && run && run->has_edits();
  // Watching may fill the dock again, which must not take the old answer for one of the new question.
  if (const bool other = key != key_; other || beside != watches_base_) {
    base_ = {};
    watches_base_ = beside;
    if (other) {
      study_ = {};
      key_ = std::move(key);
      study_ = lab().studies().watch(*key_);
    }
    if (beside) base_ = lab().studies().watch(why_key(by_gradient_, neurons, doc::Side::Base));
  }
}

void WhyDock::hideEvent(QHideEvent* event) {
  study_ = {};
  base_ = {};
  watches_base_ = false;
  key_.reset();
  followed_.reset();
  Dock::hideEvent(event);
}

QString WhyDock::caption() const {
  const auto model = lab().model();
  const QString pair = explained_pair(lab());
  const int position = scene::selected_position_in(lab().document(), lab().run()->base->length());
  const QString place = after_position(*model, lab().run()->base->ids(), position);
  const QString what = by_gradient_ ? text("what each part gives to {0} in all ways, to first order, {1}", pair, place)
                                    : text("what each part writes towards {0}, {1}", pair, place);
  if (!lab().run()->has_edits()) return what;
  return key_->side == doc::Side::Base ? text("{0} · base run", what) : text("{0} · edited run, dotted: base run", what);
}

std::vector<WhyRow> WhyDock::rows_of(const Answer& answer, const WhyShape& shape) const {
  return by_gradient_ ? why_rows_by_gradient(answer, shape) : why_rows_direct(answer, shape);
}

void WhyDock::show_rows(const Answer& answer, const Answer* base) {
  const ModelConfig& config = lab().model()->weights->config;
  const bool edits = key_->side == doc::Side::Edited && doc::edits_act(lab().document().mode);
  const Recipe recipe = edits ? lab().document().recipe : Recipe();
  shape_.cut.clear();
  for (const doc::StreamPart& part : parts_that_can_be_cut(config))
    if (doc::is_part_cut(recipe, part, config)) shape_.cut.insert(key_of(part));
  for (const doc::StreamPart& part : cut_neurons(recipe, config)) shape_.cut.insert(key_of(part));
  const doc::StreamPart* current = part_of_bar(plot_->current());
  const std::string held = current ? key_of(*current) : std::string();
  rows_ = rows_of(answer, shape_);
  std::vector<WhyRow> before;
  if (base) {
    WhyShape all{WhyOrder::ByDepth, shape_.open, {}};
    for (int layer = 0; layer < lab().model()->weights->config.n_layer; ++layer)
      all.open.insert(key_of({doc::StreamPart::Kind::Attention, layer}));
    before = rows_of(*base, all);
  }
  std::vector<WaterfallBar> bars;
  for (const WhyRow& row : rows_) {
    WaterfallBar bar{.name = QString::fromStdString(row.name),
                     .value = row.value,
                     .before = {},
                     .depth = row.depth,
                     .opens = row.opens,
                     .open = row.open,
                     .cut = row.part && doc::is_part_cut(recipe, *row.part, config),
                     .sum = row.sum};
    for (const WhyRow& old : before)
      if (row.part && old.part == row.part) bar.before = old.value;
    bars.push_back(std::move(bar));
  }
  plot_->set_bars(std::move(bars), !by_gradient_, QStringLiteral("logit"));
  // The cursor stays on its part, wherever its row is now.
  const auto row = std::ranges::find_if(rows_, [&](const WhyRow& one) { return one.part && key_of(*one.part) == held; });
  if (row != rows_.end()) plot_->set_current(static_cast<int>(row - rows_.begin()));
}

void WhyDock::follow_selection() {
  const auto& cell = lab().document().selection;
  if (followed_ && *followed_ == cell) return;  // since then the user may have moved the cursor
  followed_ = cell;
  std::optional<doc::StreamPart> part = cell ? doc::stream_part_at(*cell) : std::nullopt;
  while (part) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const auto& own = rows_[i].part;
      if (own && (*own == *part || (own->kind == part->kind && own->kind == doc::StreamPart::Kind::Logits)))
        return plot_->set_current(static_cast<int>(i));
    }
    part = doc::whole_of(*part);
  }
}

void WhyDock::choose(int bar) {
  const auto run = lab().run();
  const doc::StreamPart* part = part_of_bar(bar);
  if (!run || !part) return;
  doc::StreamPart chosen = *part;
  if (chosen.kind == doc::StreamPart::Kind::Logits && lab().target()) chosen.index = lab().target()->v;
  lab().execute(doc::select_part(chosen, *run->edited, scene::selected_position_in(lab().document(), run->edited->length())));
}

void WhyDock::open(int bar) {
  const doc::StreamPart* part = part_of_bar(bar);
  if (!part || !rows_[static_cast<std::size_t>(bar)].opens) return;
  const std::string key = key_of(*part);
  if (!shape_.open.erase(key)) shape_.open.insert(key);
  const auto& cell = lab().document().selection;
  const auto selected = cell ? doc::stream_part_at(*cell) : std::nullopt;
  if (selected && doc::whole_of(*selected) == *part) followed_.reset();  // its own row may show now
  refresh(doc::Changes::all());
}

void WhyDock::cut(int bar) {
  const doc::StreamPart* part = part_of_bar(bar);
  if (!part || !doc::can_be_cut(*part) || !lab().model()) return;
  const ModelConfig& config = lab().model()->weights->config;
  lab().execute(doc::set_part_cut(*part, config, !doc::is_part_cut(lab().document().recipe, *part, config)));
}

void WhyDock::fill(const doc::Changes&) {
  watch();
  const auto model = lab().model();
  const auto a = lab().target(), b = lab().rival();
  target_->show_token(model, lab().document().target, a ? token_text(*model, *a) : QString());
  rival_->show_token(model, lab().document().rival, b ? token_text(*model, *b) : QString());
  blanks_->refresh();
  const doc::Study study = study_.now();
  if (study.state == doc::StudyState::Failed && study.error) return show_instead(QString::fromStdString(study.error->message));
  if (!study.answer) return show_instead(text("{0}: on its way.", text(key_->question->title)));
  const doc::Study base = base_.now();
  caption_->setText(caption());
  show_rows(*study.answer, watches_base_ && base.answer ? base.answer.get() : nullptr);
  follow_selection();
}

}  // namespace gf::ui
