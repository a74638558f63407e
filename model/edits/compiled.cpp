// Checks each edit of a recipe against the model and the run, and binds it to its places.
#include "model/edits/compiled.h"

#include <algorithm>
#include <optional>

#include "model/base/text.h"
#include "model/edits/applied.h"
#include "model/edits/axes.h"
#include "model/edits/edit_error.h"
#include "model/edits/ops/operation.h"

namespace gf {

namespace {

/// Checks one edit against the run and finds its places.
class EditBinder {
 public:
  EditBinder(const Edit& edit, std::size_t number, HookId hook, const CompileContext& context)
      : edit_(edit), context_(context), binding_(edit, number, context) {
    bound_.edit = &edit;
    bound_.number = number;
    bound_.hook = hook;
    bound_.shape = info_of(hook.kind).shape;
  }

  Result<BoundEdit> bind() {
    for (const Axis axis : axes_of(bound_.shape)) GF_TRY(check_axis(axis));
    if (bound_.shape == RowShape::Causal) GF_TRY(check_causal());
    places();
    if (const auto bind = operation_of(edit_.op).bind; bind != nullptr) GF_TRY(bind(binding_, bound_));
    return std::move(bound_);
  }

 private:
  Result<void> check_axis(Axis axis) const {
    const auto& s = selector_of(edit_, axis);
    if (!s) return {};
    const std::string name = name_of(axis);
    const bool rows = axis == Axis::Positions || axis == Axis::Queries;
    const int length = rows || axis == Axis::Keys ? context_.n_total : extent_of(axis, bound_.shape, context_.config);
    if (s->kind == Selector::Kind::List) {
      // A negative row counts from the end of its own step: only the prompt's step holds more rows than the last.
      const int lowest = rows ? -std::max(context_.n_prompt, 1) : -length;
      for (const int i : s->list)
        if (i >= length || i < lowest)
          return binding_.wrong(text("index {0} of '{1}' is out of reach; {2} has {1} 0 to {3} (or {4} to -1 from the end) in this run", i,
                                     name, edit_.hook, length - 1, lowest));
    }
    for (int i = 0; i < length; ++i) {
      const int step = rows ? step_length(i, context_.n_prompt) : length;
      // A key is selected in the step of each query that sees it, and the steps differ in length.
      const int last = axis == Axis::Keys ? context_.n_total - 1 : i;
      for (int q = i; q <= last; ++q)
        if (selects(s, i, axis == Axis::Keys ? step_length(q, context_.n_prompt) : step, context_.n_prompt)) return {};
    }
    return binding_.wrong(text("'{0}' {1} selects nothing; there are {2} {0} in this run", name, text_of(*s), length));
  }

  Result<void> check_causal() const {
    for (int q = 0; q < context_.n_total; ++q) {
      const int step = step_length(q, context_.n_prompt);
      if (!selects(edit_.queries, q, step, context_.n_prompt)) continue;
      for (int k = 0; k <= q; ++k)
        if (selects(edit_.keys, k, step, context_.n_prompt)) return {};
    }
    return binding_.wrong(text("'queries' and 'keys' together select nothing; a key must not stand after its query"));
  }

  [[nodiscard]] std::vector<std::uint32_t> chosen(Axis axis) const {
    const int extent = extent_of(axis, bound_.shape, context_.config);
    std::vector<std::uint32_t> indices;
    for (int i = 0; i < extent; ++i)
      if (selects(selector_of(edit_, axis), i, extent, extent)) indices.push_back(static_cast<std::uint32_t>(i));
    return indices;
  }

  void places() {
    if (bound_.shape == RowShape::Causal) {
      bound_.heads.resize(static_cast<std::size_t>(context_.config.n_head));
      for (const auto h : chosen(Axis::Heads)) bound_.heads[h] = true;
      return;
    }
    const auto last_axis = chosen(axes_of(bound_.shape).back());
    bound_.group = last_axis.size();
    const bool by_head = bound_.shape == RowShape::Heads || bound_.shape == RowShape::HeadsDModel;
    const auto width = static_cast<std::uint32_t>(by_head ? extent_of(Axis::Dims, bound_.shape, context_.config) : 0);
    const std::vector<std::uint32_t> heads = by_head ? chosen(Axis::Heads) : std::vector<std::uint32_t>{0};
    for (const auto h : heads)
      for (const auto d : last_axis) bound_.elements.push_back(h * width + d);
    // The row of a feature goes over all heads.
    if (edit_.vector && edit_.vector->feature >= 0 && bound_.shape == RowShape::Heads) bound_.group = bound_.elements.size();
  }

