// round: what a quantised activation would be. Source: Dettmers et al. 2022, LLM.int8(), absmax by row.
#include <algorithm>
#include <cmath>

#include "model/base/text.h"
#include "model/edits/ops/operation.h"

namespace gf::ops {

namespace {

constexpr int kUsualBits = 8;

/// Steps of the largest magnitude / levels, ties to even. Outliers and numbers that are not finite stay and are not
/// measured. In float32 throughout, as PyTorch does it, so that every backend rounds to the same steps.
void round_apply(const Edit& edit, std::span<const float> /*given*/, std::span<float> x) {
  const auto kept = [&](float v) { return !std::isfinite(v) || (edit.outliers && std::abs(v) > *edit.outliers); };
  float most = 0;
  for (const float v : x)
    if (!kept(v)) most = std::max(most, std::abs(v));
  const float step = most / static_cast<float>(levels_of(edit));
  if (step == 0) return;
  for (float& v : x)
    if (!kept(v)) v = std::nearbyint(v / step) * step;
}

std::string round_words(const Edit& edit) { return counted(edit.bits.value_or(kUsualBits), "rounded to {0} bit", "rounded to {0} bits"); }
std::string round_tag(const Edit& edit) { return text("int{0}", edit.bits.value_or(kUsualBits)); }
std::string round_sentence(const Edit& edit, const std::string& place) {
  const int bits = edit.bits.value_or(kUsualBits);
  if (edit.outliers) return text("round to {0} bits, without numbers beyond {1}, {2}", bits, exact_number_words(*edit.outliers), place);
  return text("round to {0} bits {1}", bits, place);
}

}  // namespace

int levels_of(const Edit& edit) { return (1 << (edit.bits.value_or(kUsualBits) - 1)) - 1; }

constexpr EditOperation round{.op = EditOp::Round,
                              .name = "round",
                              .title = phrase("Round to few bits"),
                              .takes = EditKey::Bits | EditKey::Outliers,
                              .needs = {},
                              .apply = round_apply,
                              .device = ElementEdit::Kind::Round,
                              .words = round_words,
                              .tag = round_tag,
                              .sentence = round_sentence};

}  // namespace gf::ops
