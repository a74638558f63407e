// The activation of a feature times a factor: x + (factor - 1) f(x) d. What the dictionary does not explain stays.
#include "model/base/text.h"
#include "model/edits/ops/operation.h"

namespace gf::ops {

namespace {

std::string scale_feature_words(const Edit& edit) {
  return text("{0} × {1}", vector_words(edit.vector), number_words(edit.factor.value_or(1.0F)));
}
std::string scale_feature_tag(const Edit& edit) { return feature_tag(edit.vector) + " ×" + number_words(edit.factor.value_or(1.0F)); }
std::string scale_feature_sentence(const Edit& edit, const std::string& place) {
  return text("scale {0} by {1} at {2}", vector_words(edit.vector), exact_number_words(edit.factor.value_or(1.0F)), place);
}

}  // namespace

constexpr EditOperation scale_feature{.op = EditOp::ScaleFeature,
                                      .name = "scale",
                                      .title = phrase("Scale a feature"),
                                      .takes = EditKey::Dictionary | EditKey::Factor,
                                      .needs = EditKey::Dictionary | EditKey::Factor,
                                      .check = check_direction,
                                      .bind = bind_feature,
                                      .apply = feature_apply,
                                      .slope = feature_slope,
                                      .words = scale_feature_words,
                                      .tag = scale_feature_tag,
                                      .sentence = scale_feature_sentence};

}  // namespace gf::ops
