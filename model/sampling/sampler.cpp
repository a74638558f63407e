#include "model/sampling/sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "model/base/error.h"
#include "model/sampling/philox.h"

namespace gf {

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> c, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * c[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ key[0], static_cast<std::uint32_t>(b),
         static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return c;
}

double gumbel(std::uint64_t seed, int position, TokenId id) {
  const std::array key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
  const auto block = philox4x32({static_cast<std::uint32_t>(id.v), static_cast<std::uint32_t>(position), 0, 0}, key);
  const double uniform = (static_cast<double>(block[0]) + 0.5) * 0x1p-32;  // never 0 or 1
  return -std::log(-std::log(uniform));
}

namespace sampling_detail {

/// Ids that may be chosen, likeliest first where top_k or top_p need an order.
std::vector<std::int32_t> kept_ids(std::span<const float> logits, const SamplerOptions& o, int n_text) {
  std::vector<std::int32_t> ids(std::min(logits.size(), static_cast<std::size_t>(n_text)));
  std::iota(ids.begin(), ids.end(), 0);
  for (const TokenId banned : o.ban) std::erase(ids, banned.v);
  EXPECTS(!ids.empty(), "something is left to choose from");
  if (o.greedy) return ids;
  const auto logit = [&](std::int32_t id) { return static_cast<double>(logits[static_cast<std::size_t>(id)]); };
  const auto likelier = [&](std::int32_t a, std::int32_t b) { return logit(a) > logit(b) || (logit(a) == logit(b) && a < b); };
  if (o.top_k > 0 && static_cast<std::size_t>(o.top_k) < ids.size()) {
    std::ranges::partial_sort(ids, ids.begin() + o.top_k, likelier);
    ids.resize(static_cast<std::size_t>(o.top_k));
  }
  if (o.top_p < 1.0F) {
    std::ranges::sort(ids, likelier);
    std::vector<double> weights;
    for (const auto id : ids) weights.push_back(std::exp((logit(id) - logit(ids[0])) / static_cast<double>(o.temperature)));
    const double enough = static_cast<double>(o.top_p) * std::accumulate(weights.begin(), weights.end(), 0.0);
    std::size_t keep = 0;
    for (double sum = 0; keep < ids.size() && sum < enough; ++keep) sum += weights[keep];
    ids.resize(std::max<std::size_t>(keep, 1));
  }
  return ids;
}

}  // namespace sampling_detail

TokenId choose(std::span<const float> logits, int position, const SamplerOptions& o, int n_text) {
  EXPECTS(!logits.empty() && n_text > 0, "there are tokens to choose from");
  EXPECTS(o.temperature > 0 && o.top_p > 0 && o.top_p <= 1, "sampler options are in range");
  std::int32_t best = -1;
  double best_score = 0;
  for (const std::int32_t id : sampling_detail::kept_ids(logits, o, n_text)) {
    double score = static_cast<double>(logits[static_cast<std::size_t>(id)]);
    if (!o.greedy) score = score / static_cast<double>(o.temperature) + gumbel(o.seed, position, TokenId(id));
    if (best < 0 || score > best_score || (score == best_score && id < best)) {
      best = id;
      best_score = score;
    }
  }
  return TokenId(best);
}

}  // namespace gf
