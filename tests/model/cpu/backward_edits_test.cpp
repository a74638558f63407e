// Gradients through recipes: every operation has its slope, and every hook lets it through.
#include <gtest/gtest.h>
#include <random>

#include "model/dictionaries/fitted.h"
#include "model/edits/ops/operation.h"
#include "tests/model/cpu/backward_checks.h"
#include "tests/model/cpu/random_model.h"
#include "tests/model/dictionaries/random_dictionary.h"
#include "tests/model/edits/recipe_of.h"

namespace gf::testing {
namespace {

/// `op`: from its name on, without the quotes around the whole. The test puts a dictionary of rows of 16 in the file's place.
std::string feature_edit(const std::string& op) {
  return R"({"hook": "blocks.1.hook_resid_pre", "dictionary": {"file": "random", "feature": 5}, "op": ")" + op + R"("})";
}

/// One edit for each operation, at a hook of rows of 16 or of 40 numbers.
const std::vector<std::pair<EditOp, std::string>>& one_of_each() {
  static const std::string v16 = R"("vector": [1, -2, 0.5, 0, 1, 1, -1, 2, 0.3, -0.4, 0.6, 1, 0, -1, 0.7, 0.2])";
  static const std::vector<std::pair<EditOp, std::string>> all = {
      {EditOp::Zero, R"({"hook": "blocks.0.mlp.hook_post", "op": "zero", "neurons": "3:20"})"},
      {EditOp::Set, R"({"hook": "blocks.0.hook_resid_mid", "op": "set", "value": 0.3, "dims": [2, 5], "positions": "2:"})"},
      {EditOp::Scale, R"({"hook": "blocks.1.attn.hook_z", "op": "scale", "factor": -0.7, "heads": [1]})"},
      {EditOp::Add, R"({"hook": "blocks.0.hook_resid_post", "op": "add", )" + v16 + R"(, "factor": 0.8})"},
      {EditOp::Mean, R"({"hook": "blocks.0.attn.hook_v", "op": "mean", "heads": [0], "positions": "1:4"})"},
      {EditOp::Patch, R"({"hook": "blocks.0.hook_mlp_out", "op": "patch", "positions": [2, 3], "source": {"ids": [1, 2, 3, 4, 5, 6]}})"},
      {EditOp::Clamp, R"({"hook": "blocks.1.hook_resid_pre", "op": "clamp", )" + v16 + R"(, "value": 0.9})"},
      {EditOp::AddNorm, R"({"hook": "blocks.1.hook_resid_pre", "op": "add_norm", )" + v16 + R"(, "factor": 0.4})"},
      {EditOp::ProjectOut, R"({"hook": "blocks.*.hook_resid_mid", "op": "project_out", )" + v16 + R"(, "positions": "1:"})"},
      {EditOp::Swap, R"({"hook": "blocks.0.hook_resid_post", "op": "swap", "from": [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], )"
                     R"("to": [0, 1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0]})"},
      {EditOp::Noise, R"({"hook": "hook_pos_embed", "op": "noise", "std": 0.5, "seed": 3})"},
      {EditOp::Round, R"({"hook": "blocks.0.attn.hook_k", "op": "round", "bits": 3})"},
      {EditOp::ZeroFeature, feature_edit("zero")},
      {EditOp::ScaleFeature, feature_edit(R"(scale", "factor": 1.7, "positions": "1:)")},
      {EditOp::ClampFeature, feature_edit(R"(clamp", "value": 0.8, "positions": "0:)")},
  };
  return all;
}

class BackwardEdits : public ::testing::Test {
 protected:
  std::shared_ptr<const Weights> weights = make_random({.n_ctx = 80, .seed = 9});
  std::vector<TokenId> ids = random_ids(6, 17);
  std::unique_ptr<Backend> cpu = make_cpu_backend(2), naive = make_naive_backend();
  TestObjective m{{3, 5}, true};
  DictionaryConfig kind;  ///< of the dictionaries of edits on features

