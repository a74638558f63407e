// round beside a naive twin and beside numbers of PyTorch.
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

#include "model/edits/compiled.h"
#include "tests/model/edits/recipe_of.h"

namespace gf {
namespace {

Recipe round_recipe(const std::string& keys) { return testing::recipe_of(R"({"op": "round", )" + keys + "}"); }

ModelConfig round_config() {
  ModelConfig c;
  c.n_layer = 1, c.n_head = 2, c.d_model = 12, c.d_head = 6, c.d_mlp = 5, c.n_ctx = 8, c.n_vocab = 7;
  return c;
}

std::vector<float> rounded(std::vector<float> x, const std::string& keys, HookKind kind, Receipt* receipt = nullptr) {
  const auto edits = compile(round_recipe(keys), {.config = round_config(), .n_prompt = 1, .n_total = 1});
  EXPECT_TRUE(edits) << (edits ? "" : edits.error().message);
  if (!edits) return {};
  (*edits)->apply({kind, 0}, 0, 1, x.data(), x.size());
  if (receipt != nullptr) *receipt = (*edits)->receipts()[0];
  return x;
}

const std::vector<float> kNumbers{-0.802F, -1.324F, -0.248F, 0.42F, 1.136F, 0.11F, -0.553F, -0.785F, 0.749F, 1.635F, 0.273F, -1.233F};

TEST(Round, gives_the_numbers_that_pytorch_gives) {
  // step = x.abs().amax() / 127; (x / step).round() * step, in float32.
  Receipt receipt;
  const auto got = rounded(kNumbers, R"("hook": "blocks.0.hook_mlp_out")", HookKind::MlpOut, &receipt);
  const std::vector<float> want{-0.798188984F, -1.32602358F,  -0.244606301F, 0.424842507F, 1.13291335F,  0.11586614F,
                                -0.553582668F, -0.785314977F, 0.746692896F,  1.63499999F,  0.270354331F, -1.23590553F};
  EXPECT_EQ(got, want);
  EXPECT_EQ(receipt.fired, 12);
  // 4 bits, numbers beyond 1.2 kept: step = x[x.abs() <= 1.2].abs().amax() / 7.
  const std::vector<float> kept{-0.811428547F, -1.324F,       -0.324571431F, 0.486857146F, 1.13600004F,  0.162285715F,
                                -0.486857146F, -0.811428547F, 0.811428547F,  1.63499999F,  0.324571431F, -1.23300004F};
  EXPECT_EQ(rounded(kNumbers, R"("hook": "blocks.0.hook_mlp_out", "bits": 4, "outliers": 1.2)", HookKind::MlpOut), kept);
}

TEST(Round, acts_on_each_head_for_itself_as_its_naive_twin_does) {
  std::mt19937 rng(3);
  std::normal_distribution<float> normal;
  for (const int bits : {2, 5, 8, 12}) {
    std::vector<float> x(12);
    for (float& v : x) v = normal(rng);
    const auto got = rounded(x, R"("hook": "blocks.0.attn.hook_z", "dims": "1:", "bits": )" + std::to_string(bits), HookKind::Z);
    for (std::size_t head = 0; head < 2; ++head) {
      float most = 0;
      for (std::size_t i = 1; i < 6; ++i) most = std::max(most, std::abs(x[head * 6 + i]));
      const double step = static_cast<double>(most) / (std::pow(2, bits - 1) - 1);
      EXPECT_EQ(got[head * 6], x[head * 6]) << "it was not selected";
      for (std::size_t i = 1; i < 6; ++i) {
        const auto at = head * 6 + i;
        const double steps = static_cast<double>(got[at]) / step;
        EXPECT_NEAR(steps, std::round(steps), 1e-3) << bits << " " << at;
        EXPECT_LE(std::abs(static_cast<double>(got[at]) - static_cast<double>(x[at])), step / 2 * 1.0001) << bits << " " << at;
      }
    }
  }
}

TEST(Round, leaves_what_has_no_steps) {
  const std::vector<float> zeros(12, 0.0F);
  EXPECT_EQ(rounded(zeros, R"("hook": "blocks.0.hook_mlp_out")", HookKind::MlpOut), zeros);
  auto odd = kNumbers;
  odd[0] = std::numeric_limits<float>::infinity(), odd[1] = -odd[0], odd[2] = std::nanf("");
  const auto got = rounded(odd, R"("hook": "blocks.0.hook_mlp_out", "bits": 3)", HookKind::MlpOut);
  EXPECT_EQ(got[0], odd[0]);
  EXPECT_EQ(got[1], odd[1]);
  EXPECT_TRUE(std::isnan(got[2]));
  EXPECT_FLOAT_EQ(got[9], 1.635F) << "the largest that is finite";
  EXPECT_FLOAT_EQ(got[3], 1.635F / 3);
}

TEST(Round, of_scores_leaves_those_that_are_cut) {
  const auto edits = compile(round_recipe(R"("hook": "blocks.0.attn.hook_attn_scores", "bits": 2, "heads": [1])"),
                             {.config = round_config(), .n_prompt = 3, .n_total = 3});
  ASSERT_TRUE(edits) << edits.error().message;
  const float cut = -std::numeric_limits<float>::infinity();
  std::vector<float> row{0.3F, 2, 1, cut, -4, 1.5F};
  (*edits)->apply_causal({HookKind::AttnScores, 0}, 2, row.data());
  EXPECT_EQ(row, (std::vector<float>{0.3F, 2, 1, cut, -4, 0}));
}

TEST(Round, says_what_it_takes_and_itself) {
  const auto sentence = [](const std::string& keys) {
    const auto recipe = parse_recipe(R"({"version": 1, "edits": [{"op": "round", "hook": "hook_embed")" + keys + "}]}");
    return recipe ? std::string() : recipe.error().message;
  };
  for (const char* bits : {"1", "17", "7.5", "\"8\"", "-3"})
    EXPECT_EQ(sentence(R"(, "bits": )" + std::string(bits)), "edit 1: 'bits' must be a whole number from 2 to 16") << bits;
  EXPECT_EQ(sentence(R"(, "outliers": -1)"), "edit 1: 'outliers' is a magnitude, so it must not be negative");
  EXPECT_EQ(sentence(R"(, "factor": 1)"),
            "edit 1: 'factor' is not known for 'round' at hook_embed; allowed are hook, op, enabled, bits, outliers, positions, dims");
  const Recipe recipe = round_recipe(R"("hook": "blocks.0.mlp.hook_post", "bits": 4, "outliers": 6, "positions": "last")");
  EXPECT_EQ(parse_recipe(to_json(recipe)).value(), recipe);
  EXPECT_EQ(summary(recipe.edits[0]), "round to 4 bits, without numbers beyond 6, block 0 mlp.post, last position");
  EXPECT_EQ(words_of(recipe.edits[0]), "rounded to 4 bits");
  const Recipe plain = round_recipe(R"("hook": "blocks.0.mlp.hook_post")");
  EXPECT_EQ(summary(plain.edits[0]), "round to 8 bits block 0 mlp.post, all positions");
  EXPECT_EQ(tag_of(plain.edits[0]), "int8");
}

}  // namespace
}  // namespace gf
