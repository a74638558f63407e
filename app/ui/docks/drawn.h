// The probabilities with which a sampler draws tokens.
#pragma once

#include <optional>
#include <vector>

#include "model/sampling/sampler.h"
#include "model/session.h"

namespace gf::ui {

/// The probabilities of the token after `position`, as drawing() has them. Forced tokens and the blocking of repeated n-grams are
/// left out, because they depend on what was generated before.
class Drawn {
 public:
  /// nullopt where the sampler does not draw (greedy, beams) or the trace does not hold the logits of that position.
  [[nodiscard]] static std::optional<Drawn> of(const Model& model, const Trace& trace, int position, const SamplerOptions& sampler);
  [[nodiscard]] double probability(TokenId id) const { return id.v < 0 || id.index() >= shares_.size() ? 0 : shares_[id.index()]; }

 private:
  std::vector<double> shares_;  ///< by id
};

}  // namespace gf::ui
