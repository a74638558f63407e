// Penalties, min p and typical p against the definitions of transformers' logits processors, written here as they stand there
// (transformers 4.57, generation/logits_process.py), with whole vocabularies and no shortcut.
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <random>

#include "model/sampling/sampler.h"

namespace gf {
namespace {

constexpr float kOut = -std::numeric_limits<float>::infinity();

std::vector<TokenId> filter_ids(const std::vector<int>& numbers) {
  std::vector<TokenId> ids;
  for (const int n : numbers) ids.emplace_back(n);
  return ids;
}

std::vector<double> softmax_of(const std::vector<float>& scores) {
  const float top = *std::ranges::max_element(scores);
  std::vector<double> p;
  for (const float score : scores) p.push_back(std::exp(static_cast<double>(score) - static_cast<double>(top)));
  const double sum = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& x : p) x /= sum;
  return p;
}

/// The ids in the order of torch.sort(scores), ascending or descending.
std::vector<std::size_t> sorted_ids(const std::vector<double>& keys, bool descending) {
  std::vector<std::size_t> ids(keys.size());
  std::iota(ids.begin(), ids.end(), std::size_t{0});
  std::ranges::stable_sort(ids, [&](std::size_t a, std::size_t b) { return descending ? keys[a] > keys[b] : keys[a] < keys[b]; });
  return ids;
}

// RepetitionPenaltyLogitsProcessor: score = where(score < 0, score * penalty, score / penalty) for the ids of the input.
void repetition_twin(std::vector<float>& scores, const std::vector<int>& input, float penalty) {
  const std::vector<float> before = scores;
  for (const int id : input) {
    const auto i = static_cast<std::size_t>(id);
    scores[i] = before[i] < 0 ? before[i] * penalty : before[i] / penalty;
  }
}

// The OpenAI API: mu[j] -> mu[j] - float(c[j] > 0) * alpha_presence, c[j] of the tokens that were sampled.
void presence_twin(std::vector<float>& scores, const std::vector<int>& input, std::size_t n_prompt, float penalty) {
  std::vector<bool> sampled(scores.size(), false);
  for (std::size_t i = n_prompt; i < input.size(); ++i) sampled[static_cast<std::size_t>(input[i])] = true;
  for (std::size_t id = 0; id < scores.size(); ++id)
    if (sampled[id]) scores[id] -= penalty;
}

// TopKLogitsWarper: scores < topk(scores, k)[-1] are removed.
void top_k_twin(std::vector<float>& scores, int k) {
  if (k <= 0) return;
  std::vector<float> sorted = scores;
  std::ranges::sort(sorted, std::greater());
  const float least = sorted[std::min(static_cast<std::size_t>(k), sorted.size()) - 1];
  for (float& score : scores)
    if (score < least) score = kOut;
}

// TopPLogitsWarper: of the ascending scores those whose cumulated probability is at most 1 - top_p are removed.
void top_p_twin(std::vector<float>& scores, float top_p) {
  if (top_p >= 1) return;
  const auto p = softmax_of(scores);
  double sum = 0;
  const auto order = sorted_ids(p, false);
  for (std::size_t i = 0; i + 1 < order.size(); ++i)
    if ((sum += p[order[i]]) <= 1 - static_cast<double>(top_p)) scores[order[i]] = kOut;
}

// MinPLogitsWarper: probs < min_p * max(probs) are removed.
void min_p_twin(std::vector<float>& scores, float min_p) {
  const auto p = softmax_of(scores);
  const double top = *std::ranges::max_element(p);
  for (std::size_t id = 0; id < scores.size(); ++id)
    if (p[id] < static_cast<double>(min_p) * top) scores[id] = kOut;
}

// TypicalLogitsWarper: last_ind = (cumulative_probs < mass).sum(), clamped; what is farther from the entropy than that is removed.
void typical_twin(std::vector<float>& scores, float mass) {
  if (mass >= 1) return;
  const auto p = softmax_of(scores);
  double entropy = 0;
  for (const double x : p)
    if (x > 0) entropy -= x * std::log(x);
  std::vector<double> shifted;
  for (const double x : p) shifted.push_back(std::abs(-std::log(x) - entropy));
  const auto order = sorted_ids(shifted, false);
  std::size_t last = 0;
  double sum = 0;
  for (const std::size_t id : order) last += (sum += p[id]) < static_cast<double>(mass) ? 1 : 0;
  last = std::min(last, order.size() - 1);
  for (std::size_t id = 0; id < scores.size(); ++id)
    if (shifted[id] > shifted[order[last]]) scores[id] = kOut;
}

/// What transformers' list of processors and warpers leaves, in its order.
std::vector<float> twin_scores(std::vector<float> scores, const std::vector<int>& input, std::size_t n_prompt, const SamplerOptions& o) {
  repetition_twin(scores, input, o.repetition_penalty);
  presence_twin(scores, input, n_prompt, o.presence_penalty);
  for (float& score : scores) score /= o.temperature;
  top_k_twin(scores, o.top_k);
  top_p_twin(scores, o.top_p);
  min_p_twin(scores, o.min_p);
  typical_twin(scores, o.typical_p);
  return scores;
}

TEST(Filters, leave_what_transformers_leaves) {
  std::mt19937 random(11);
  std::normal_distribution<float> normal(0, 2.5F);
  const auto one_of = [&](std::initializer_list<float> values) { return *(values.begin() + random() % values.size()); };
  int cut_by_min_p = 0, cut_by_typical = 0, penalized = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<float> logits(120);
    for (float& x : logits) x = normal(random);
    std::vector<int> before(1 + random() % 20);
    for (int& id : before) id = static_cast<int>(random() % 120);
    SamplerOptions o;
    o.greedy = false;
    o.temperature = one_of({0.5F, 1.0F, 1.7F});
    o.top_k = random() % 2 == 0 ? 0 : 30;
    o.top_p = one_of({1.0F, 0.95F});
    o.min_p = one_of({0.0F, 0.02F, 0.1F});
    o.typical_p = one_of({1.0F, 0.9F, 0.3F});
    o.repetition_penalty = one_of({1.0F, 1.3F, 0.7F});
    o.presence_penalty = one_of({0.0F, 0.8F, -0.5F});
    o.seed = random();
    const std::size_t n_prompt = random() % before.size();
    const auto ids = filter_ids(before);
    const DecodingPoint point{.logits = logits, .before = ids, .n_text = 120, .n_prompt = static_cast<int>(n_prompt)};
    const std::vector<float> scores = twin_scores(logits, before, n_prompt, o);
    const std::vector<double> wanted = softmax_of(scores), shares = drawing(point, o);
    ASSERT_EQ(shares.size(), wanted.size());
    int n_kept = 0;
    for (std::size_t id = 0; id < wanted.size(); ++id) {
      EXPECT_EQ(shares[id] > 0, wanted[id] > 0) << round << ", token " << id;
      EXPECT_NEAR(shares[id], wanted[id], 1e-5) << round << ", token " << id;
      n_kept += wanted[id] > 0 ? 1 : 0;
    }
    const DecodingStep step = decide(point, o);
    EXPECT_EQ(step.n_kept, n_kept) << round;
    for (const auto& candidate : step.candidates) EXPECT_NEAR(candidate.prob, wanted[candidate.id.index()], 1e-5);
    int n = step.n_kept;
    for (const int cut : step.n_cut) n += cut;
    EXPECT_EQ(n, 120) << "each token is kept or cut, once";
    cut_by_min_p += step.n_cut[static_cast<std::size_t>(CutReason::MinP)];
    cut_by_typical += step.n_cut[static_cast<std::size_t>(CutReason::TypicalP)];
    penalized += step.n_penalized;
  }
  EXPECT_GT(cut_by_min_p, 1000);
  EXPECT_GT(cut_by_typical, 1000);
  EXPECT_GT(penalized, 1000);
}

