#include "app/scene/scene_builder.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "app/scene/builder_state.h"
#include "app/scene/legend.h"
#include "app/scene/machine/scores_of_head.h"
#include "app/scene/operations/board.h"
#include "model/base/text.h"
#include "model/base/translations_set.h"
#include "renderer/labels.h"

namespace gf::scene {
namespace {

constexpr std::size_t kKeptSources = 2;

}  // namespace

void style_frame(render::Panel& panel, const PanelInfo& info, const Palette& colors) {
  panel.empty = colors.plate;
  switch (info.role) {
    case PanelInfo::Role::Activation: panel.frame = colors.activation; break;
    case PanelInfo::Role::Statistic: panel.frame = colors.statistic; break;
    case PanelInfo::Role::Weight: panel.frame = colors.weight; break;
    case PanelInfo::Role::Lit: panel.frame = colors.text; break;
  }
}

std::string unit_text(HookUnit unit) {
  switch (unit) {
    case HookUnit::Probability: return text("probability");
    case HookUnit::Scale: return text("scale");
    case HookUnit::Score: return text("score");
    case HookUnit::Logit: return text("logit, from the row's mean");
    case HookUnit::Activation: return text("activation");
    case HookUnit::Nats: return text("nats");
  }
  return "";
}

// Rounded, so that the page is not laid out anew for each pixel while a splitter is dragged.
float page_aspect(const Pane& pane) { return std::max(0.2F, std::round(pane.aspect() / (1 - pane.foot) * 10) / 10); }

// Letters of titles stay about 13 pixels high in any window, and larger ones in Present, where the whole makes room for them.
// Rounded, for the same reason.
float page_letters(const Pane& pane) {
  constexpr float kMost = 11.8F, kLeast = 6, kLeastWhereCramped = 4, kPixelsEach = 60;
  const bool cramped = pane.presentation > 1 || legend_rows_for(pane) < Pane().legend_rows;  // in Present, or in a low window
  const float letters = std::floor(pane.size.y * (1 - pane.foot) / (kPixelsEach * pane.presentation) * 2) / 2;
  return std::clamp(letters, cramped ? kLeastWhereCramped : kLeast, kMost / pane.presentation);
}

// A line's letters of 11 pixels, the part of them that reaches above and below, and a gap. Rounded, for the same reason.
float page_lines(const Pane& pane) {
  constexpr float kLinePx = 12.6F;
  return std::max(1.0F, std::floor(pane.size.y * (1 - pane.foot) / kLinePx * 2) / 2);
}

std::string shown_unit(HookId hook, const ViewState& view) {
  const std::string unit = unit_text(info_of(hook.kind).unit);
  return view.compare == Compare::Difference ? text("edited - base, {0}", unit) : unit;
}

bool captured(const SceneInput& input, HookId hook) {
  const Run& run = *input.run;
  return run.base->has(hook) && (!run.edited || run.edited->has(hook));
}

const Trace* shown_trace(const SceneInput& input, Compare compare) {
  if (!input.run || !input.run->base) return nullptr;
  const auto& trace = compare == Compare::Base || !input.run->edited ? input.run->base : input.run->edited;
  return trace->length() > 0 ? trace.get() : nullptr;
}

std::span<const TokenId> tokens_of(const SceneInput& input, const Trace* trace) {
  return trace != nullptr ? trace->ids() : std::span<const TokenId>(input.tokens);
}

int rows_of(const SceneInput& input, const Trace* trace, const ModelConfig& config) {
  constexpr int kRowsWithoutRun = 16;
  const auto tokens = tokens_of(input, trace);
  return tokens.empty() ? std::min(kRowsWithoutRun, std::max(1, config.n_ctx)) : static_cast<int>(tokens.size());
}

std::shared_ptr<const Layout> BuilderState::layout_for(const SceneInput& from, const MachineKey& key) {
  LayoutInput wanted;
  wanted.config = weights->config;
  wanted.aspect = key.aspect;
  wanted.letters = key.letters;
  wanted.lines = key.lines;
  if (const auto& one = key.view.one_head; one && is_in(*one, weights->config)) wanted.one_head = std::pair(one->layer, one->head);
  wanted.weights = weight_shapes(*weights);
  const Trace* trace = shown_trace(from, Compare::Base);
  wanted.T = rows_of(from, trace, weights->config);
  const CapturePlan plan = trace != nullptr ? trace->plan() : CapturePlan::defaults();
  for (std::size_t k = 0; k < wanted.hooks.size(); ++k) {
    const auto kind = static_cast<HookKind>(k);
    const bool in_block = hook_table()[k].scope == HookScope::Block;
    wanted.hooks[k] = trace != nullptr ? captured(from, {kind, in_block ? 0 : -1}) : keeps(plan, kind);
  }
  wanted.hooks[static_cast<std::size_t>(HookKind::Logits)] = true;
  wanted.all_logits = trace != nullptr && plan.all_logits && (!from.run->edited || from.run->edited->plan().all_logits);
  if (!layout || !(wanted == layout_input)) {
    layout = std::make_shared<const Layout>(make_layout(wanted));
    layout_input = std::move(wanted);
  }
  return layout;
}

std::shared_ptr<const render::TileSource> BuilderState::activation(const PanelInfo& info, const Trace& shown, const Trace* minus) {
  ActivationKey key{
      info.mapping, info.tensor.hook, info.head, info.row0, info.col0, info.rows, info.cols, HookRows(shown, info.tensor.hook), {}};
  key.pitch = info.pitch;
  key.fold_rows = info.fold_rows;
  if (minus != nullptr) key.minus = HookRows(*minus, info.tensor.hook);
  auto& known = sources[{info.mapping, info.tensor.hook, info.head, info.row0, info.col0}];
  const auto found = std::find_if(known.begin(), known.end(), [&](const KnownSource& k) { return k.key == key; });
  if (found != known.end()) {
    std::rotate(known.begin(), found, found + 1);
  } else {
    auto source = activation_source(key);
    known.insert(known.begin(), {std::move(key), std::move(source)});
    if (known.size() > kKeptSources) known.pop_back();
  }
  return known.front().source;
}

std::shared_ptr<const render::TileSource> BuilderState::folded_values(std::vector<float> values, int cols) {
  const auto found = std::find_if(folded.begin(), folded.end(), [&](const KnownVector& k) { return k.values == values; });
  if (found != folded.end()) return found->source;
  auto source = folded_source(values, cols);
  folded.insert(folded.begin(), {std::move(values), source});
  if (folded.size() > kKeptSources) folded.pop_back();
  return source;
}

std::optional<float> BuilderState::attach_scores(render::Panel& panel, const PanelInfo& info, const SceneInput& from,
                                                 const ViewState& view) {
  const HookId hook = info.tensor.hook;
  const Trace* shown = shown_trace(from, view.compare);
  if (info.tensor.is_weight() || hook.kind != HookKind::AttnScores || shown == nullptr || shown->has(hook)) return std::nullopt;
  auto scores = scores_of_head(from, view, hook.layer, info.head);
  if (!scores) return std::nullopt;
  panel.map = view.compare == Compare::Difference ? render::ColorMap::Difference : map_of(HookUnit::Score);
  panel.scale = from.scale_of(info.tensor, scores->scale);
  panel.source = folded_values(std::move(scores->values), info.cols);
  return scores->largest;
}

void BuilderState::attach_values(render::Panel& panel, const PanelInfo& info, const SceneInput& from, const ViewState& view) {
  if (info.tensor.is_weight()) {
    const std::size_t tensor = reader->index_of(info.tensor.weight);
    const auto summary = reader->summary(tensor);
    if (!summary) return;  // an empty frame until it has been read
    panel.scale = from.scale_of(info.tensor, summary->scale > 0 ? summary->scale : 1);
    // Both runs have the same weights: what differs comes first.
    constexpr float kUnchanged = 0.15F;
    if (view.compare == Compare::Difference && from.run && !from.in_place) panel.alpha = kUnchanged;
    auto& source = weight_sources[{tensor, info.row0, info.col0, info.rows, info.cols}];
    const NamedTensor& row = reader->table()[tensor];
    if (!source) source = weight_source({row.view, row.in_major, info.row0, info.col0, info.rows, info.cols, shown_weights, summary});
    panel.source = source;
    return;
  }
  const HookInfo& hook = info_of(info.tensor.hook.kind);
  panel.map = view.compare == Compare::Difference ? render::ColorMap::Difference : map_of(hook.unit);
  const Trace* shown = shown_trace(from, view.compare);
  if (shown == nullptr) return;
  // An empty frame for what the run did not keep, such as scores that an edit has changed.
  if (hook.unit != HookUnit::Logit && !captured(from, info.tensor.hook)) return;
  const Trace& base = *from.run->base;
  const bool difference = view.compare == Compare::Difference;
  panel.scale = from.scale_of(info.tensor, shown_scale(from, view, info.tensor.hook));
  if (hook.unit == HookUnit::Logit) {
    const bool last = info.mapping == PanelInfo::Mapping::Folded;
    const auto row_of = [&](const Trace& t) { return last ? t.last_logits() : t.row(info.tensor.hook, info.row0); };
    const auto row = row_of(*shown);
    if (!difference) panel.offset = static_cast<float>(mean_of(row));
    if (last) {
      std::vector<float> values(row.begin(), row.end());
      const auto minus = row_of(base);
      if (difference && minus.size() == values.size())
        for (std::size_t i = 0; i < values.size(); ++i) values[i] -= minus[i];
      if (!values.empty()) panel.source = folded_values(std::move(values), info.cols);
      return;
    }
  }
  panel.source = activation(info, *shown, difference ? &base : nullptr);
  if (from.run->has_edits() && view.compare != Compare::Base) {
    constexpr float kThreshold = 0.01F, kFull = 0.4F;
    keep_changes_of(from.run);
    const auto [known, fresh] = changes.try_emplace(info.tensor.hook, kFull);
    if (fresh && hook.unit != HookUnit::Logit)
      known->second = change_of(base, *from.run->edited, info.tensor.hook, scales.of(weights, base, info.tensor.hook));
    const float change = known->second;
    panel.glow = change < kThreshold ? 0 : std::min(0.85F, 0.12F + 0.7F * change / kFull);
  }
}

void BuilderState::keep_changes_of(const std::shared_ptr<const Run>& run) {
  if (changes_of == run) return;
  changes.clear();
  differences.clear();
  changes_of = run;
}

float BuilderState::shown_scale(const SceneInput& from, const ViewState& view, HookId hook) {
  const float usual = scales.of(weights, *from.run->base, hook);
  if (view.compare != Compare::Difference || !from.run->edited) return usual;
  keep_changes_of(from.run);
  const auto [known, fresh] = differences.try_emplace(hook, usual);
  if (fresh) known->second = scale_of_difference(*from.run->base, *from.run->edited, hook, usual);
  return known->second;
}

float BuilderState::shown_largest(const SceneInput& from, const ViewState& view, HookId hook) {
  const bool difference = view.compare == Compare::Difference;
  return largest.of(*shown_trace(from, view.compare), difference ? from.run->base.get() : nullptr, hook);
}

std::shared_ptr<const MachineFrame> BuilderState::machine_for(const SceneInput& from, const ViewState& view, const Pane& pane) {
  MachineKey key{from.model,        from.run,           from.tokens,      from.scales,       view,
                 page_aspect(pane), page_letters(pane), page_lines(pane), pane.presentation, reader->done()};
  if (auto still = stills.find(key)) return still;
  const Palette& colors = palette_of(view.theme);
  auto frame = std::make_shared<MachineFrame>();
  frame->layout = layout_for(from, key);
  frame->presentation = pane.presentation;
  const Trace* shown = shown_trace(from, view.compare);
  if (shown != nullptr) frame->shown = view.compare == Compare::Base ? from.run->base : from.run->edited;
  frame->timeline = Timeline(weights->config, shown != nullptr ? shown->length() : 0);

  auto scene = std::make_shared<render::Scene>();
  scene->theme = view.theme;
  scene->ground = colors.ground;
  scene->low = frame->layout->low;
  scene->high = frame->layout->high;
  constexpr float kTextPx = 100;
  std::set<std::string> listed;
  for (std::size_t i = 0; i < frame->layout->panels.size(); ++i) {
    const LayoutPanel& at = frame->layout->panels[i];
    render::Panel panel;
    panel.origin = at.origin;
    panel.across = at.across;
    panel.down = at.down;
    panel.grid_every = at.grid_every;
    panel.glow_color = colors.glow;
    style_frame(panel, at.info, colors);
    constexpr float kPlateFramePx = 2;
    if (at.info.mapping == PanelInfo::Mapping::Causal) panel.frame = head_color(at.info.head, view.theme), panel.frame_px = kPlateFramePx;
    const auto scores = attach_scores(panel, at.info, from, view);
    if (!scores) attach_values(panel, at.info, from, view);
    const std::string name = at.info.tensor.name();
    if (panel.source && listed.insert(name).second) {
      const bool weight = at.info.tensor.is_weight();
      const float maximum = weight   ? reader->summary(reader->index_of(name))->maximum
                            : scores ? *scores
                                     : shown_largest(from, view, at.info.tensor.hook);
      frame->scene.scales.push_back(
          {at.info.tensor, panel.map,
           weight ? text(from.in_place ? from.in_place_name : phrase("weight")) : shown_unit(at.info.tensor.hook, view), panel.scale,
           maximum, weight && from.in_place != nullptr});
    }
    frame->panel_ops.push_back(at.info.tensor.is_weight() ? -1 : frame->timeline.op_of(at.info.tensor.hook));
    scene->panels.push_back(std::move(panel));
    frame->scene.panels.push_back(at.info);
  }
  frame->scene.blocks = frame->layout->blocks;
  frame->scene.boards = frame->layout->boards;
  if (const auto tokens = tokens_of(from, shown); !tokens.empty() && !frame->layout->alone) {
    const Layout& l = *frame->layout;
    // Below the last word stands the chosen one.
    const float listed =
        l.token_step * static_cast<float>(static_cast<int>(tokens.size()) - l.first_token) + std::max(l.token_step, 0.5F * l.text_scale);
    frame->scene.tokens = {{l.blocks.front().low.x, l.tokens.y, 0}, {l.tokens.x, l.tokens.y + listed, 0}};
  }
  frame->scene.home = {frame->layout->low, frame->layout->high};
  if (frame->layout->alone) frame->scene.home_from = ViewScene::Direction{};  // it faces the viewer
  frame->scene.scene = std::move(scene);
  add_ribbons(*frame, view);
  add_tags(*frame, from, view);
  add_tokens(*frame, from, view);
  // The list is as wide as its words.
  auto& listed_box = frame->scene.tokens;
  const auto& labels = frame->scene.scene->labels;
  std::vector<std::size_t> words = frame->scene.token_names;
  if (const auto& note = frame->scene.token_note) words.push_back(note->label);
  for (std::size_t i = 0; shown != nullptr && i < words.size(); ++i) {
    const render::Label& word = labels[words[i]];
    const float left = word.anchor.x - render::text_width(word.text, kTextPx, word.bold) / kTextPx * word.height;
    listed_box.low.x = i == 0 ? left : std::min(listed_box.low.x, left);
  }
  add_row_names(*frame, view);
  add_edit_marks(*frame, from, view);

  frame->key = std::move(key);
  return stills.keep(std::move(frame));
}

SceneBuilder::SceneBuilder() : state_(std::make_unique<BuilderState>()) {}
SceneBuilder::~SceneBuilder() = default;

ViewScene SceneBuilder::build(const SceneInput& input, const ViewState& view, const Pane& pane) {
  EXPECTS(input.model && input.model->weights, "a scene shows a model");
  BuilderState& s = *state_;
  const auto& shown_weights = input.in_place ? input.in_place : input.model->weights;
  if (s.weights != input.model->weights || s.shown_weights != shown_weights) {
    // Another state of the same model: it is read before it is shown, so that the scene does not blink.
    const bool renewed = s.reader && s.weights->config == input.model->weights->config && s.weights->path == input.model->weights->path;
    s.reader = renewed ? std::make_unique<WeightReader>(shown_weights) : nullptr;
    if (renewed) s.reader->wait();
    s.sources.clear();
    s.folded.clear();
    s.weight_sources.clear();
    s.layout.reset();
    s.stills.clear();
    s.streams.clear();
    s.cube.reset();
    s.weights = input.model->weights;
    s.shown_weights = shown_weights;
  }
  if (const std::size_t now = translations_set(); s.translations != now) {  // their labels are in another language
    s.layout.reset();
    s.stills.clear();
    s.streams.clear();
    s.cube.reset();
    s.translations = now;
  }
  s.shown_view = view.view;
  return info_of(view.view).build(s, input, view, pane);
}

bool SceneBuilder::settled() const { return info_of(state_->shown_view).settled(*state_); }

SceneBuilder& SceneBuilder::beside() {
  if (!beside_) beside_ = std::make_unique<SceneBuilder>();
  return *beside_;
}

ViewScene build_machine(BuilderState& state, const SceneInput& input, const ViewState& view, const Pane& pane) {
  if (!state.reader) state.reader = std::make_unique<WeightReader>(state.shown_weights);
  if (auto cube = build_cube(state, input, view, pane)) return *std::move(cube);
  const auto still = state.machine_for(input, view, pane);
  ViewScene out = still->scene;
  out.scene = std::make_shared<render::Scene>(*still->scene.scene);
  apply_time(out, *still, input, view);
  const ModelConfig& config = input.model->weights->config;
  const auto show = show_of(input, view, still->timeline);
  if (show && (!still->layout->alone || still->layout->panel_of(show->hook) >= 0)) {
    const Op& op = still->timeline.ops()[static_cast<std::size_t>(show_moment(still->timeline, view.time)->op)];
    out.focus = draw_show(*show, out, board_of(still->layout->boards, op, config), config, pane.presentation);
  }
  return out;
}

bool machine_settled(const BuilderState& state) {
  const MachineFrame* newest = state.stills.newest();
  return !state.reader || (newest != nullptr && newest->key.tensors_read == state.reader->table().size());
}

}  // namespace gf::scene
