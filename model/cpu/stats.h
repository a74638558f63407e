// What is kept of a row of logits: entropy, the 20 likeliest, and logprob and rank of the token that follows.
#pragma once

#include <span>

#include "model/base/ids.h"
#include "model/cpu/kernels.h"
#include "model/trace.h"

namespace gf::cpu {

inline constexpr int kTopTokens = 20;

/// Fills entropy and top.
void describe_prediction(const Kernels& kernels, std::span<const float> logits, TokenStats& stats);
/// Fills logprob and rank of `token`, which follows the position that `logits` were predicted at.
void describe_token(const Kernels& kernels, std::span<const float> logits, TokenId token, TokenStats& stats);
/// Statistics that say "not known": NaN, -1, nothing.
[[nodiscard]] TokenStats unknown_stats();

}  // namespace gf::cpu