TEST(Filters, a_penalty_changes_the_choice_and_the_log_says_by_how_much) {
  const std::vector<float> logits = {2, 1.9F, -1, -1.1F};
  const std::vector<TokenId> before = filter_ids({0, 2});
  const auto step = [&](const SamplerOptions& o, int n_prompt) {
    return decide({.logits = logits, .before = before, .n_text = 4, .n_prompt = n_prompt}, o);
  };
  EXPECT_EQ(step({}, 2).chosen, TokenId(0));
  EXPECT_EQ(step({}, 2).n_penalized, 0);
  const DecodingStep repetition = step({.ban = {}, .repetition_penalty = 1.25F}, 2);
  EXPECT_EQ(repetition.chosen, TokenId(1)) << "2 / 1.25 is less than 1.9";
  EXPECT_EQ(repetition.n_penalized, 2);
  EXPECT_EQ(repetition.candidates[1].id, TokenId(0));
  EXPECT_NEAR(repetition.candidates[1].penalty, 0.4, 1e-6);
  EXPECT_EQ(repetition.candidates[1].logit, 2) << "the model's own stays";
  EXPECT_NEAR(repetition.candidates[1].score, 1.6, 1e-6);
  EXPECT_EQ(repetition.candidates[2].id, TokenId(3)) << "-1 * 1.25 is less than -1.1";
  EXPECT_EQ(step({.ban = {}, .presence_penalty = 5}, 2).chosen, TokenId(0)) << "the prompt does not count";
  EXPECT_EQ(step({.ban = {}, .presence_penalty = 5}, 0).chosen, TokenId(1));
  EXPECT_EQ(step({.ban = {}, .presence_penalty = 5}, 0).n_penalized, 2);
  const DecodingStep forced = step({.ban = {}, .force = {TokenId(0)}, .presence_penalty = 50}, 0);
  EXPECT_EQ(forced.chosen, TokenId(0)) << "what is forced is taken as it is";
  EXPECT_EQ(forced.n_penalized, 0);
}

