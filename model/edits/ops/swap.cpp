// swap: what the unedited run has along one direction goes to another one.
#include "model/base/text.h"
#include "model/edits/ops/operation.h"
#include "model/trace.h"

namespace gf::ops {

namespace {

std::optional<HookKind> swap_base_kind(const Edit& /*edit*/, HookKind own) { return own; }

/// `values`: the direction that is left for all elements, then the one that is taken.
std::span<const float> swap_from(const BoundEdit& bound) { return std::span(bound.values).first(bound.elements.size()); }
std::span<const float> swap_to(const BoundEdit& bound) { return std::span(bound.values).last(bound.elements.size()); }

/// The unedited run's coefficients, so that a swap at several layers does not undo itself.
void swap_follow(const Trace& base, int first, BoundEdit& bound) {
  EXPECTS(base.has(bound.hook), "the unedited run has the hook that is edited");
  const std::size_t groups = bound.elements.size() / bound.group;
  bound.row_factors.resize(static_cast<std::size_t>(base.length()) * groups);
  const auto from = swap_from(bound);
  for (int p = first; p < base.length(); ++p) {
    const auto row = base.row(bound.hook, p);
    for (std::size_t g = 0; g < groups; ++g) {
      double along = 0;
      for (std::size_t i = g * bound.group; i < (g + 1) * bound.group; ++i)
        along += static_cast<double>(row[bound.elements[i]]) * static_cast<double>(from[i]);
      bound.row_factors[static_cast<std::size_t>(p) * groups + g] = along;
    }
  }
}

Result<void> swap_bind(const EditBinding& binding, BoundEdit& bound) {
  GF_TRY_ASSIGN(bound.values, numbers_of(binding, *binding.edit.from, true, bound));
  GF_TRY_ASSIGN(const auto to, numbers_of(binding, *binding.edit.to, true, bound));
  bound.values.insert(bound.values.end(), to.begin(), to.end());
  bound.waits = bound.waits || binding.context.base == nullptr;
  if (!bound.waits) swap_follow(*binding.context.base, 0, bound);
  return {};
}

void swap_row_values(const BoundEdit& bound, int position, int /*head*/, std::span<float> values) {
  const std::size_t groups = bound.elements.size() / bound.group, row = static_cast<std::size_t>(position) * groups;
  EXPECTS(row + groups <= bound.row_factors.size(), "the unedited run is known as far as the edited one");
  const auto from = swap_from(bound), to = swap_to(bound);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(bound.row_factors[row + i / bound.group] * (static_cast<double>(to[i]) - static_cast<double>(from[i])));
}

std::string swap_words(const Edit& edit) { return text("{0} becomes {1}", vector_words(edit.from), vector_words(edit.to)); }
std::string swap_tag(const Edit& /*edit*/) { return text("swap"); }
std::string swap_sentence(const Edit& edit, const std::string& place) {
  return text("swap {0} for {1} at {2}", vector_words(edit.from), vector_words(edit.to), place);
}

}  // namespace

constexpr EditOperation swap{.op = EditOp::Swap,
                             .name = "swap",
                             .title = phrase("Swap a direction for another"),
                             .takes = EditKey::From | EditKey::To,
                             .needs = EditKey::From | EditKey::To,
                             .check = check_direction,
                             .base_kind = swap_base_kind,
                             .bind = swap_bind,
                             .follow = swap_follow,
                             .row_values = swap_row_values,
                             .apply = add_given,
                             .slope = slope_of_shift,
                             .device = ElementEdit::Kind::Add,
                             .words = swap_words,
                             .tag = swap_tag,
                             .sentence = swap_sentence};

}  // namespace gf::ops
