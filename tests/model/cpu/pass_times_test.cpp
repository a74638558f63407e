// Where a pass on the CPU spends its time, what it moves and computes: against the formulas of `bench`.
#include "model/pass_times.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "model/edits/compiled.h"
#include "model/edits/recipe.h"
#include "tests/model/cpu/forward_checks.h"
#include "tests/model/cpu/random_model.h"

namespace gf::testing {
namespace {

class CpuPassTimes : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(backend->load(weights)); }
  PassTimes step(Trace& trace, int rows, CompiledEdits* edits = nullptr) { return timed_step(*backend, trace, ids, rows, edits); }
  static OperationTimes of(const PassTimes& times, const char* name) {
    const auto found = std::ranges::find(times.operations, name, &OperationTimes::name);
    return found == times.operations.end() ? OperationTimes{} : *found;
  }
  static std::uint64_t flops_of(const PassTimes& times, std::initializer_list<const char*> names) {
    std::uint64_t sum = 0;
    for (const char* name : names) sum += of(times, name).flops;
    return sum;
  }

  static constexpr int kLayers = 3, kHeads = 2, kModel = 64, kMlp = 200, kVocab = 97;
  std::shared_ptr<const Weights> weights =
      make_random({.n_layer = kLayers, .n_head = kHeads, .d_head = kModel / kHeads, .d_mlp = kMlp, .n_ctx = 160, .n_vocab = kVocab});
  std::vector<TokenId> ids = random_ids(150, kVocab);
  std::unique_ptr<Backend> backend = make_cpu_backend(2);
};

constexpr std::initializer_list<const char*> kProducts = {"qkv matmul", "attention scores", "attention z", "attention out",
                                                          "mlp in",     "mlp out",          "unembed"};

TEST_F(CpuPassTimes, a_prompt_computes_what_bench_says) {
  constexpr std::uint64_t T = 130, kMatrices = kLayers * (4 * kModel * kModel + 2 * kModel * kMlp), kHead = kModel * kVocab;
  Trace trace(weights->config, CapturePlan::full());
  const PassTimes times = step(trace, T);
  EXPECT_EQ(times.first_position, 0);
  EXPECT_EQ(times.rows, 130);
  EXPECT_EQ(flops_of(times, kProducts), 2 * T * (kMatrices + kHead) + 2 * kLayers * kModel * T * (T + 1));
  // Without capture the last row's logits alone are computed.
  Trace bare(weights->config, CapturePlan::none());
  EXPECT_EQ(flops_of(step(bare, T), kProducts), 2 * T * kMatrices + 2 * kHead + 2 * kLayers * kModel * T * (T + 1));
}

TEST_F(CpuPassTimes, a_token_reads_what_bench_says) {
  Trace trace(weights->config, CapturePlan::none());
  step(trace, 129);
  const PassTimes times = step(trace, 1);
  constexpr std::uint64_t T = 130, kFloat = 4;
  // Each matrix and its bias once, its row in and its row out.
  EXPECT_EQ(of(times, "qkv matmul").bytes, kLayers * kFloat * (3 * kModel * kModel + 3 * kModel + kModel + 3 * kModel));
  EXPECT_EQ(of(times, "mlp in").bytes, kLayers * kFloat * (kModel * kMlp + kMlp + kModel + kMlp));
  EXPECT_EQ(of(times, "unembed").bytes, kFloat * (kModel * kVocab + kModel + kVocab));
  // Keys and values once, the query's row and z's.
  EXPECT_EQ(of(times, "attention scores").bytes + of(times, "attention z").bytes, kLayers * kFloat * (2 * T * kModel + 2 * kModel));
  EXPECT_EQ(of(times, "attention scores").flops, kLayers * 2 * kModel * T);
  EXPECT_EQ(of(times, "attention softmax").bytes, 0U) << "the plan does not keep the pattern";
  EXPECT_EQ(of(times, "attention entropy").calls, 0U);
}

TEST_F(CpuPassTimes, each_operation_ran_as_often_as_the_model_has_it) {
  Trace trace(weights->config, CapturePlan::defaults());
  for (const int rows : {130, 1}) {
    const PassTimes times = step(trace, rows);
    for (const char* name :
         {"qkv matmul", "attention scores", "attention softmax", "attention z", "attention out", "mlp in", "gelu", "mlp out"})
      EXPECT_EQ(of(times, name).calls, 3U) << name;
    EXPECT_EQ(of(times, "layernorm").calls, 6U);
    EXPECT_EQ(of(times, "residual add").calls, 6U);
    EXPECT_EQ(of(times, "ln_final").calls, 1U);
    EXPECT_EQ(of(times, "embedding").calls, 1U);
    EXPECT_EQ(of(times, "unembed").calls, rows > 64 ? 3U : 1U) << "64 rows at a time";
    EXPECT_EQ(of(times, "edits").calls, 0U);
    double sum = 0;
    for (const OperationTimes& o : times.operations) {
      EXPECT_GT(o.ms, 0) << o.name;
      EXPECT_EQ(o.bytes > 0, o.name != "rest") << o.name;
      EXPECT_EQ(o.flops > 0, o.name != "rest") << o.name;
      sum += o.ms;
    }
    EXPECT_LE(sum, times.ms * 1.000001);
    EXPECT_GT(sum, times.ms * 0.99) << "all of the pass is somewhere";
  }
}

TEST_F(CpuPassTimes, measuring_changes_nothing) {
  const auto recipe = parse_recipe(R"({"version": 1, "edits": [
    {"hook": "blocks.0.mlp.hook_pre", "op": "scale", "factor": 2},
    {"hook": "blocks.1.attn.hook_pattern", "op": "zero", "keys": [1]}]})");
  ASSERT_TRUE(recipe);
  const auto compiled = [&] { return std::move(*compile(*recipe, {.config = weights->config, .n_prompt = 100, .n_total = 101})); };
  const auto a = compiled(), b = compiled();
  Trace timed(weights->config, everything()), plain(weights->config, everything());
  EXPECT_GT(of(step(timed, 100, a.get()), "edits").calls, 0U);
  EXPECT_GT(of(step(timed, 1, a.get()), "edits").ms, 0);
  extend(*backend, plain, std::span(ids).first(101), {100, 1}, b.get());
  expect_same_bits(timed, plain);
}

TEST(ShareOfLimit, the_nearer_limit_counts) {
  const OperationTimes half{.name = "", .calls = 1, .ms = 2, .bytes = 10'000'000, .flops = 1'000'000};
  EXPECT_DOUBLE_EQ(share_of_limit(half, {.gb_per_s = 10, .gflops = 100}), 0.5);
  EXPECT_DOUBLE_EQ(share_of_limit(half, {.gb_per_s = 0, .gflops = 1}), 0.5);
  EXPECT_DOUBLE_EQ(share_of_limit(half, {}), 0);
}

}  // namespace
}  // namespace gf::testing
