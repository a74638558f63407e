// noise beside a naive twin: its numbers, its size, and that a place has the same noise in any run.
#include <cmath>
#include <numbers>

#include "model/edits/compiled.h"
#include "model/sampling/philox.h"
#include "tests/model/cpu/forward_checks.h"
#include "tests/model/cpu/random_model.h"
#include "tests/model/edits/recipe_of.h"

namespace gf::testing {
namespace {

Recipe noise_recipe(const std::string& keys) { return recipe_of(R"({"op": "noise", )" + keys + "}"); }

double naive_normal(std::uint64_t seed, std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  const auto words = philox4x32({a, b, c, 0}, {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
  const double u = (words[0] + 0.5) / 4294967296.0, v = (words[1] + 0.5) / 4294967296.0;
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
}

class Noise : public ::testing::Test {
 protected:
  Noise() { EXPECT_TRUE(cpu->load(weights)); }
  std::shared_ptr<const Weights> weights = make_random({.n_layer = 2, .n_head = 3, .d_head = 8});
  std::vector<TokenId> ids = random_ids(9, 17);
  std::unique_ptr<Backend> cpu = make_cpu_backend(2);

  Trace plain() {
    Trace base(weights->config, everything());
    extend(*cpu, base, ids);
    return base;
  }
  Trace run(const Trace& base, const std::string& keys, int n_prompt = 9, const std::vector<int>& steps = {1 << 20}) {
    Trace got(weights->config, everything());
    const auto edits = compile(noise_recipe(keys), {.config = weights->config, .n_prompt = n_prompt, .n_total = 9, .base = &base});
    EXPECT_TRUE(edits) << edits.error().message;
    if (edits) extend(*cpu, got, ids, steps, edits->get());
    return got;
  }
  /// Of hook_embed over the first rows, with n - 1.
  static double deviation(const Trace& base, int rows) {
    std::vector<double> all;
    for (int p = 0; p < rows; ++p)
      for (const float x : base.row({HookKind::Embed, -1}, p)) all.push_back(static_cast<double>(x));
    double mean = 0, squares = 0;
    for (const double x : all) mean += x / static_cast<double>(all.size());
    for (const double x : all) squares += (x - mean) * (x - mean);
    return std::sqrt(squares / static_cast<double>(all.size() - 1));
  }
};

TEST_F(Noise, is_a_function_of_seed_position_and_place_in_units_of_the_embeddings) {
  const Trace base = plain(), got = run(base, R"("hook": "hook_embed", "std": 3, "seed": 81985529216486895, "positions": "2:5")");
  const double size = 3 * deviation(base, 9);
  for (int p = 0; p < 9; ++p) {
    const auto x = base.row({HookKind::Embed, -1}, p), y = got.row({HookKind::Embed, -1}, p);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const bool noisy = p >= 2 && p < 5;
      const double want =
          static_cast<double>(x[i]) +
          (noisy ? size * naive_normal(0x123456789ABCDEF, static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(p), 0) : 0);
      EXPECT_NEAR(static_cast<double>(y[i]), want, 1e-6) << p << " " << i;
    }
  }
}

TEST_F(Noise, differs_from_head_to_head) {
  const Trace base = plain(), got = run(base, R"("hook": "blocks.0.attn.hook_q", "std": 1, "heads": [1, 2])");
  const double size = deviation(base, 9);
  for (int p = 0; p < 9; ++p) {
    const auto x = base.row({HookKind::Q, 0}, p), y = got.row({HookKind::Q, 0}, p);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double noise = i < 8 ? 0 : size * naive_normal(0, static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(p), 0);
      EXPECT_NEAR(static_cast<double>(y[i]), static_cast<double>(x[i]) + noise, 1e-6) << p << " " << i;
    }
  }
}

TEST_F(Noise, of_scores_goes_by_query_key_and_head) {
  const Trace base = plain(),
              got = run(base, R"("hook": "blocks.0.attn.hook_attn_scores", "std": 0.5, "seed": 2, "heads": [2], "keys": "1:")");
  const double size = 0.5 * deviation(base, 9);
  for (int q = 0; q < 9; ++q)
    for (int head = 0; head < 3; ++head) {
      const auto x = base.causal_row({HookKind::AttnScores, 0}, head, q), y = got.causal_row({HookKind::AttnScores, 0}, head, q);
      for (std::uint32_t k = 0; k < x.size(); ++k) {
        const double noise = head == 2 && k > 0 ? size * naive_normal(2, k, static_cast<std::uint32_t>(q), 2) : 0;
        EXPECT_NEAR(static_cast<double>(y[k]), static_cast<double>(x[k]) + noise, 1e-5) << q << " " << head << " " << k;
      }
    }
}

TEST_F(Noise, is_the_same_token_by_token) {
  const Trace base = plain();
  const std::string keys = R"("hook": "blocks.*.hook_resid_post", "std": 1, "seed": 3)";
  expect_close(run(base, keys, 4, {4, 1}), run(base, keys, 4));
  EXPECT_NE(run(base, keys, 4).row({HookKind::ResidPost, 1}, 8)[0], run(base, keys, 9).row({HookKind::ResidPost, 1}, 8)[0])
      << "its size is that of the prompt's embeddings";
}

TEST_F(Noise, is_normal) {
  double sum = 0, squares = 0, cubes = 0;
  constexpr int kNumbers = 20000;
  for (std::uint32_t i = 0; i < kNumbers; ++i) {
    const double x = naive_normal(1, i % 100, i / 100, 0);
    sum += x, squares += x * x, cubes += x * x * x;
  }
  EXPECT_NEAR(sum / kNumbers, 0, 0.03);
  EXPECT_NEAR(squares / kNumbers, 1, 0.04);
  EXPECT_NEAR(cubes / kNumbers, 0, 0.12);
}

TEST(NoiseEdit, says_what_it_needs_and_itself) {
  const auto sentence = [](const std::string& keys) {
    const auto recipe = parse_recipe(R"({"version": 1, "edits": [{"op": "noise", "hook": "hook_embed")" + keys + "}]}");
    return recipe ? std::string() : recipe.error().message;
  };
  EXPECT_EQ(sentence(""), "edit 1: 'noise' needs 'std'");
  EXPECT_EQ(sentence(R"(, "std": -1)"), "edit 1: 'std' must not be negative");
  EXPECT_EQ(sentence(R"(, "std": 1, "seed": -1)"), "edit 1: 'seed' must be a whole number from 0 on");
  EXPECT_EQ(sentence(R"(, "std": 1, "seed": 1.5)"), "edit 1: 'seed' must be a whole number from 0 on");
  EXPECT_EQ(sentence(R"(, "std": 1, "vector": [1])"),
            "edit 1: 'vector' is not known for 'noise' at hook_embed; allowed are hook, op, enabled, std, seed, positions, dims");
  const Recipe recipe = noise_recipe(R"("hook": "hook_embed", "std": 3, "seed": 18446744073709551615, "positions": [2])");
  EXPECT_EQ(recipe.edits[0].seed, 18446744073709551615U);
  EXPECT_EQ(parse_recipe(to_json(recipe)).value(), recipe);
  EXPECT_EQ(summary(recipe.edits[0]), "add noise of 3 standard deviations, seed 18446744073709551615, at embed, position 2");
  EXPECT_EQ(words_of(recipe.edits[0]), "+ noise of 3 σ");
}

}  // namespace
}  // namespace gf::testing
