#include "app/scene/operations/show.h"

#include <algorithm>
#include <cmath>

#include "app/scene/builder_state.h"
#include "app/scene/operations/show_parts.h"

namespace gf::scene {
namespace {

using showing::Work;

/// How each operation of a pass is seen. The choice of the next token is no hook's: show_of() knows it.
struct ShowRow {
  Operation operation;
  std::optional<Show> (*show)(const Work& work);
};
constexpr ShowRow kShows[] = {
    {Operation::Embed, showing::show_embedding}, {Operation::LayerNorm, showing::show_layer_norm},
    {Operation::Qkv, showing::show_product},     {Operation::Scores, showing::show_scores},
    {Operation::Softmax, showing::show_softmax}, {Operation::Values, showing::show_values},
    {Operation::Out, showing::show_product},     {Operation::Residual, showing::show_sum},
    {Operation::MlpIn, showing::show_product},   {Operation::Activate, showing::show_activation},
    {Operation::MlpOut, showing::show_product},  {Operation::LnFinal, showing::show_layer_norm},
    {Operation::Unembed, showing::show_logits},
};

/// The head that looks most decidedly at a token between the first, where heads look that find nothing, and the query.
int sharpest_head(const Trace& trace, int layer, int query) {
  const HookId pattern{HookKind::Pattern, layer};
  int best = 0;
  float most = -1;
  if (!trace.has(pattern)) return best;
  for (int h = 0; h < trace.config().n_head; ++h) {
    const auto row = trace.causal_row(pattern, h, query);
    for (int k = 1; k < query; ++k)
      if (row[static_cast<std::size_t>(k)] > most) most = row[static_cast<std::size_t>(k)], best = h;
  }
  return best;
}

/// The head of a block that is shown alone, selected or highlighted; nullopt: none is spoken of.
std::optional<int> head_spoken_of(const ViewState& view, const ModelConfig& config, int layer) {
  const auto known = [&](std::optional<int> h) { return h && *h >= 0 && *h < config.n_head; };
  if (view.one_head && view.one_head->layer == layer && known(view.one_head->head)) return view.one_head->head;
  const auto in_block = [&](const CellRef& cell) -> std::optional<int> {
    const auto h = head_in(cell);
    return known(h) && cell.tensor.hook.layer == layer ? h : std::nullopt;
  };
  if (view.selection)
    if (const auto h = in_block(*view.selection)) return h;
  for (const CellRef& cell : view.highlights)
    if (const auto h = in_block(cell)) return h;
  return std::nullopt;
}

/// The head whose numbers are written out: the one that is spoken of, else that of a selection in another block, else the sharpest.
int head_of_show(const ViewState& view, const Trace& trace, int layer, int query) {
  const ModelConfig& config = trace.config();
  if (const auto h = head_spoken_of(view, config, layer)) return *h;
  if (view.selection)
    if (const auto h = head_in(*view.selection); h && *h >= 0 && *h < config.n_head) return *h;
  return layer < 0 ? 0 : sharpest_head(trace, layer, query);
}

/// The selected neuron of a block; -1: none is.
int neuron_spoken_of(const ViewState& view, const ModelConfig& config, int layer) {
  if (!view.selection || view.selection->tensor.is_weight()) return -1;
  const auto& [tensor, i] = *view.selection;
  const bool is_neuron = info_of(tensor.hook.kind).shape == RowShape::DMlp && tensor.hook.layer == layer;
  return is_neuron && i[1] >= 0 && i[1] < config.d_mlp ? i[1] : -1;
}

/// The flat index of the selected cell in the row that is made; -1: it is not in this row.
int chosen_in_row(const ViewState& view, HookId hook, int position, const ModelConfig& c) {
  if (!view.selection || view.selection->tensor.is_weight()) return -1;
  const auto& [tensor, i] = *view.selection;
  const HookKind kind = tensor.hook.kind;
  // A score and its share of the pattern are the same cell of two plates, and a neuron is the same before its activation and after it.
  const auto twins = [&](HookKind one, HookKind other) {
    return (kind == one || kind == other) && (hook.kind == one || hook.kind == other) && tensor.hook.layer == hook.layer;
  };
  if (tensor.hook != hook && !twins(HookKind::AttnScores, HookKind::Pattern) && !twins(HookKind::MlpPre, HookKind::MlpPost)) return -1;
  switch (info_of(hook.kind).shape) {
    case RowShape::Causal: return i[1] == position && i[2] >= 0 && i[2] <= position ? i[0] * (position + 1) + i[2] : -1;
    case RowShape::Heads: return i[0] == position && i[2] >= 0 ? i[1] * c.d_head + i[2] : -1;
    default: return i[0] == position ? i[1] : -1;
  }
}

bool tells_prediction(const ViewState& view, const Op& op, int position, int T) {
  return view.hide_prediction && position == T - 1 && (op.choose || op.hook.kind == HookKind::Logits);
}

}  // namespace

std::optional<ShowMoment> show_moment(const Timeline& timeline, double time) {
  const double end = timeline.end();
  if (!(time > 0) || !(time < end)) return std::nullopt;
  const auto n = static_cast<long long>(timeline.ops().size());
  const double whole = std::floor(time);
  const bool ended = time == whole;  // the one before has just ended
  const auto index = static_cast<long long>(whole) - (ended ? 1 : 0);
  return ShowMoment{static_cast<int>(index / n), static_cast<int>(index % n), ended ? 1.0 : time - whole};
}

std::optional<Show> show_of(const SceneInput& input, const ViewState& view, const Timeline& timeline) {
  const auto now = show_moment(timeline, view.time);
  if (!now || view.compare == Compare::Difference || view.view != View::Machine) return std::nullopt;
  const explaining::Pass pass = explaining::pass_of(input, view.compare);
  if (pass.trace == nullptr || now->position >= pass.trace->length()) return std::nullopt;
  const Op& op = timeline.ops()[static_cast<std::size_t>(now->op)];
  if (tells_prediction(view, op, now->position, pass.trace->length())) return std::nullopt;
  const ModelConfig& config = pass.config;
  Work work{pass, input, view, op.hook, now->position, now->progress, 0, chosen_in_row(view, op.hook, now->position, config)};
  work.head = head_of_show(view, *pass.trace, op.hook.layer, now->position);
  work.of_head = op.hook.layer >= 0 && head_spoken_of(view, config, op.hook.layer).has_value();
  work.neuron = neuron_spoken_of(view, config, op.hook.layer);
  if (op.choose) return showing::show_choice(work);
  const Operation operation = info_of(op.hook.kind).operation;
  const auto row = std::ranges::find(kShows, operation, &ShowRow::operation);
  EXPECTS(row != std::end(kShows), "each operation of a pass has its animation");
  auto show = row->show(work);
  if (show) showing::tell_edit(*show, work);
  return show;
}

}  // namespace gf::scene
