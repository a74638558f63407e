// Times by kernel: each launch is in them once, with what the executor counts in it.
#include "cuda/timed_api.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "model/edits/recipe.h"
#include "model/pass_times.h"
#include "tests/cuda_host/conformance.h"

namespace gf::testing {
namespace {

/// Two steps with times, on a model large enough that a row is more than some sectors of memory.
class TimedSteps : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(device.backend->load(weights)); }

  PassTimes step(Trace& trace, int rows, CompiledEdits* edits = nullptr) {
    device.api->reset_totals();
    return timed_step(*device.backend, trace, ids, rows, edits);
  }

  /// The formulas of cuda/kernel_cost.h against what the kernels did.
  void expect_as_counted(const PassTimes& times) const {
    std::size_t kernels = 0;
    for (const auto& [kernel, totals] : device.api->totals()) {
      if (kernel == "copies") continue;
      ++kernels;
      const auto found = std::ranges::find(times.operations, kernel, &OperationTimes::name);
      ASSERT_NE(found, times.operations.end()) << kernel;
      EXPECT_EQ(found->calls, totals.launches) << kernel;
      EXPECT_EQ(found->ms, static_cast<double>(totals.launches)) << kernel << ": a launch takes a millisecond here";
      EXPECT_EQ(found->flops, totals.flops) << kernel;
      // The executor counts sectors of 32 bytes, so rows that begin between two of them count a little more.
      const auto counted = static_cast<double>(totals.bytes_read + totals.bytes_written);
      EXPECT_NEAR(static_cast<double>(found->bytes), counted, 0.08 * counted + 256.0 * static_cast<double>(totals.launches)) << kernel;
    }
    EXPECT_EQ(kernels, times.operations.size());
    double sum = 0;
    for (const OperationTimes& k : times.operations) sum += k.ms;
    EXPECT_LE(sum, times.ms);
    EXPECT_GT(sum, 0);
  }

  std::shared_ptr<const Weights> weights =
      make_random({.n_layer = 2, .n_head = 2, .d_head = 32, .d_mlp = 160, .n_ctx = 96, .n_vocab = 130});
  std::vector<TokenId> ids = [] {
    std::vector<TokenId> each;  // no token twice: their rows of the embedding are read once each
    for (int i = 0; i < 70; ++i) each.emplace_back(i);
    return each;
  }();
  CudaOnHost device = make_cuda_on_host(1);
};

TEST_F(TimedSteps, each_launch_is_there_with_what_it_moves_and_computes) {
  CapturePlan entropy = CapturePlan::none();
  entropy.want(HookKind::PatternEntropy);
  CapturePlan all = everything();
  all.want(HookKind::PatternEntropy);
  for (const CapturePlan& plan : {CapturePlan::none(), entropy, all}) {
    Trace trace(weights->config, plan);
    const PassTimes prefill = step(trace, 64);
    EXPECT_EQ(prefill.first_position, 0);
    EXPECT_EQ(prefill.rows, 64);
    expect_as_counted(prefill);
    const PassTimes decode = step(trace, 1);
    EXPECT_EQ(decode.first_position, 64);
    EXPECT_EQ(decode.rows, 1);
    expect_as_counted(decode);
    expect_as_counted(step(trace, 5));
  }
}

TEST_F(TimedSteps, edits_are_kernels_too) {
  const auto recipe = parse_recipe(R"({"version": 1, "edits": [
    {"hook": "blocks.0.attn.hook_z", "op": "scale", "factor": 2, "heads": [0]},
    {"hook": "blocks.1.hook_attn_out", "op": "clamp", "vector": [1, 2], "dims": [0, 3], "value": 1},
    {"hook": "blocks.0.hook_mlp_out", "op": "round", "bits": 6},
    {"hook": "blocks.1.attn.hook_pattern", "op": "zero", "keys": [1], "renormalize": true}]})");
  ASSERT_TRUE(recipe);
  const auto edits = compile(*recipe, {.config = weights->config, .n_prompt = 64, .n_total = 64});
  ASSERT_TRUE(edits);
  Trace trace(weights->config, CapturePlan::none());
  const PassTimes times = step(trace, 64, edits->get());
  for (const char* kernel : {"edit_rows", "edit_causal", "edit_along", "edit_round"}) {
    const auto found = std::ranges::find(times.operations, kernel, &OperationTimes::name);
    ASSERT_NE(found, times.operations.end()) << kernel;
    EXPECT_EQ(found->calls, 1U);
    EXPECT_GT(found->bytes, 0U);
  }
}

TEST_F(TimedSteps, measuring_changes_nothing) {
  Trace timed(weights->config, everything()), plain(weights->config, everything());
  EXPECT_FALSE(step(timed, 64).operations.empty());
  EXPECT_FALSE(step(timed, 1).operations.empty());
  ASSERT_EQ(append(*device.backend, plain, std::span(ids).first(65), {64, 1}), "");
  expect_same_bits(timed, plain);
}

}  // namespace
}  // namespace gf::testing
