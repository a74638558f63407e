// clamp: sets the coefficient along a direction; the part that is orthogonal to it stays.
#include <cmath>

#include "model/base/text.h"
#include "model/edits/ops/operation.h"

namespace gf::ops {

namespace {

std::string clamp_check(const Edit& edit, HookKind kind) {
  if (info_of(kind).shape != RowShape::Causal) return {};
  return text("'clamp' is not possible at {0}: its rows differ in length, so no direction fits them", edit.hook);
}

/// The vector, scaled to unit length.
Result<void> clamp_bind(const EditBinding& binding, BoundEdit& bound) {
  GF_TRY(bind_vector(binding, bound));
  double squares = 0;
  for (const float v : binding.edit.vector->values) squares += static_cast<double>(v) * static_cast<double>(v);
  if (squares == 0) return binding.wrong(text("the vector of 'clamp' is 0, which is not a direction"));
  for (float& v : bound.values) v = static_cast<float>(static_cast<double>(v) / std::sqrt(squares));
  return {};
}

void clamp_apply(const Edit& edit, std::span<const float> other, std::span<float> x) {
  double along = 0;
  for (std::size_t i = 0; i < x.size(); ++i) along += static_cast<double>(x[i]) * static_cast<double>(other[i]);
  const double more = static_cast<double>(*edit.value) - along;
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(static_cast<double>(x[i]) + more * static_cast<double>(other[i]));
}

std::string clamp_words(const Edit& edit) { return text("clamped to {0} along a vector", number_words(edit.value.value_or(0.0F))); }
std::string clamp_tag(const Edit& /*edit*/) { return text("clamp"); }
std::string clamp_sentence(const Edit& edit, const std::string& place) {
  return text("clamp to {0} along a vector at {1}", exact_number_words(edit.value.value_or(0.0F)), place);
}

}  // namespace

constexpr EditOperation clamp{.op = EditOp::Clamp,
                              .name = "clamp",
                              .title = phrase("Clamp along a direction"),
                              .takes = EditKey::Vector | EditKey::Value,
                              .needs = EditKey::Vector | EditKey::Value,
                              .check = clamp_check,
                              .bind = clamp_bind,
                              .apply = clamp_apply,
                              .device = ElementEdit::Kind::Along,
                              .words = clamp_words,
                              .tag = clamp_tag,
                              .sentence = clamp_sentence};

}  // namespace gf::ops
