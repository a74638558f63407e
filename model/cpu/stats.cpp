#include "model/cpu/stats.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gf::cpu {
namespace {

/// The likeliest tokens without NaN, best first; of equal ones the lower id first, which the order of the scan gives.
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

void LogitRow::describe_prediction(TokenStats& stats) const {
  const double log_sum = std::log(sums_.sum);
  stats.entropy = static_cast<float>(log_sum - sums_.weighted_sum / sums_.sum);
  take_top(kernels_, logits_, stats.top);
  for (auto& entry : stats.top)
    entry.logprob = static_cast<float>(static_cast<double>(entry.logit) - static_cast<double>(sums_.max) - log_sum);
}

void LogitRow::describe_token(TokenId token, TokenStats& stats) const {
  const float logit = logits_[token.index()];
  stats.logprob = static_cast<float>(static_cast<double>(logit) - static_cast<double>(sums_.max) - std::log(sums_.sum));
  stats.rank = std::isnan(logit) ? -1 : static_cast<int>(kernels_.count_greater(logits_.data(), logits_.size(), logit));
}

}  // namespace gf::cpu
