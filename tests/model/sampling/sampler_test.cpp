#include "model/sampling/sampler.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "model/sampling/philox.h"

namespace gf {
namespace {

constexpr int kAll = 1 << 20;

std::vector<TokenId> ids_of(const std::vector<int>& numbers) {
  std::vector<TokenId> ids;
  for (const int n : numbers) ids.emplace_back(n);
  return ids;
}

DecodingStep decide_at(const std::vector<float>& logits, const std::vector<int>& before, const SamplerOptions& o, int n_text = kAll,
                       int n_generated = 0) {
  const auto ids = ids_of(before);
  return decide({.logits = logits, .before = ids, .n_generated = n_generated, .n_text = n_text}, o);
}
int choose(const std::vector<float>& logits, int position, const SamplerOptions& o, int n_text = kAll) {
  return decide_at(logits, std::vector<int>(static_cast<std::size_t>(position)), o, n_text).chosen.value_or(TokenId(-1)).v;
}

TEST(Philox, gives_the_known_answers) {
  // Source: kat_vectors of Random123, philox4x32 10.
  using Four = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Four{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const std::uint32_t f = 0xffffffff;
  EXPECT_EQ(philox4x32({f, f, f, f}, {f, f}), (Four{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Four{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Sampler, greedy_takes_the_largest_and_ties_to_the_lower_id) {
  const std::vector<float> logits = {1, 5, 5, 4};
  EXPECT_EQ(choose(logits, 0, {}), 1);
  SamplerOptions ban;
  ban.ban = {TokenId(1)};
  EXPECT_EQ(choose(logits, 0, ban), 2);
  EXPECT_EQ(choose(logits, 0, {}, 1), 0) << "ids without text are never chosen";
}

std::map<int, int> histogram(const std::vector<float>& logits, SamplerOptions o, int n) {
  o.greedy = false;
  std::map<int, int> counts;
  for (int p = 0; p < n; ++p) ++counts[choose(logits, p, o)];
  return counts;
}

TEST(Sampler, follows_the_distribution) {
  const std::vector<float> logits = {std::log(0.5F), std::log(0.3F), std::log(0.2F)};
  const int n = 10000;
  auto plain = histogram(logits, {.temperature = 1, .seed = 3, .ban = {}}, n);
  EXPECT_NEAR(plain[0], 0.5 * n, 0.02 * n);
  EXPECT_NEAR(plain[1], 0.3 * n, 0.02 * n);
  auto hot = histogram(logits, {.temperature = 0.5F, .seed = 3, .ban = {}}, n);
  const double sum = 0.25 + 0.09 + 0.04;
  EXPECT_NEAR(hot[0], 0.25 / sum * n, 0.02 * n);
}

TEST(Sampler, keeps_top_k_and_top_p) {
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

TEST(Sampler, noise_depends_on_seed_position_and_id_alone) {
  EXPECT_EQ(gumbel(1, 2, TokenId(3)), gumbel(1, 2, TokenId(3)));
  EXPECT_NE(gumbel(1, 2, TokenId(3)), gumbel(2, 2, TokenId(3)));
  EXPECT_NE(gumbel(1, 2, TokenId(3)), gumbel(1, 3, TokenId(3)));
  EXPECT_NE(gumbel(1, 2, TokenId(3)), gumbel(1, 2, TokenId(4)));
  EXPECT_NE(gumbel(1, 2, TokenId(3)), gumbel(1 + (std::uint64_t{1} << 40), 2, TokenId(3))) << "all 64 bits count";
  double sum = 0;
  for (int i = 0; i < 20000; ++i) sum += gumbel(5, i, TokenId(i % 7));
  EXPECT_NEAR(sum / 20000, 0.5772, 0.03) << "Euler's constant is the mean of the standard Gumbel distribution";
}

TEST(Sampler, blocks_repeated_n_grams) {
  const std::vector<float> logits = {9, 8, 7, 6};
  const auto chosen = [&](const std::vector<int>& before, int n) {
    const auto step = decide_at(logits, before, {.ban = {}, .no_repeat_ngram = n});
    return step.chosen ? step.chosen->v : -1;
  };
  EXPECT_EQ(chosen({1, 0, 2, 1}, 2), 1) << "1 0 stands there already, 1 1 does not";
  EXPECT_EQ(chosen({1, 0, 2, 1, 1, 1}, 2), 2) << "neither 1 0 nor 1 1 again";
  EXPECT_EQ(chosen({1, 0, 2, 1}, 3), 0) << "2 1 has stood only here";
  EXPECT_EQ(chosen({2, 1, 0, 2, 1}, 3), 1);
  EXPECT_EQ(chosen({0, 1}, 1), 2) << "no token twice";
  EXPECT_EQ(chosen({3, 2, 1, 0}, 1), -1) << "nothing is left";
  EXPECT_EQ(chosen({}, 3), 0);
}

TEST(Sampler, forced_tokens_come_first_and_are_taken_as_they_are) {
  SamplerOptions o{.ban = {TokenId(0)}, .force = ids_of({3, 1}), .no_repeat_ngram = 1};
  const auto first = decide_at({9, 8, 7, 6}, {3}, o);
  EXPECT_EQ(first.chosen, TokenId(3)) << "though it repeats";
  EXPECT_EQ(first.why, ChoiceReason::Force);
  EXPECT_EQ(first.n_cut[static_cast<std::size_t>(CutReason::Force)], 3);
  EXPECT_EQ(decide_at({9, 8, 7, 6}, {3, 3}, o, kAll, 1).chosen, TokenId(1));
  EXPECT_EQ(decide_at({9, 8, 7, 6}, {3, 3, 1}, o, kAll, 2).chosen, TokenId(2)) << "after them the rules again";
}

TEST(Sampler, the_log_adds_up) {
  const std::vector<float> logits = {3, 2, 1, 0, -1, -2, 9, 8};
  const SamplerOptions o{
      .greedy = false, .temperature = 0.5F, .top_k = 3, .top_p = 0.99F, .seed = 4, .ban = {TokenId(1)}, .no_repeat_ngram = 1};
  const auto step = decide_at(logits, {2}, o, 6);
  EXPECT_EQ(step.position, 1);
  EXPECT_EQ(step.n_cut, (std::array<int, kCutReasons>{2, 1, 1, 1, 2, 0})) << "of 0, 3, 4 and 5 top-k keeps three, of which 0 alone is 99 %";
  EXPECT_EQ(step.n_kept, 1);
  EXPECT_EQ(step.candidates[0].prob, 1);
  EXPECT_EQ(step.cut.size(), 7U);
  EXPECT_EQ(step.cut[0].id, TokenId(6));
  EXPECT_EQ(step.cut[0].why, CutReason::NoText);
  EXPECT_EQ(step.cut[2].why, CutReason::Ban);
  double sum = 0;
  for (const float x : logits) sum += std::exp(static_cast<double>(x));
  EXPECT_NEAR(step.candidates[0].logprob, 3 - std::log(sum), 1e-12);
}

/// The rules said once more, without lists that are kept sorted: asks of each token whether it is out.
TokenId naive(const std::vector<float>& logits, const std::vector<int>& before, const SamplerOptions& o, int n_text) {
  std::map<int, double> weights;  // of what is left, at the temperature
  for (int id = 0; id < std::min(n_text, static_cast<int>(logits.size())); ++id) {
    bool out = std::ranges::find(o.ban, TokenId(id)) != o.ban.end();
    if (o.no_repeat_ngram > 0) {
      std::vector<int> longer = before;
      longer.push_back(id);
      const auto n = static_cast<std::size_t>(o.no_repeat_ngram);
      std::multiset<std::vector<int>> runs;
      for (std::size_t i = 0; i + n <= longer.size(); ++i)
        runs.emplace(longer.begin() + static_cast<std::ptrdiff_t>(i), longer.begin() + static_cast<std::ptrdiff_t>(i + n));
      if (longer.size() >= n) out = out || runs.count({longer.end() - o.no_repeat_ngram, longer.end()}) > 1;
    }
    if (!out) weights[id] = std::exp(static_cast<double>(logits[static_cast<std::size_t>(id)]) / static_cast<double>(o.temperature));
  }
  const auto keep = [&](const auto& stays) {
    std::map<int, double> left;
    for (const auto& [id, weight] : weights) {
      double above = 0;
      int rank = 0;
      for (const auto& [other, w] : weights)
        if (w > weight || (w == weight && other < id)) ++rank, above += w;
      if (stays(rank, above)) left[id] = weight;
    }
    weights = left;
  };
  if (!o.greedy && o.top_k > 0) keep([&](int rank, double) { return rank < o.top_k; });
  double all = 0;
  for (const auto& [id, weight] : weights) all += weight;
  if (!o.greedy) keep([&](int rank, double above) { return rank == 0 || above < static_cast<double>(o.top_p) * all; });
  int best = -1;
  double best_score = 0;
  for (const auto& [id, weight] : weights) {
    const double logit = static_cast<double>(logits[static_cast<std::size_t>(id)]);
    const double score =
        o.greedy ? logit : logit / static_cast<double>(o.temperature) + gumbel(o.seed, static_cast<int>(before.size()), TokenId(id));
    if (best < 0 || score > best_score) best = id, best_score = score;
  }
  return TokenId(best);
}

TEST(Sampler, agrees_with_its_naive_twin) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal(0, 2);
  std::set<int> chosen;
  for (int round = 0; round < 400; ++round) {
    std::vector<float> logits(40);
    for (float& x : logits) x = normal(random);
    std::vector<int> before(random() % 30);
    for (int& id : before) id = static_cast<int>(random() % 5);
    SamplerOptions o;
    o.greedy = random() % 4 == 0;
    o.temperature = 0.3F + static_cast<float>(random() % 20) / 10;
    o.top_k = static_cast<int>(random() % 30);
    o.top_p = random() % 2 == 0 ? 1.0F : 0.9F;
    o.seed = random();
    o.no_repeat_ngram = static_cast<int>(random() % 4);
    for (std::size_t n = random() % 6; n > 0; --n) o.ban.emplace_back(static_cast<int>(random() % 40));
    const auto step = decide_at(logits, before, o, 38);
    ASSERT_TRUE(step.chosen) << round;
    EXPECT_EQ(*step.chosen, naive(logits, before, o, 38)) << round;
    int n = step.n_kept;
    for (const int cut : step.n_cut) n += cut;
    EXPECT_EQ(n, 40) << "each token is kept or cut, once";
    chosen.insert(step.chosen->v);
  }
  EXPECT_GT(chosen.size(), 20U);
}

TEST(Sampler, top_p_keeps_as_many_of_a_large_vocabulary_as_it_needs) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0, 2);
  std::vector<float> logits(5000);
  for (float& x : logits) x = normal(random);
  std::vector<double> weights;
  for (const float x : logits) weights.push_back(std::exp(static_cast<double>(x)));
  std::ranges::sort(weights, std::greater());
  const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (const float top_p : {0.1F, 0.5F, 0.9F, 0.99F, 0.9999F}) {
    std::size_t n = 0;
    for (double sum = 0; sum < static_cast<double>(top_p) * all; ++n) sum += weights[n];
    const DecodingStep step = decide_at(logits, {}, {.greedy = false, .top_p = top_p, .seed = 5, .ban = {}}, 5000);
    EXPECT_EQ(step.n_kept, static_cast<int>(n)) << top_p;
    ASSERT_TRUE(step.chosen);
    EXPECT_GE(std::exp(static_cast<double>(logits[step.chosen->index()])), weights[n - 1]) << top_p;
  }
}

TEST(Sampler, an_infinite_logit_is_the_likeliest) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(choose({0, 1, inf, 2}, 0, {.greedy = false, .top_p = 0.5F, .seed = 1, .ban = {}}), 2);
}

TEST(Sampler, broken_logits_are_the_least_likely) {
  const float nan = std::nanf("");
  EXPECT_EQ(choose({nan, 1, nan, 2}, 0, {}), 3);
  EXPECT_EQ(choose({nan, 1, nan, 2}, 0, {.greedy = false, .top_k = 1, .top_p = 0.5F, .seed = 1, .ban = {}}), 3);
  EXPECT_EQ(choose({nan, nan}, 0, {}), 0);
}

TEST(Sampler, options_are_checked) {
  const auto message = [](const SamplerOptions& o) {
    const auto checked = check_sampler(o, 10, 8);
    return checked ? std::string() : checked.error().message;
  };
  EXPECT_EQ(message({}), "");
  EXPECT_EQ(message({.temperature = 0, .ban = {}}), "the temperature must be above 0");
  EXPECT_EQ(message({.top_k = -1, .ban = {}}), "top-k must not be negative; 0 means all");
  EXPECT_EQ(message({.top_p = 0, .ban = {}}), "top-p must be above 0 and at most 1");
  EXPECT_EQ(message({.ban = ids_of({10})}), "token id 10 is not in the vocabulary, whose ids are 0 to 9");
  EXPECT_EQ(message({.ban = {}, .force = ids_of({-1})}), "token id -1 is not in the vocabulary, whose ids are 0 to 9");
  EXPECT_EQ(message({.ban = ids_of({3}), .force = ids_of({3})}), "token 3 is both forced and banned; leave out one of the two");
  EXPECT_EQ(message({.ban = ids_of({0, 1, 2, 3, 4, 5, 6, 7, 0})}), "every token is banned, so none is left to generate");
  EXPECT_EQ(message({.ban = {}, .no_repeat_ngram = -1}), "no-repeat-ngram must not be negative; 0 means off");
  EXPECT_EQ(message({.ban = {}, .beams = 257}), "a beam search has 1 to 256 beams");
  EXPECT_EQ(message({.greedy = false, .ban = {}, .beams = 2}),
            "a beam search draws nothing; leave out temperature, top-k, top-p and seed, or the beams");
}

}  // namespace
}  // namespace gf
