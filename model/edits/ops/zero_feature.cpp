// The activation of a feature becomes 0: x - f(x) d. What the dictionary does not explain stays.
#include "model/base/text.h"
#include "model/edits/ops/operation.h"

namespace gf::ops {

namespace {

std::string zero_feature_words(const Edit& edit) { return text("{0} cut", vector_words(edit.vector)); }
std::string zero_feature_tag(const Edit& edit) { return text("cut {0}", feature_tag(edit.vector)); }
std::string zero_feature_sentence(const Edit& edit, const std::string& place) {
  return text("cut {0} at {1}", vector_words(edit.vector), place);
}

}  // namespace

constexpr EditOperation zero_feature{.op = EditOp::ZeroFeature,
                                     .name = "zero",
                                     .title = phrase("Cut a feature"),
                                     .takes = EditKey::Dictionary,
                                     .needs = EditKey::Dictionary,
                                     .check = check_direction,
                                     .bind = bind_feature,
                                     .apply = feature_apply,
                                     .slope = feature_slope,
                                     .words = zero_feature_words,
                                     .tag = zero_feature_tag,
                                     .sentence = zero_feature_sentence};

}  // namespace gf::ops
