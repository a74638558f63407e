// What is kept of a row of logits: entropy, the 20 likeliest, and logprob and rank of the token that follows.
#pragma once

#include <span>

#include "model/base/ids.h"
#include "model/cpu/kernels.h"
#include "model/trace.h"

namespace gf::cpu {

inline constexpr int kTopTokens = 20;

/// A row of logits; its sums over the vocabulary are computed once. Lifetime: that of the logits.
class LogitRow {
 public:
  LogitRow(const Kernels& kernels, std::span<const float> logits)
      : kernels_(kernels), logits_(logits), sums_(kernels.softmax_sums(logits.data(), logits.size())) {}
  /// Fills entropy and top.
  void describe_prediction(TokenStats& stats) const;
  /// Fills logprob and rank of `token`, which follows the position that the logits were predicted at.
  void describe_token(TokenId token, TokenStats& stats) const;

 private:
  const Kernels& kernels_;
  std::span<const float> logits_;
  SoftmaxSums sums_;
};
/// Statistics that say "not known": NaN, -1, nothing.
[[nodiscard]] TokenStats unknown_stats();

}  // namespace gf::cpu
