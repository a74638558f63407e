// What the sampler kept and cut at each generated token of a run, and what it would do next.
#pragma once

#include <vector>

#include "app/document/background/studies.h"

namespace gf::doc {

/// One step for each token after the prompt, and one for the token that would come next. The sampler decides again on the same
/// logits: its noise depends on seed, position and token alone, so it decides as it did.
struct DecodingSteps {
  SamplerOptions sampler;
  std::vector<DecodingStep> steps;  ///< steps[i].position is that of the token which the step chose
  int n_prompt = 0;
};
/// Of the run's edited side. Precondition: the sampler has no beams, whose steps depend on each other.
[[nodiscard]] Inquiry<DecodingSteps> decoding_steps(const SamplerOptions& sampler);

}  // namespace gf::doc
