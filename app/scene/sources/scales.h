// Colour scales of activations, fixed for a prompt.
#pragma once

#include <map>
#include <memory>
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