TEST(Filters, keep_one_token_at_least) {
  const std::vector<float> logits = {1, 3, 2};
  const auto kept = [&](const SamplerOptions& o) { return decide({.logits = logits, .before = {}, .n_text = 3}, o).n_kept; };
  EXPECT_EQ(kept({.greedy = false, .ban = {}, .min_p = 1}), 1);
  EXPECT_EQ(kept({.greedy = false, .ban = {}, .typical_p = 1e-6F}), 1);
  EXPECT_EQ(kept({.greedy = false, .ban = {}}), 3);
}

TEST(Filters, stand_broken_logits) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::nanf("");
  for (const std::vector<float>& logits : {std::vector<float>{0, inf, 1}, {nan, 1, 2}, {nan, nan}, {-inf, -inf, -inf}}) {
    const SamplerOptions o{.greedy = false, .ban = {}, .repetition_penalty = 1.2F, .min_p = 0.5F, .typical_p = 0.5F};
    const auto ids = filter_ids({1});
    EXPECT_GE(decide({.logits = logits, .before = ids, .n_text = static_cast<int>(logits.size())}, o).n_kept, 1);
  }
}

TEST(Filters, options_are_checked) {
  const auto message = [](const SamplerOptions& o) {
    const auto checked = check_sampler(o, 10, 8);
    return checked ? std::string() : checked.error().message;
  };
  const float nan = std::nanf("");
  EXPECT_EQ(message({.ban = {}, .repetition_penalty = 0}), "the repetition penalty must be above 0; 1 means off");
  EXPECT_EQ(message({.ban = {}, .presence_penalty = nan}), "the presence penalty must be a number; 0 means off");
  EXPECT_EQ(message({.ban = {}, .min_p = 1.5F}), "min-p must be from 0 to 1; 0 means off");
  EXPECT_EQ(message({.ban = {}, .typical_p = 0}), "typical-p must be above 0 and at most 1; 1 means off");
  EXPECT_EQ(message({.ban = {}, .stop = {""}}), "a text to stop at is empty; leave it out");
  EXPECT_EQ(message({.ban = {}, .beams = 2, .min_p = 0, .stop = {"x"}}),
            "a beam search has no penalties and no text to stop at; leave them out, or the beams");
  EXPECT_EQ(message({.ban = {}, .beams = 2, .repetition_penalty = 2}),
            "a beam search has no penalties and no text to stop at; leave them out, or the beams");
}

}  // namespace
}  // namespace gf
