// clamp: sets the coefficient along a direction; the part that is orthogonal to it stays.
#include "model/base/text.h"
#include "model/edits/ops/operation.h"

namespace gf::ops {

namespace {

void clamp_apply(const Edit& edit, std::span<const float> given, std::span<float> x) {
  set_along(given, static_cast<double>(*edit.value), x);
}

std::string clamp_words(const Edit& edit) {
  return text("clamped to {0} along {1}", number_words(edit.value.value_or(0.0F)), vector_words(edit.vector));
}
std::string clamp_tag(const Edit& /*edit*/) { return text("clamp"); }
std::string clamp_sentence(const Edit& edit, const std::string& place) {
  return text("clamp to {0} along {1} at {2}", exact_number_words(edit.value.value_or(0.0F)), vector_words(edit.vector), place);
}

}  // namespace

constexpr EditOperation clamp{.op = EditOp::Clamp,
                              .name = "clamp",
                              .title = phrase("Clamp along a direction"),
                              .takes = EditKey::Vector | EditKey::Value,
                              .needs = EditKey::Vector | EditKey::Value,
                              .on_feature = EditOp::ClampFeature,
                              .check = check_direction,
                              .bind = bind_direction,
                              .apply = clamp_apply,
                              .slope = slope_of_set_along,
                              .device = ElementEdit::Kind::Along,
                              .words = clamp_words,
                              .tag = clamp_tag,
                              .sentence = clamp_sentence};

}  // namespace gf::ops
