// The probabilities with which a sampler draws tokens.
#pragma once

#include <optional>

#include "model/sampling/sampler.h"
#include "model/session.h"

namespace gf::ui {

/// The probabilities of the token after `position` under temperature, top k, top p and banned tokens. Forced tokens and the
/// blocking of repeated n-grams are left out, because they depend on what was generated before.
class Drawn {
 public:
  /// nullopt where the sampler does not draw (greedy, beams) or the trace does not hold the logits of that position.
  [[nodiscard]] static std::optional<Drawn> of(const Model& model, const Trace& trace, int position, const SamplerOptions& sampler);
  [[nodiscard]] double probability(TokenId id) const;

 private:
  std::span<const float> logits_;
  SamplerOptions sampler_;
  int n_text_ = 0, n_kept_ = 0;
  double top_logit_ = 0, top_probability_ = 0;  ///< those of the likeliest kept token
};

}  // namespace gf::ui
