// add_norm, project_out and swap beside a naive twin and beside numbers of numpy, and the vectors of all operations.
#include <cmath>

#include "model/edits/compiled.h"
#include "tests/model/cpu/forward_checks.h"
#include "tests/model/cpu/random_model.h"
#include "tests/model/edits/recipe_of.h"

namespace gf::testing {
namespace {

Recipe directions_recipe(const std::string& keys) { return recipe_of("{" + keys + "}"); }

ModelConfig directions_config() {
  ModelConfig c;
  c.n_layer = 2, c.n_head = 2, c.d_model = 6, c.d_head = 3, c.d_mlp = 5, c.n_ctx = 8, c.n_vocab = 7;
  return c;
}

/// Two rows at blocks.1.hook_resid_mid: rng = default_rng(5); rng.normal(size=(2, 6)).astype(float32).round(3).
constexpr float kRows[12] = {-0.802F, -1.324F, -0.248F, 0.42F, 1.136F, 0.11F, -0.553F, -0.785F, 0.749F, 1.635F, 0.273F, -1.233F};

void expect_rows(const std::string& keys, const std::vector<double>& want, double norm) {
  std::vector<float> x(std::begin(kRows), std::end(kRows));
  const auto edits = compile(directions_recipe(R"("hook": "blocks.1.hook_resid_mid", )" + keys),
                             {.config = directions_config(), .n_prompt = 2, .n_total = 2});
  ASSERT_TRUE(edits) << edits.error().message;
  (*edits)->apply({HookKind::ResidMid, 1}, 0, 2, x.data(), 6);
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(static_cast<double>(x[i]), want[i], 1e-6) << i;
  EXPECT_NEAR((*edits)->receipts()[0].norm, norm, 1e-6);
}

TEST(AddNorm, gives_the_numbers_that_numpy_gives) {
  // u = [1, -2, 0.5] / norm; y[:, [1, 3, 5]] += 0.75 * norm(y[:, [1, 3, 5]], axis 1)[:, None] * u, in float64.
  expect_rows(R"("op": "add_norm", "vector": [1, -2, 0.5], "factor": 0.75, "dims": [1, 3, 5])",
              {-0.801999986, -0.867913074, -0.247999996, -0.492173867, 1.13600004, 0.338043463, -0.552999973, -0.0671357004, 0.749000013,
               0.199271339, 0.273000002, -0.874067877},
              1.9487325352213973);
}

TEST(ProjectOut, gives_the_numbers_that_numpy_gives) {
  // y[:, [1, 3, 5]] -= (y[:, [1, 3, 5]] @ u)[:, None] * u, in float64.
  expect_rows(R"("op": "project_out", "vector": [1, -2, 0.5], "dims": [1, 3, 5])",
              {-0.801999986, -0.92228572, -0.247999996, -0.383428575, 1.13600004, 0.31085714, -0.552999973, 0.104809503, 0.749000013,
               -0.144619068, 0.273000002, -0.788095276},
              2.236953429857685);
}

using Numbers = std::vector<double>;
double dot_of(const Numbers& a, const Numbers& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}
Numbers directions_unit(Numbers v) {
  const double length = std::sqrt(dot_of(v, v));
  for (double& x : v) x /= length;
  return v;
}
Numbers with_more(Numbers x, double factor, const Numbers& v) {
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += factor * v[i];
  return x;
}

/// Every hook of a run with edits and of one without.
struct TwoRuns {
  Trace base, edited;
};

class Directions : public ::testing::Test {
 protected:
  std::shared_ptr<const Weights> weights = make_random({.n_layer = 3, .n_head = 3, .d_head = 8});
  std::vector<TokenId> ids = random_ids(9, 17);

