// round: what a quantised activation would be. Source: Dettmers et al. 2022, LLM.int8(), absmax by row.
#include <algorithm>
#include <cmath>

#include "model/base/text.h"
#include "model/edits/ops/operation.h"

namespace gf::ops {

namespace {

constexpr int kUsualBits = 8;

bool round_keeps(const Edit& edit, float v) { return !std::isfinite(v) || (edit.outliers && std::abs(v) > *edit.outliers); }

/// Steps of the largest magnitude / levels, ties to even. Outliers and numbers that are not finite stay and are not
/// measured. In float32 throughout, as PyTorch does it, so that every backend rounds to the same steps.
void round_apply(const Edit& edit, std::span<const float> /*given*/, std::span<float> x) {
  const auto kept = [&](float v) { return round_keeps(edit, v); };
  float most = 0;
  for (const float v : x)
    if (!kept(v)) most = std::max(most, std::abs(v));
  const float step = most / static_cast<float>(levels_of(edit));
  if (step == 0) return;
  for (float& v : x)
    if (!kept(v)) v = std::nearbyint(v / step) * step;
}

/// A number of steps has no slope, but the steps grow with the largest magnitude: what is rounded depends on that one alone.
void round_slope(const Edit& edit, std::span<const float> /*given*/, std::span<const float> x, std::span<float> slope) {
  std::size_t largest = x.size();
  for (std::size_t i = 0; i < x.size(); ++i)
    if (!round_keeps(edit, x[i]) && (largest == x.size() || std::abs(x[i]) > std::abs(x[largest]))) largest = i;
  if (largest == x.size() || x[largest] == 0) return;
  const auto levels = static_cast<float>(levels_of(edit));
  const float step = std::abs(x[largest]) / levels;
  double of_largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (round_keeps(edit, x[i])) continue;
    of_largest += static_cast<double>(slope[i]) * static_cast<double>(std::nearbyint(x[i] / step));
    slope[i] = 0;
  }
  slope[largest] = static_cast<float>(of_largest / static_cast<double>(levels) * (x[largest] < 0 ? -1 : 1));
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
                              .slope = round_slope,
                              .device = ElementEdit::Kind::Round,
                              .words = round_words,
                              .tag = round_tag,
                              .sentence = round_sentence};

}  // namespace gf::ops
