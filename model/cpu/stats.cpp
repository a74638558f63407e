#include "model/cpu/stats.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gf::cpu {
namespace {

/// The likeliest tokens, best first; of equal ones the lower id first, which the order of the scan gives. What is NaN is
/// not among them.
void take_top(const Kernels& kernels, std::span<const float> logits, std::vector<TokenStats::Top>& top) {
  const std::size_t wanted = std::min<std::size_t>(kTopTokens, logits.size());
  top.reserve(wanted);
  const auto insert = [&](std::size_t i) {
    if (top.size() == wanted) top.pop_back();
    const float logit = logits[i];
    const auto at = std::find_if(top.begin(), top.end(), [&](const auto& t) { return t.logit < logit; });
    top.insert(at, {TokenId(i), logit, 0});
  };
  std::size_t first = 0;
  for (; first < logits.size() && top.size() < wanted; ++first)
    if (!std::isnan(logits[first])) insert(first);
  for (std::size_t i = first; i < logits.size(); ++i) {
    i = kernels.find_greater(logits.data(), i, logits.size(), top.back().logit);
    if (i < logits.size()) insert(i);
  }
}

}  // namespace

TokenStats unknown_stats() {
  TokenStats stats;
  stats.logprob = stats.entropy = std::numeric_limits<float>::quiet_NaN();
  return stats;
}

void describe_prediction(const Kernels& kernels, std::span<const float> logits, TokenStats& stats) {
  const SoftmaxSums sums = kernels.softmax_sums(logits.data(), logits.size());
  const double log_sum = std::log(sums.sum);
  stats.entropy = static_cast<float>(log_sum - sums.weighted_sum / sums.sum);
  take_top(kernels, logits, stats.top);
  for (auto& entry : stats.top)
    entry.logprob = static_cast<float>(static_cast<double>(entry.logit) - static_cast<double>(sums.max) - log_sum);
}

void describe_token(const Kernels& kernels, std::span<const float> logits, TokenId token, TokenStats& stats) {
  const SoftmaxSums sums = kernels.softmax_sums(logits.data(), logits.size());
  const float logit = logits[token.index()];
  stats.logprob = static_cast<float>(static_cast<double>(logit) - static_cast<double>(sums.max) - std::log(sums.sum));
  stats.rank = std::isnan(logit) ? -1 : static_cast<int>(kernels.count_greater(logits.data(), logits.size(), logit));
}

}  // namespace gf::cpu
