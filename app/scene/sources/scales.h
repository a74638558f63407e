// Colour scales of activations, fixed for a prompt.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "model/trace.h"
#include "model/weights.h"

namespace gf::scene {

/// 0 for an empty row.
[[nodiscard]] double mean_of(std::span<const float> row);

/// The value that saturates: the median over the prompt's rows of each row's 99.5th percentile of |value| (the upper of two
/// middles); 1 for probabilities; for logits, of their difference from the row's mean. Scores: -inf (cut by an edit) is left out.
[[nodiscard]] float scale_of(const Trace& base, HookId hook);
/// What saturates in one row: the 99.5th percentile of |value| over its finite values; nullopt: it has none.
[[nodiscard]] std::optional<float> saturation_of_row(std::span<const float> row);
/// The scale of rows that saturate so: the upper of their two middles, 1 where there is none or it is 0.
[[nodiscard]] float scale_of_rows(std::vector<float> saturations);

/// The value that saturates in a difference of two runs, edited - base: the median over the rows that differ of each row's 99.5th
/// percentile of |difference|; of patterns, which have one scale, the largest of all blocks. At least a thousandth of `usual`, the scale of
/// the values themselves, so that rounding errors stay invisible; `usual` if nothing differs.
[[nodiscard]] float scale_of_difference(const Trace& base, const Trace& edited, HookId hook, float usual);

/// Keeps the scales until the model or the prompt changes; generated rows use those of the prompt.
class ScaleBook {
 public:
  [[nodiscard]] float of(const std::shared_ptr<const Weights>& weights, const Trace& base, HookId hook);

 private:
  std::shared_ptr<const Weights> weights_;
  std::vector<TokenId> prompt_;
  std::map<HookId, float> scales_;
};

/// How much an edit has changed `hook`: mean |edited - base| over all rows, as a share of its scale. 0 where both traces
/// share the chunks.
[[nodiscard]] float change_of(const Trace& base, const Trace& edited, HookId hook, float scale);

}  // namespace gf::scene
