// clamp beside a naive twin and beside numbers of numpy.
#include <cmath>
#include <random>

#include "model/edits/compiled.h"
#include "tests/model/cpu/forward_checks.h"
#include "tests/model/cpu/random_model.h"
#include "tests/model/edits/recipe_of.h"

namespace gf::testing {
namespace {

Recipe clamp_recipe(const std::string& keys) { return recipe_of(R"({"op": "clamp", )" + keys + "}"); }

ModelConfig clamp_config() {
  ModelConfig c;
  c.n_layer = 2, c.n_head = 2, c.d_model = 6, c.d_head = 3, c.d_mlp = 5, c.n_ctx = 8, c.n_vocab = 7;
  return c;
}

TEST(Clamp, gives_the_numbers_that_numpy_gives) {
  // rng = default_rng(5); x = rng.normal(size=(2, 6)).astype(float32).round(3); v = [1, -2, 0.5]; u = v / norm(v);
  // y[:, [1, 3, 5]] += (1.5 - x[:, [1, 3, 5]] @ u)[:, None] * u, in float64.
  std::vector<float> x{-0.802F, -1.324F, -0.248F, 0.42F, 1.136F, 0.11F, -0.553F, -0.785F, 0.749F, 1.635F, 0.273F, -1.233F};
  const std::vector<float> want{-0.80199999F, -0.26763204F, -0.24800000F, -1.6927359F, 1.1360000F,  0.63818395F,
                                -0.55299997F, 0.75946319F,  0.74900001F,  -1.4539264F, 0.27300000F, -0.46076843F};
  const auto edits = compile(clamp_recipe(R"("hook": "blocks.1.hook_resid_mid", "vector": [1, -2, 0.5], "dims": [1, 3, 5], "value": 1.5)"),
                             {.config = clamp_config(), .n_prompt = 2, .n_total = 2});
  ASSERT_TRUE(edits) << edits.error().message;
  (*edits)->apply({HookKind::ResidMid, 1}, 0, 2, x.data(), 6);
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i], want[i], 1e-6) << i;
  EXPECT_EQ((*edits)->receipts()[0].fired, 6);
  EXPECT_NEAR((*edits)->receipts()[0].norm, 4.287390737731012, 1e-6);
}

TEST(Clamp, acts_on_each_head_for_itself_as_its_naive_twin_does) {
  const auto weights = make_random({.n_layer = 2, .n_head = 3, .d_head = 8});
  const auto ids = random_ids(9, 17);
  const auto recipe =
      clamp_recipe(R"("hook": "blocks.1.attn.hook_z", "vector": [1, 0, -1, 2, 0.5, 0, 0, 3], "value": -2, "heads": [0, 2])");
  const auto edits = compile(recipe, {.config = weights->config, .n_prompt = 9, .n_total = 9});
  ASSERT_TRUE(edits) << edits.error().message;
  const auto cpu = make_cpu_backend(2);
  ASSERT_TRUE(cpu->load(weights));
  Trace base(weights->config, everything()), edited(weights->config, everything());
  extend(*cpu, base, ids);
  extend(*cpu, edited, ids, {1 << 20}, edits->get());
  const std::vector<double> v{1, 0, -1, 2, 0.5, 0, 0, 3};
  double length = 0;
  for (const double x : v) length += x * x;
  for (int p = 0; p < 9; ++p) {
    const auto before = base.row({HookKind::Z, 1}, p), after = edited.row({HookKind::Z, 1}, p);
    for (std::size_t h = 0; h < 3; ++h) {
      double along = 0;
      for (std::size_t i = 0; i < 8; ++i) along += static_cast<double>(before[h * 8 + i]) * v[i] / std::sqrt(length);
      for (std::size_t i = 0; i < 8; ++i) {
        const double x = static_cast<double>(before[h * 8 + i]);
        const double want = h == 1 ? x : x - along * v[i] / std::sqrt(length) - 2 * v[i] / std::sqrt(length);
        EXPECT_NEAR(static_cast<double>(after[h * 8 + i]), want, 1e-5) << p << " " << h << " " << i;
      }
    }
  }
}

TEST(Clamp, says_what_it_needs) {
  const auto sentence = [](const std::string& keys) {
    const auto recipe = parse_recipe(R"({"version": 1, "edits": [{"op": "clamp", )" + keys + "}]}");
    if (!recipe) return recipe.error().message;
    const auto edits = compile(*recipe, {.config = clamp_config(), .n_prompt = 2, .n_total = 2});
    return edits ? std::string() : edits.error().message;
  };
  EXPECT_EQ(sentence(R"("hook": "logits", "value": 1)"), "edit 1: 'clamp' needs 'vector'");
  EXPECT_EQ(sentence(R"("hook": "logits", "vector": [1])"), "edit 1: 'clamp' needs 'value'");
  EXPECT_EQ(sentence(R"("hook": "blocks.0.hook_mlp_out", "vector": [0, 0, 0, 0, 0, 0], "value": 1)"),
            "edit 1: the vector of 'clamp' is 0, which is not a direction");
  EXPECT_EQ(sentence(R"("hook": "blocks.0.attn.hook_z", "vector": [1, 2], "value": 1)"),
            "edit 1: the vector has 2 numbers, but the last axis of blocks.0.attn.hook_z has 3 selected entries");
  EXPECT_EQ(sentence(R"("hook": "blocks.0.attn.hook_pattern", "vector": [1, 2], "value": 1)"),
            "edit 1: 'clamp' is not possible at blocks.0.attn.hook_pattern: its rows differ in length, so no direction fits them");
  EXPECT_EQ(
      sentence(R"("hook": "blocks.0.hook_mlp_out", "vector": [1, 0, 0, 0, 0, 0], "value": 1, "factor": 2)"),
      "edit 1: 'factor' is not known for 'clamp' at blocks.0.hook_mlp_out; allowed are hook, op, enabled, vector, value, positions, dims");
}

TEST(Clamp, is_written_and_read_again_and_says_itself) {
  const auto recipe =
      clamp_recipe(R"("hook": "blocks.1.hook_resid_post", "vector": [0.1, -2], "dims": [0, 1], "value": 3, "positions": "last")");
  EXPECT_EQ(*parse_recipe(to_json(recipe)), recipe);
  EXPECT_EQ(summary(recipe.edits[0]), "clamp to 3 along a vector at block 1 resid_post, last position, dims 0, 1");
  EXPECT_EQ(words_of(recipe.edits[0]), "clamped to 3 along a vector");
}

}  // namespace
}  // namespace gf::testing