  const Edit& edit_;
  const CompileContext& context_;
  EditBinding binding_;
  BoundEdit bound_;
};

/// A head's edited copy of the stream goes through a LayerNorm of its own, whose numbers the hooks of the one that all share
/// do not hold: in one block a recipe edits the one or the other.
Result<void> check_split_inputs(const std::vector<Edit>& all, int n_layer) {
  const auto edited_at = [&](HookId hook) {
    const auto found = std::ranges::find_if(all, [&](const Edit& e) { return e.enabled && names_hook(e.hook, hook); });
    return found == all.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - all.begin()));
  };
  for (int b = 0; b < n_layer; ++b)
    for (const HookKind norm : {HookKind::Ln1Scale, HookKind::Ln1Normalized})
      for (const HookKind copy : {HookKind::QInput, HookKind::KInput, HookKind::VInput})
        if (const auto at = edited_at({norm, b}); at && edited_at({copy, b}))
          return edit_error(*at + 1, text("{0} can't be edited together with {1}: each head then does its LayerNorm by itself",
                                          name_of({norm, b}), name_of({copy, b})));
  return {};
}

}  // namespace

void CompiledEdits::apply_slope(HookId /*hook*/, int /*position*/, std::span<const float> /*before*/, std::span<float> /*slope*/) {
  EXPECTS(false, "edits that have slopes");
}
std::optional<std::vector<ElementEdit>> CompiledEdits::elements_at(HookId /*hook*/, int /*first_position*/, int /*rows*/) {
  return std::nullopt;
}
void CompiledEdits::add_to_receipt(const ElementEdit& /*edit*/, double /*squares*/, bool /*changed*/, long long /*empty_rows*/,
                                   double /*attention*/) {}

std::optional<HookKind> source_kind(const Edit& edit) {
  if (edit.source && !edit.source->hook.empty()) return kind_named(edit.source->hook);
  if (edit.source || !edit.over.empty()) return kind_named(edit.hook);
  return std::nullopt;
}

std::vector<HookId> base_hooks(const Recipe& recipe, const ModelConfig& config) {
  std::vector<HookId> hooks;
  for (const Edit& e : recipe.edits) {
    const auto base_kind = operation_of(e.op).base_kind;
    if (!e.enabled || base_kind == nullptr) continue;
    for (const HookId hook : hooks_named(e.hook, config.n_layer))
      if (const auto kind = base_kind(e, hook.kind)) hooks.push_back({*kind, info_of(*kind).scope == HookScope::Block ? hook.layer : -1});
  }
  return hooks;
}

Result<std::unique_ptr<CompiledEdits>> compile(const Recipe& recipe, const CompileContext& context) {
  EXPECTS(context.n_prompt > 0 && context.n_total >= context.n_prompt, "a run has a prompt");
  auto edits = std::make_unique<AppliedEdits>(recipe, context.n_prompt, context.config.n_head, context.config.n_layer);
  const auto& all = edits->recipe().edits;
  const int n_layer = context.config.n_layer;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].enabled) continue;
    const auto hooks = hooks_named(all[i].hook, n_layer);
    if (hooks.empty())
      return edit_error(i + 1, text("there is no hook '{0}' in this model; its blocks are 0 to {1}", all[i].hook, n_layer - 1));
    // An edit that was not read from a recipe's text has not been checked yet.
    if (const std::string what = problem_of(all[i]); !what.empty()) return edit_error(i + 1, what);
    for (const HookId hook : hooks) {
      GF_TRY_ASSIGN(auto bound, EditBinder(all[i], i, hook, context).bind());
      if (!bound.waits) edits->push(std::move(bound));
    }
  }
  GF_TRY(check_split_inputs(all, n_layer));
  return edits;
}

}  // namespace gf
