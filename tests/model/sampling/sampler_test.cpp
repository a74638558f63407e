#include "model/sampling/sampler.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>

#include "model/sampling/philox.h"

namespace gf {
namespace {

constexpr int kAll = 1 << 20;

TEST(Philox, KnownAnswers) {
  // Source: kat_vectors of Random123, philox4x32 10.
  using Four = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Four{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const std::uint32_t f = 0xffffffff;
  EXPECT_EQ(philox4x32({f, f, f, f}, {f, f}), (Four{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Four{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Sampler, GreedyTakesTheLargestAndTiesToTheLowerId) {
  const std::vector<float> logits = {1, 5, 5, 4};
  EXPECT_EQ(choose(logits, 0, {}, kAll), TokenId(1));
  SamplerOptions ban;
  ban.ban = {TokenId(1)};
  EXPECT_EQ(choose(logits, 0, ban, kAll), TokenId(2));
  EXPECT_EQ(choose(logits, 0, {}, 1), TokenId(0)) << "ids without text are never chosen";
}

std::map<int, int> histogram(const std::vector<float>& logits, SamplerOptions o, int n) {
  o.greedy = false;
  std::map<int, int> counts;
  for (int p = 0; p < n; ++p) ++counts[choose(logits, p, o, kAll).v];
  return counts;
}

TEST(Sampler, FollowsTheDistribution) {
  const std::vector<float> logits = {std::log(0.5F), std::log(0.3F), std::log(0.2F)};
  const int n = 20000;
  auto plain = histogram(logits, {.temperature = 1, .seed = 3, .ban = {}}, n);
  EXPECT_NEAR(plain[0], 0.5 * n, 0.02 * n);
  EXPECT_NEAR(plain[1], 0.3 * n, 0.02 * n);
  auto hot = histogram(logits, {.temperature = 0.5F, .seed = 3, .ban = {}}, n);
  const double sum = 0.25 + 0.09 + 0.04;
  EXPECT_NEAR(hot[0], 0.25 / sum * n, 0.02 * n);
}

TEST(Sampler, KeepsTopKAndTopP) {
  const std::vector<float> logits = {std::log(0.1F), std::log(0.4F), std::log(0.3F), std::log(0.2F)};
  const auto ids = [&](SamplerOptions o) {
    std::vector<int> kept;
    for (const auto& [id, n] : histogram(logits, o, 2000)) kept.push_back(id);
    return kept;
  };
  EXPECT_EQ(ids({.top_k = 2, .ban = {}}), (std::vector{1, 2}));
  EXPECT_EQ(ids({.top_p = 0.65F, .ban = {}}), (std::vector{1, 2}));
  EXPECT_EQ(ids({.top_p = 0.75F, .ban = {}}), (std::vector{1, 2, 3}));
  EXPECT_EQ(ids({.top_p = 0.01F, .ban = {}}), (std::vector{1}));
  EXPECT_EQ(ids({.top_k = 1, .ban = {TokenId(1)}}), (std::vector{2}));
}

TEST(Sampler, NoiseDependsOnSeedPositionAndIdAlone) {
  EXPECT_EQ(gumbel(1, 2, TokenId(3)), gumbel(1, 2, TokenId(3)));
  EXPECT_NE(gumbel(1, 2, TokenId(3)), gumbel(2, 2, TokenId(3)));
  EXPECT_NE(gumbel(1, 2, TokenId(3)), gumbel(1, 3, TokenId(3)));
  EXPECT_NE(gumbel(1, 2, TokenId(3)), gumbel(1, 2, TokenId(4)));
  EXPECT_NE(gumbel(1, 2, TokenId(3)), gumbel(1 + (std::uint64_t{1} << 40), 2, TokenId(3))) << "all 64 bits count";
  double sum = 0;
  for (int i = 0; i < 20000; ++i) sum += gumbel(5, i, TokenId(i % 7));
  EXPECT_NEAR(sum / 20000, 0.5772, 0.03) << "Euler's constant is the mean of the standard Gumbel distribution";
}

}  // namespace
}  // namespace gf