  void SetUp() override { ASSERT_TRUE(cpu->load(weights) && naive->load(weights)); }

  Trace run(Backend& backend, CompiledEdits* edits, const CapturePlan& plan = everything()) const {
    Trace trace(weights->config, plan);
    extend(backend, trace, ids, {1 << 20}, edits);
    return trace;
  }
  /// With the unedited run and, for each edit, the run that it takes from.
  std::unique_ptr<CompiledEdits> compiled(const std::string& edits) {
    Recipe recipe = recipe_of(edits);
    for (Edit& edit : recipe.edits)
      if (edit.vector && edit.vector->feature >= 0)
        edit.vector->dictionary = std::make_shared<const FittedDictionary>(
            FittedDictionary{random_dictionary(16, 24, kind, 3), *parse_hook(edit.hook, 2), *parse_hook(edit.hook, 2), {}});
    base_ = run(*naive, nullptr);
    const auto source = std::make_shared<const Trace>([&] {
      Trace trace(weights->config, everything());
      extend(*naive, trace, random_ids(static_cast<int>(ids.size()), 17, 99));
      return trace;
    }());
    std::vector<std::vector<std::shared_ptr<const Trace>>> sources(recipe.edits.size());
    for (std::size_t i = 0; i < sources.size(); ++i)
      if (recipe.edits[i].source) sources[i] = {source};
    const auto T = static_cast<int>(ids.size());
    auto made = compile(recipe, {.config = weights->config, .n_prompt = T, .n_total = T, .base = &base_, .sources = sources});
    EXPECT_TRUE(made) << edits << ": " << made.error().message;
    return made ? std::move(*made) : nullptr;
  }
  /// CPU and twin agree, from a full run and from one that kept nothing; and both are what differences of runs give.
  void expect_slopes(const std::string& recipe, const std::vector<HookId>& hooks) {
    SCOPED_TRACE(recipe);
    const auto edits = compiled(recipe);
    ASSERT_NE(edits, nullptr);
    const Trace values = run(*naive, edits.get());
    const Trace want = gradients_of(*naive, values, m, edits.get());
    expect_close_gradients(gradients_of(*cpu, run(*cpu, edits.get()), m, edits.get()), want);
    expect_close_gradients(gradients_of(*cpu, run(*cpu, edits.get(), CapturePlan::none()), m, edits.get()), want);
    std::mt19937 engine(4);
    for (const HookId hook : hooks)
      for (int i = 0; i < 6; ++i) {
        const int position = static_cast<int>(engine() % ids.size());
        const std::size_t element = engine() % row_size(info_of(hook.kind).shape, weights->config, position);
        const double difference = difference_at(*naive, values, m, hook, position, element, edits.get());
        EXPECT_NEAR(static_cast<double>(want.row(hook, position)[element]), difference, 3e-3 + 3e-3 * std::abs(difference))
            << name_of(hook) << " row " << position << " [" << element << "]";
      }
  }

