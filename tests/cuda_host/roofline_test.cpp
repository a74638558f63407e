// What the design is judged by, counted: decode moves hardly more than the weights, prefill never writes T x T.
#include "cuda/host/roofline.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace gf::cuda::host {
namespace {

Totals of(const StepCost& cost, const std::string& kernel) {
  const auto found = std::ranges::find(cost.kernels, kernel, &KernelCost::kernel);
  return found == cost.kernels.end() ? Totals{} : found->totals;
}

TEST(Roofline, decode_moves_the_weights_once_and_the_cache) {
  const auto cost = cost_of_decode(gpt2_small(), 40);
  ASSERT_TRUE(cost) << cost.error().message;
  const Totals sum = cost->sum();
  const auto moved = static_cast<double>(sum.bytes_read + sum.bytes_written), least = static_cast<double>(cost->weights_bytes);
  EXPECT_LE(moved, 1.03 * least + static_cast<double>(cost->kv_bytes));
  EXPECT_GE(moved, least) << "less than all weights cannot be enough";
  EXPECT_NEAR(least, 494.6e6, 1e5);
  // Two operations a weight.
  EXPECT_NEAR(static_cast<double>(of(*cost, "gemv").flops), 2.0 * (least / 4), 2e6);
}

TEST(Roofline, prefill_without_capture_never_writes_scores) {
  const ModelConfig config{.n_layer = 3, .n_head = 2, .d_model = 16, .d_head = 8, .d_mlp = 32, .n_ctx = 256, .n_vocab = 40};
  constexpr int T = 256;
  const auto cost = cost_of_prefill(config, T);
  ASSERT_TRUE(cost) << cost.error().message;
  EXPECT_EQ(of(*cost, "attention_scores").launches, 0U);
  EXPECT_EQ(of(*cost, "softmax_rows").launches, 0U);
  EXPECT_EQ(of(*cost, "attend").launches, 3U);
  EXPECT_EQ(of(*cost, "attend").bytes_written, 3U * T * 16 * 4) << "z and nothing else";
  EXPECT_EQ(of(*cost, "attend").bytes_read, 3U * 3 * T * 16 * 4) << "q, k and v once";
  for (const KernelCost& k : cost->kernels) {
    if (k.totals.launches == 0 || k.kernel == "copies") continue;
    EXPECT_LT(k.totals.bytes_written / k.totals.launches, std::uint64_t{T} * T * 4) << k.kernel;
  }
}

TEST(Roofline, the_slower_of_memory_and_arithmetic_counts) {
  const Limits limits{"a device", 10, 100};
  EXPECT_DOUBLE_EQ(least_seconds({1, 5'000'000'000, 5'000'000'000, 0}, limits), 1.0);
  EXPECT_DOUBLE_EQ(least_seconds({1, 0, 0, 200'000'000'000}, limits), 2.0);
}

}  // namespace
}  // namespace gf::cuda::host
