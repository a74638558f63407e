// The activation of a feature becomes a value: x + (value - f(x)) d. What the dictionary does not explain stays.
#include "model/base/text.h"
#include "model/edits/ops/operation.h"

namespace gf::ops {

namespace {

std::string clamp_feature_words(const Edit& edit) {
  return text("{0} at {1}", vector_words(edit.vector), number_words(edit.value.value_or(0.0F)));
}
std::string clamp_feature_tag(const Edit& edit) { return feature_tag(edit.vector) + " = " + number_words(edit.value.value_or(0.0F)); }
std::string clamp_feature_sentence(const Edit& edit, const std::string& place) {
  return text("clamp {0} to {1} at {2}", vector_words(edit.vector), exact_number_words(edit.value.value_or(0.0F)), place);
}

}  // namespace

constexpr EditOperation clamp_feature{.op = EditOp::ClampFeature,
                                      .name = "clamp",
                                      .title = phrase("Clamp a feature"),
                                      .takes = EditKey::Dictionary | EditKey::Value,
                                      .needs = EditKey::Dictionary | EditKey::Value,
                                      .check = check_direction,
                                      .bind = bind_feature,
                                      .apply = feature_apply,
                                      .slope = feature_slope,
                                      .words = clamp_feature_words,
                                      .tag = clamp_feature_tag,
                                      .sentence = clamp_feature_sentence};

}  // namespace gf::ops
