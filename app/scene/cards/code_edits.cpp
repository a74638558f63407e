#include "app/scene/cards/code_edits.h"

#include "model/base/numbers.h"
#include "model/edits/axes.h"

namespace gf::scene::explaining {
namespace {

/// "range(3, 9)", "[0, 5]"
std::string index_list(const std::vector<int>& indices) {
  const int first = indices.front(), end = indices.back() + 1;
  if (indices.size() > 2 && end - first == static_cast<int>(indices.size()))
    return "range(" + (first == 0 ? "" : std::to_string(first) + ", ") + std::to_string(end) + ")";
  std::string list;
  for (const int i : indices) list += (list.empty() ? "" : ", ") + std::to_string(i);
  return "[" + list + "]";
}

/// The indices that an edit takes of an axis. nullopt: which keys depends on the query.
std::optional<std::vector<int>> indices_on(const Edit& edit, Axis axis, RowShape shape, const Pass& pass, int positions) {
  const std::optional<Selector>& selector = selector_of(edit, axis);
  const int n_prompt = pass.trace->n_prompt();
  const bool fixed = axis == Axis::Heads || axis == Axis::Dims || axis == Axis::Neurons;
  if (axis == Axis::Keys && selector && positions > n_prompt) return std::nullopt;
  std::vector<int> indices;
  const int extent = fixed ? extent_of(axis, shape, pass.config) : positions;
  for (int i = 0; i < extent; ++i) {
    const int length = fixed ? extent : step_length(axis == Axis::Keys ? 0 : i, n_prompt);
    if (selects(selector, i, length, n_prompt)) indices.push_back(i);
  }
  return indices;
}

/// "cells(range(14), [0, 5], range(16))"; empty: none. nullopt: cannot be said so.
std::optional<std::string> cells_code(const Edit& edit, HookId hook, const Pass& pass, int positions) {
  const RowShape shape = info_of(hook.kind).shape;
  std::string axes;
  for (const Axis axis : axes_of(shape)) {
    const auto indices = indices_on(edit, axis, shape, pass, positions);
    if (!indices) return std::nullopt;
    if (indices->empty()) return "";
    axes += (axes.empty() ? "" : ", ") + index_list(*indices);
  }
  return "cells(" + axes + ")";
}

/// What is done to the cells: "= 0", "*= 0.5"; empty: a line cannot say it.
std::string done_by(const Edit& edit) {
  if (edit.renormalize) return {};
  switch (edit.op) {
    case EditOp::Zero: return "= 0";
    case EditOp::Scale: return "*= " + numbers::exact(edit.factor.value_or(1.0F));
    case EditOp::Set:
      if (!edit.value) return {};
      return std::isinf(*edit.value) ? "= -torch.inf" : "= " + numbers::exact(*edit.value);
    default: return {};
  }
}

/// Whether a hook is computed no later than another.
bool comes_by(HookId hook, HookId to, const ModelConfig& config) {
  const int block = block_of(hook, config.n_layer), last = block_of(to, config.n_layer);
  if (info_of(hook.kind).stage != info_of(to.kind).stage) return info_of(hook.kind).stage < info_of(to.kind).stage;
  return block != last ? block < last : hook.kind <= to.kind;
}

}  // namespace

CodeEdits code_edits(const Pass& pass, HookId to, int positions) {
  CodeEdits all;
  if (pass.recipe == nullptr) return all;
  for (const Edit& edit : pass.recipe->edits) {
    if (!edit.enabled) continue;
    for (const HookId hook : hooks_named(edit.hook, pass.config.n_layer)) {
      if (!comes_by(hook, to, pass.config)) continue;
      const auto cells = cells_code(edit, hook, pass, positions);
      const std::string done = done_by(edit);
      if (cells && cells->empty()) continue;
      if (is_split_input(hook.kind) && hook != to) return {{}, summary(edit)};  // the lines read the stream itself
      if (!cells || done.empty()) return {{}, summary(edit)};
      all.lines.push_back({hook, python_name(hook.kind) + "[" + *cells + "] " + done});
      // A row whose keys are all cut has the pattern 0, where a softmax alone has no answer.
      const HookId pattern{HookKind::Pattern, hook.layer};
      if (hook.kind == HookKind::AttnScores && edit.value && std::isinf(*edit.value) && comes_by(pattern, to, pass.config))
        all.lines.insert(all.lines.begin(), {pattern, "pattern = pattern.nan_to_num(0)"});
    }
  }
  return all;
}

}  // namespace gf::scene::explaining
