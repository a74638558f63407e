// What a sampler would draw, as probabilities.
#pragma once

#include <optional>

#include "model/sampling/sampler.h"
#include "model/session.h"

namespace gf::ui {

/// Of the token after `position`: the probabilities that temperature, top k and top p leave. Forced tokens and n-gram
/// blocking, which depend on where generation stands, are left out.
class Drawn {
 public:
  /// nullopt where chance plays no part or the trace does not hold that position's logits.
  [[nodiscard]] static std::optional<Drawn> of(const Model& model, const Trace& trace, int position, const SamplerOptions& sampler);
  [[nodiscard]] double probability(TokenId id) const;

 private:
  std::span<const float> logits_;
  SamplerOptions sampler_;
  int n_text_ = 0, n_kept_ = 0;
  double top_logit_ = 0, top_probability_ = 0;  ///< of a token that is kept
};

}  // namespace gf::ui
