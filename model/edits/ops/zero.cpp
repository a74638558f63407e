// zero: sets the values to 0.
#include <algorithm>

#include "model/base/text.h"
#include "model/edits/ops/operation.h"

namespace gf::ops {

namespace {
void zero_apply(const Edit& /*edit*/, std::span<const float> /*given*/, std::span<float> x) { std::ranges::fill(x, 0.0F); }
bool zero_leaves_nothing(const Edit& /*edit*/) { return true; }
std::string zero_words(const Edit& /*edit*/) { return text("cut"); }
std::string zero_sentence(const Edit& /*edit*/, const std::string& place) { return text("zero {0}", place); }
}  // namespace

constexpr EditOperation zero{.op = EditOp::Zero,
                             .name = "zero",
                             .title = phrase("Cut"),
                             .takes = {},
                             .needs = {},
                             .on_feature = EditOp::ZeroFeature,
                             .apply = zero_apply,
                             .slope = slope_of_constant,
                             .device = ElementEdit::Kind::Assign,
                             .leaves_nothing = zero_leaves_nothing,
                             .words = zero_words,
                             .tag = zero_words,
                             .sentence = zero_sentence};

}  // namespace gf::ops
