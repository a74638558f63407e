// Decoding strategies. The noise is a pure function of (seed, position, token id), so that runs can share it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/base/ids.h"

namespace gf {

struct SamplerOptions {
  bool greedy = true;
  float temperature = 1.0F;  ///< > 0
  int top_k = 0;             ///< 0: all
  float top_p = 1.0F;        ///< (0, 1]
  std::uint64_t seed = 0;
  std::vector<TokenId> ban;
  friend bool operator==(const SamplerOptions&, const SamplerOptions&) = default;
};

/// argmax(logit / temperature + Gumbel(seed, position, id)) over the kept set; the plain argmax when greedy
/// (ties to the lower id). `n_text`: ids from here on have no text and are never chosen.
/// Source of the noise: Philox 4x32-10 (Salmon et al. 2011).
[[nodiscard]] TokenId choose(std::span<const float> logits, int position, const SamplerOptions& options, int n_text);

}  // namespace gf