 private:
  Trace base_;
};

const HookId kEmbedHook{HookKind::Embed, -1};

TEST_F(BackwardEdits, every_operation_has_a_slope) {
  std::vector<EditOp> seen;
  for (const auto& [op, recipe] : one_of_each()) {
    seen.push_back(op);
    // What is rounded moves in steps, which differences of runs do not see as a slope: see the numbers below.
    if (op == EditOp::Round) expect_slopes(recipe, {});
    else expect_slopes(recipe, {kEmbedHook, {HookKind::AttnOut, 0}});
  }
  for (const EditOperation* operation : edit_operations()) {
    EXPECT_NE(std::ranges::find(seen, operation->op), seen.end()) << operation->name << " is not tried here";
  }
}

TEST_F(BackwardEdits, features_of_every_kind_have_slopes) {
  std::vector<DictionaryConfig> kinds(8);
  kinds[0].activation = FeatureActivation::TopK;
  kinds[1].activation = FeatureActivation::TopK, kinds[1].rescaled = true;
  kinds[2].activation = FeatureActivation::JumpRelu;
  kinds[3].activation = FeatureActivation::Gated;
  kinds[4].normalisation = RowNormalisation::LayerNorm;
  kinds[5].normalisation = RowNormalisation::ConstantNorm;
  kinds[6].centred = true;
  kinds[7].normalisation = RowNormalisation::LayerNorm, kinds[7].activation = FeatureActivation::TopK, kinds[7].centred = true;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    SCOPED_TRACE(i);
    kind = kinds[i];
    expect_slopes(feature_edit(R"(scale", "factor": 1.7, "positions": "0:)"), {kEmbedHook, {HookKind::AttnOut, 0}});
    expect_slopes(feature_edit("zero"), {kEmbedHook, {HookKind::MlpOut, 0}});
  }
}

TEST_F(BackwardEdits, edits_of_one_hook_act_one_after_the_other) {
  const std::string v = R"("vector": [1, -2, 0.5, 0, 1, 1, -1, 2, 0.3, -0.4, 0.6, 1, 0, -1, 0.7, 0.2])";
  const std::string at = R"({"hook": "blocks.1.hook_resid_pre", )";
  expect_slopes(at + R"("op": "scale", "factor": 0.5}, )" + at + R"("op": "add_norm", "factor": 1.5, )" + v + "}, " + at +
                    R"("op": "zero", "dims": [1, 2], "positions": [4]}, )" + at + R"("op": "clamp", "value": 1, )" + v + "}",
                {kEmbedHook, {HookKind::MlpOut, 0}});
}

TEST_F(BackwardEdits, attention_lets_slopes_through) {
  expect_slopes(R"({"hook": "blocks.0.attn.hook_pattern", "op": "scale", "factor": 0.5, "heads": [1], "keys": [0, 2], "renormalize": true},
                   {"hook": "blocks.1.attn.hook_pattern", "op": "zero", "queries": [3, 5], "keys": [1]},
                   {"hook": "blocks.1.attn.hook_attn_scores", "op": "set", "value": "-inf", "keys": [2], "queries": "3:"},
                   {"hook": "blocks.0.attn.hook_attn_scores", "op": "scale", "factor": 1.5, "heads": [0]})",
                {kEmbedHook, {HookKind::Q, 0}, {HookKind::K, 1}, {HookKind::Pattern, 0}, {HookKind::AttnScores, 1}});
}

TEST_F(BackwardEdits, every_hook_lets_slopes_through) {
  for (const HookId hook : all_hooks(2)) {
    const std::string recipe = R"({"hook": ")" + name_of(hook) + R"(", "op": "scale", "factor": 0.6})";
    expect_slopes(recipe, {{HookKind::ResidPre, 0}});
  }
}

TEST_F(BackwardEdits, more_rows_than_a_chunk) {
  ids = random_ids(70, 17);
  m = {{66, 69}, true};
  expect_slopes(R"({"hook": "blocks.0.attn.hook_pattern", "op": "scale", "factor": 0.5, "keys": [0, 65], "renormalize": true},
                   {"hook": "blocks.1.hook_resid_pre", "op": "zero", "positions": [64], "dims": [3]})",
                {});
}

TEST(RoundSlope, is_that_of_the_steps_size) {
  // 3 steps up to 2: x / step = 0.9, -1.35, 3, 0.3; y = 2/3 [1, -1, 3, 0]. dy/dx of the largest: [1, -1, 3, 0] / 3.
  const Edit edit = recipe_of(R"({"hook": "hook_embed", "op": "round", "bits": 3, "outliers": 5})").edits[0];
  const std::vector<float> x = {0.6F, -0.9F, 2.0F, 0.2F, 7.0F};
  std::vector<float> slope = {1, 10, 100, 1000, 5};
  operation_of(edit.op).slope(edit, {}, x, slope);
  const std::vector<float> want = {0, 0, (1 - 10 + 300) / 3.0F, 0, 5};
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_FLOAT_EQ(slope[i], want[i]) << i;
}

}  // namespace
}  // namespace gf::testing
