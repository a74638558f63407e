// Decoding strategies. The noise is a pure function of (seed, position, token id), so that runs can share it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/base/error.h"
#include "model/base/ids.h"
#include "model/sampling/decoding_log.h"

namespace gf {

/// What each step does, in this order: a forced token is taken as it is; else ids without text, `ban` and what would
/// repeat an n-gram are cut; then, where noise decides, top_k and top_p of what is left; then one is chosen. In a
/// beam search the first cuts act within each beam.
struct SamplerOptions {
  bool greedy = true;
  float temperature = 1.0F;  ///< > 0
  int top_k = 0;             ///< 0: all
  float top_p = 1.0F;        ///< (0, 1]
  std::uint64_t seed = 0;
  std::vector<TokenId> ban;
  std::vector<TokenId> force{};  ///< generation begins with these, whatever the model says
  int no_repeat_ngram = 0;       ///< no run of so many tokens stands twice, prompt included; 0: off
  int beams = 0;                 ///< beam search of this width; 0: none. Without noise: `greedy` stays true
  friend bool operator==(const SamplerOptions&, const SamplerOptions&) = default;
};

/// Errors: InvalidArgument, naming the option. `n_text`: ids from here on have no text and are never chosen.
[[nodiscard]] Result<void> check_sampler(const SamplerOptions& options, int n_vocab, int n_text);

/// One position to decide on.
struct DecodingPoint {
  std::span<const float> logits;
  std::span<const TokenId> before;  ///< all tokens so far; the new one's position is their number
  int n_generated = 0;              ///< how many of them were generated: where in `force` we are
  int n_text = 0;
};

/// argmax(logit / temperature + Gumbel(seed, position, id)) over the kept set; the plain argmax when greedy
/// (ties to the lower id). Without anything left to choose from, `chosen` is empty. In a beam search `candidates`
/// has the `beams` likeliest at least, and nothing is chosen. Precondition: check_sampler().
/// Source of the noise: Philox 4x32-10 (Salmon et al. 2011).
[[nodiscard]] DecodingStep decide(const DecodingPoint& point, const SamplerOptions& options);

}  // namespace gf