  TwoRuns run(const std::string& keys) {
    TwoRuns pair{Trace(weights->config, everything()), Trace(weights->config, everything())};
    const auto cpu = make_cpu_backend(2);
    EXPECT_TRUE(cpu->load(weights));
    extend(*cpu, pair.base, ids);
    const auto edits = compile(directions_recipe(keys), {.config = weights->config, .n_prompt = 9, .n_total = 9, .base = &pair.base});
    EXPECT_TRUE(edits) << edits.error().message;
    if (edits) extend(*cpu, pair.edited, ids, {1 << 20}, edits->get());
    return pair;
  }
};

const Numbers kOfHead{1, 0, -1, 2, 0.5, 0, 0, 3};
constexpr HookId kZ{HookKind::Z, 1};

TEST_F(Directions, add_norm_acts_on_each_head_for_itself) {
  const auto [base, edited] =
      run(R"("op": "add_norm", "hook": "blocks.1.attn.hook_z", "vector": [1, 0, -1, 2, 0.5, 0, 0, 3], "factor": -1.5, "heads": [0, 2])");
  // Nothing before block 1's z is edited: the row before the edit is the unedited one.
  for (int p = 0; p < 9; ++p) {
    const auto x = base.row(kZ, p), y = edited.row(kZ, p);
    for (std::size_t h = 0; h < 3; ++h) {
      const Numbers part(x.begin() + static_cast<std::ptrdiff_t>(h) * 8, x.begin() + static_cast<std::ptrdiff_t>(h + 1) * 8);
      const Numbers want = h == 1 ? part : with_more(part, -1.5 * std::sqrt(dot_of(part, part)), directions_unit(kOfHead));
      for (std::size_t i = 0; i < 8; ++i) EXPECT_NEAR(static_cast<double>(y[h * 8 + i]), want[i], 1e-5) << p << " " << h << " " << i;
    }
  }
}

TEST_F(Directions, nothing_is_left_along_what_was_projected_out) {
  const auto [base, edited] =
      run(R"("op": "project_out", "hook": "blocks.*.hook_resid_post", "vector": [1, -2, 0.5], "dims": [3, 10, 20])");
  const Numbers u = directions_unit({1, -2, 0.5});
  const auto picked = [](std::span<const float> row) {
    return Numbers{static_cast<double>(row[3]), static_cast<double>(row[10]), static_cast<double>(row[20])};
  };
  for (int layer = 0; layer < 3; ++layer) {
    const HookId hook{HookKind::ResidPost, layer}, mid{HookKind::ResidMid, layer}, mlp{HookKind::MlpOut, layer};
    for (int p = 0; p < 9; ++p) {
      const Numbers x = with_more(picked(edited.row(mid, p)), 1, picked(edited.row(mlp, p)));
      const Numbers want = with_more(x, -dot_of(x, u), u), got = picked(edited.row(hook, p));
      EXPECT_NEAR(dot_of(got, u), 0, 1e-5) << layer << " " << p;
      for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(got[i], want[i], 1e-5) << layer << " " << p << " " << i;
    }
  }
  EXPECT_GT(std::abs(dot_of(picked(base.row({HookKind::ResidPost, 0}, 4)), u)), 1e-3) << "something was there";
}

TEST_F(Directions, swap_takes_the_coefficient_of_the_unedited_run) {
  std::string f = "[", t = "[";
  Numbers from, to;
  for (int i = 0; i < 24; ++i) {
    from.push_back(std::sin(i) + 0.1), to.push_back(std::cos(3 * i));
    f += (i > 0 ? ", " : "") + std::to_string(static_cast<float>(from.back()));
    t += (i > 0 ? ", " : "") + std::to_string(static_cast<float>(to.back()));
  }
  from = directions_unit(from), to = directions_unit(to);
  const auto [base, edited] = run(R"("op": "swap", "hook": "blocks.*.hook_resid_post", "from": )" + f + R"(], "to": )" + t + "]");
  for (int layer = 0; layer < 3; ++layer)
    for (int p = 0; p < 9; ++p) {
      const auto wide = [&](const Trace& trace, HookKind kind) {
        const auto row = trace.row({kind, layer}, p);
        return Numbers(row.begin(), row.end());
      };
      const Numbers x = with_more(wide(edited, HookKind::ResidMid), 1, wide(edited, HookKind::MlpOut));
      const double c = dot_of(wide(base, HookKind::ResidPost), from);
      const Numbers want = with_more(with_more(x, -c, from), c, to), got = wide(edited, HookKind::ResidPost);
      for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], want[i], 3e-5) << layer << " " << p << " " << i;
    }
}

std::string directions_sentence(const std::string& keys) {
  const auto recipe = parse_recipe(R"({"version": 1, "edits": [{)" + keys + "}]}");
  if (!recipe) return recipe.error().message;
  const auto edits = compile(*recipe, {.config = directions_config(), .n_prompt = 2, .n_total = 2});
  return edits ? std::string() : edits.error().message;
}

