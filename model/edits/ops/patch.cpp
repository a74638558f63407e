// patch: takes values of another run, from the same hook and positions or from others.
#include "model/base/text.h"
#include "model/edits/axes.h"
#include "model/edits/ops/operation.h"

namespace gf::ops {

namespace {

std::string patch_check(const Edit& edit, HookKind kind) {
  if (!edit.source) return text("'patch' needs 'source', an object with prompt or ids");
  const RowShape shape = info_of(kind).shape;
  if (!edit.source->hook.empty()) {
    const auto from = kind_named(edit.source->hook);
    if (from && info_of(*from).shape != shape)
      return text("the source's hook {0} has another shape than {1}", edit.source->hook, edit.hook);
  }
  if (edit.source->positions && shape == RowShape::Causal)
    return text("at {0} the same query and key are copied, so 'source' has no positions", edit.hook);
  return {};
}

/// Which row of the source goes to which position.
Result<void> patch_rows(const EditBinding& binding, int length, BoundEdit& bound) {
  const std::vector<int> to = binding.positions();
  const std::string has = text("the source has {0} tokens", length);
  const auto& wanted = binding.edit.source->positions;
  std::vector<int> from;
  if (wanted) {
    if (wanted->kind == Selector::Kind::List)
      for (const int i : wanted->list)
        if (i >= length || i < -length) return binding.wrong(text("index {0} of the source's 'positions' is out of reach; {1}", i, has));
    for (int p = 0; p < length; ++p)
      if (selects(wanted, p, length, length)) from.push_back(p);
    if (from.size() != 1 && from.size() != to.size())
      return binding.wrong(
          text("the source's 'positions' name {0} rows, but there are {1} to copy to; name one row or as many", from.size(), to.size()));
  } else if (to.back() >= length) {
    return binding.wrong(text("{0}, so it has no position {1} to copy; name 'positions' that both runs have", has, to.back()));
  }
  bound.source_rows.assign(static_cast<std::size_t>(binding.context.n_total), -1);
  for (std::size_t i = 0; i < to.size(); ++i)
    bound.source_rows[static_cast<std::size_t>(to[i])] = !wanted ? to[i] : from[from.size() == 1 ? 0 : i];
  return {};
}

Result<void> patch_bind(const EditBinding& binding, BoundEdit& bound) {
  const int n_layer = binding.context.config.n_layer, n_total = binding.context.n_total;
  const std::string& name = binding.edit.source->hook;
  const auto named = hooks_named(name, n_layer);
  if (!name.empty() && named.empty())
    return binding.wrong(text("there is no hook '{0}' in this model to take values from; its blocks are 0 to {1}", name, n_layer - 1));
  bound.source_hook = name.empty() ? bound.hook : names_every_block(name) ? HookId{named.front().kind, bound.hook.layer} : named.front();
  const auto length = static_cast<int>(binding.edit.source->ids.size());
  EXPECTS(length > 0, "the source's prompt was made into ids");
  if (bound.shape != RowShape::Causal) {
    GF_TRY(patch_rows(binding, length, bound));
  } else if (length != n_total) {
    return binding.wrong(
        text("at {0} the same query and key are copied, so the source must have as many tokens as this run, {1}, and it has {2}",
             binding.edit.hook, n_total, length));
  }
  bound.waits = binding.sources().empty();
  if (!bound.waits) bound.source = binding.sources().front();
  return {};
}

/// Where the values come from, if that is another place than where they go.
std::string origin_of(const Edit& edit) {
  if (!edit.source || (edit.source->hook.empty() && !edit.source->positions)) return {};
  Edit origin = edit;
  if (!edit.source->hook.empty()) origin.hook = edit.source->hook;
  if (edit.source->positions) origin.positions = edit.source->positions;
  return place_of(origin);
}

std::string patch_words(const Edit& edit) {
  if (!edit.source || !edit.source->prompt) return text("from another run");
  const std::string origin = origin_of(edit);
  return origin.empty() ? text("from “{0}”", *edit.source->prompt) : text("from {0} of “{1}”", origin, *edit.source->prompt);
}
std::string patch_tag(const Edit& /*edit*/) { return text("patch"); }
std::string patch_sentence(const Edit& edit, const std::string& place) {
  const std::string origin = origin_of(edit);
  if (edit.source && edit.source->prompt)
    return origin.empty() ? text("patch {0} from \"{1}\"", place, *edit.source->prompt)
                          : text("patch {0} from {1} of \"{2}\"", place, origin, *edit.source->prompt);
  const auto n = static_cast<long long>(edit.source ? edit.source->ids.size() : 0);
  return counted(n, "patch {1} from {0} id", "patch {1} from {0} ids", place);
}

}  // namespace

constexpr EditOperation patch{.op = EditOp::Patch,
                              .name = "patch",
                              .title = phrase("Patch from another run"),
                              .takes = EditKey::Source,
                              .needs = {},
                              .check = patch_check,
                              .bind = patch_bind,
                              .apply = take_given,
                              .slope = slope_of_constant,
                              .device = ElementEdit::Kind::Assign,
                              .words = patch_words,
                              .tag = patch_tag,
                              .sentence = patch_sentence};

}  // namespace gf::ops
