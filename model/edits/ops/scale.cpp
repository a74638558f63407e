// scale: multiplies by a factor.
#include "model/base/text.h"
#include "model/edits/ops/operation.h"

namespace gf::ops {

namespace {
void scale_apply(const Edit& edit, std::span<const float> /*given*/, std::span<float> x) {
  for (float& v : x) v = v * *edit.factor;
}
void scale_slope(const Edit& edit, std::span<const float> /*given*/, std::span<const float> /*x*/, std::span<float> slope) {
  for (float& s : slope) s = s * *edit.factor;
}
bool scale_leaves_nothing(const Edit& edit) { return edit.factor == 0.0F; }
std::string scale_words(const Edit& edit) { return text("× {0}", number_words(edit.factor.value_or(1.0F))); }
std::string scale_tag(const Edit& edit) { return "×" + number_words(edit.factor.value_or(1.0F)); }
std::string scale_sentence(const Edit& edit, const std::string& place) {
  return text("scale by {0} {1}", exact_number_words(edit.factor.value_or(1.0F)), place);
}
}  // namespace

constexpr EditOperation scale{.op = EditOp::Scale,
                              .name = "scale",
                              .title = phrase("Scale"),
                              .takes = EditKey::Factor,
                              .needs = EditKey::Factor,
                              .on_feature = EditOp::ScaleFeature,
                              .apply = scale_apply,
                              .slope = scale_slope,
                              .device = ElementEdit::Kind::Scale,
                              .leaves_nothing = scale_leaves_nothing,
                              .words = scale_words,
                              .tag = scale_tag,
                              .sentence = scale_sentence};

}  // namespace gf::ops