TEST(DirectionEdits, say_what_they_need) {
  EXPECT_EQ(directions_sentence(R"("op": "add_norm", "hook": "blocks.0.hook_mlp_out", "vector": [1, 2, 3, 4, 5, 6])"),
            "edit 1: 'add_norm' needs 'factor'");
  EXPECT_EQ(directions_sentence(R"("op": "project_out", "hook": "blocks.0.hook_mlp_out")"), "edit 1: 'project_out' needs 'vector'");
  EXPECT_EQ(directions_sentence(R"("op": "swap", "hook": "blocks.0.hook_mlp_out", "from": [1, 2, 3, 4, 5, 6])"),
            "edit 1: 'swap' needs 'to'");
  EXPECT_EQ(directions_sentence(R"("op": "swap", "hook": "blocks.0.hook_mlp_out", "from": [1, 2, 3, 4, 5, 6], "to": [0, 0, 0, 0, 0, 0])"),
            "edit 1: the vector of 'swap' is 0, which is not a direction");
  EXPECT_EQ(directions_sentence(R"("op": "swap", "hook": "blocks.0.attn.hook_z", "from": [1, 2, 3], "to": [1, 2])"),
            "edit 1: the vector has 2 numbers, but the last axis of blocks.0.attn.hook_z has 3 selected entries");
  EXPECT_EQ(directions_sentence(R"("op": "project_out", "hook": "blocks.0.hook_mlp_out", "vector": [0, 0, 0, 0, 0, 0])"),
            "edit 1: the vector of 'project_out' is 0, which is not a direction");
  for (const char* keys : {R"("op": "add_norm", "vector": [1], "factor": 1)", R"("op": "project_out", "vector": [1])",
                           R"("op": "swap", "from": [1], "to": [1])"}) {
    const std::string said = directions_sentence(R"("hook": "blocks.0.attn.hook_pattern", )" + std::string(keys));
    EXPECT_TRUE(said.ends_with("is not possible at blocks.0.attn.hook_pattern: its rows differ in length, so no direction fits them"))
        << said;
  }
  EXPECT_EQ(directions_sentence(R"("op": "add", "hook": "blocks.0.attn.hook_z", "vector": {"tokens": "a"})"),
            "edit 1: the direction of a token is one of the residual stream, so it does not fit blocks.0.attn.hook_z");
  EXPECT_EQ(directions_sentence(R"("op": "add", "hook": "blocks.0.attn.hook_pattern", "vector": {"ids": [[[1]], [[2]]]})"),
            "edit 1: the rows of blocks.0.attn.hook_pattern differ in length, so prompts give no vector there");
}

TEST(DirectionEdits, are_written_and_read_again_and_say_themselves) {
  const auto said = [](const std::string& keys, const std::string& line, const std::string& words) {
    const Recipe recipe = directions_recipe(keys);
    ASSERT_EQ(recipe.edits.size(), 1U);
    EXPECT_EQ(parse_recipe(to_json(recipe)).value(), recipe) << to_json(recipe);
    EXPECT_EQ(summary(recipe.edits[0]), line);
    EXPECT_EQ(words_of(recipe.edits[0]), words);
    EXPECT_FALSE(tag_of(recipe.edits[0]).empty());
  };
  said(R"("op": "add_norm", "hook": "blocks.1.hook_resid_post", "vector": [0.1, -2], "dims": [0, 1], "factor": 0.5)",
       "add 0.5 of the norm along a vector at block 1 resid_post, all positions, dims 0, 1", "+ 0.5 of its norm along a vector");
  said(R"("op": "project_out", "hook": "blocks.*.hook_out", "vector": {"tokens": " Paris", "against": " Rome"})",
       "project out the direction of “ Paris” against “ Rome” at every block resid_post, all positions",
       "without the direction of “ Paris” against “ Rome”");
  said(
      R"("op": "swap", "hook": "blocks.2.hook_resid_mid", "from": {"tokens": "#3"}, "to": {"prompts": [["a", "b"], ["c"]]}, "positions": "last")",
      "swap the direction of “#3” for the mean difference of prompts (2 against 1) at block 2 resid_mid, last position",
      "the direction of “#3” becomes the mean difference of prompts (2 against 1)");
  said(R"("op": "add", "hook": "blocks.2.attn.hook_z", "vector": {"ids": [[[1, 2]], [[3], [4]]]}, "factor": 2)",
       "add the mean difference of prompts (1 against 2) times 2 at block 2 z, all positions",
       "+ 2 × the mean difference of prompts (1 against 2)");
  said(R"("op": "clamp", "hook": "blocks.0.hook_in", "vector": {"file": "v.npz", "tensor": "v"}, "value": 1)",
       "clamp to 1 along a vector at block 0 resid_pre, all positions", "clamped to 1 along a vector");
}

}  // namespace
}  // namespace gf::testing
