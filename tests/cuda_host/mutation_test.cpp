// What would the conformance suite notice? Every barrier of the kernels and every wait for an event is left out once,
// and something must fail.
#include <gtest/gtest.h>

#include "model/edits/recipe.h"
#include "tests/cuda_host/conformance.h"

namespace gf::testing {
namespace {

/// Matrices are multiplied as on a GPU without cuBLAS: that kernel has barriers too.
CudaOnHost with_own_products(unsigned seed) { return make_cuda_on_host(seed, std::size_t{256} << 20, true, true); }

/// A workload that comes by every barrier and every wait: load, prefill with and without capture, decode, edits.
class Workload {
 public:
  Workload() {
    auto naive = make_naive_backend();
    EXPECT_TRUE(naive->load(weights_));
    plain_ = Trace(weights_->config, everything());
    EXPECT_EQ(append(*naive, plain_, ids_), "");
    edited_ = Trace(weights_->config, everything());
    const auto edits = compiled();
    EXPECT_EQ(append(*naive, edited_, ids_, {40, 1}, edits.get()), "");
    receipts_ = edits->receipts();
  }

  /// Empty, or what went wrong.
  std::string run(CudaOnHost& device) const {
    if (const auto loaded = device.backend->load(weights_); !loaded) return loaded.error().message;
    for (const CapturePlan& plan : {everything(), CapturePlan::none()}) {
      Trace trace(weights_->config, plan);
      if (auto wrong = append(*device.backend, trace, ids_, {40, 1}); !wrong.empty()) return wrong;
      if (auto wrong = difference(trace, plain_); !wrong.empty()) return wrong;
      if (plan == everything())
        if (auto wrong = stats_difference(trace, plain_); !wrong.empty()) return wrong;
    }
    Trace trace(weights_->config, CapturePlan::full());
    const auto edits = compiled();
    if (auto wrong = append(*device.backend, trace, ids_, {40, 1}, edits.get()); !wrong.empty()) return wrong;
    for (std::size_t i = 0; i < receipts_.size(); ++i)
      if (!(std::abs(edits->receipts()[i].norm - receipts_[i].norm) < 1e-3)) return "a receipt";
    return difference(trace, edited_, 3);
  }

 private:
  std::unique_ptr<CompiledEdits> compiled() const {
    const auto recipe = parse_recipe(R"({"version": 1, "edits": [
      {"hook": "blocks.0.attn.hook_z", "op": "zero", "heads": [0]},
      {"hook": "blocks.1.attn.hook_pattern", "op": "zero", "keys": [1], "renormalize": true}]})");
    EXPECT_TRUE(recipe);
    auto made = compile(*recipe, {.config = weights_->config, .n_prompt = 40, .n_total = 42});
    EXPECT_TRUE(made);
    return std::move(*made);
  }

  std::shared_ptr<const Weights> weights_ = make_random({.n_layer = 4, .n_head = 1, .d_head = 8, .d_mlp = 20, .n_ctx = 64, .n_vocab = 270});
  std::vector<TokenId> ids_ = random_ids(42, 270);
  Trace plain_, edited_;
  std::vector<Receipt> receipts_;
};

TEST(Mutations, nothing_fails_as_it_is_on_many_schedules) {
  const Workload workload;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    CudaOnHost device = with_own_products(seed);
    EXPECT_EQ(workload.run(device), "") << seed;
  }
}

TEST(Mutations, a_missing_barrier_is_noticed) {
  const Workload workload;
  CudaOnHost whole = with_own_products(1);
  ASSERT_EQ(workload.run(whole), "");
  const auto barriers = whole.api->executor().barriers_seen();
  EXPECT_GE(barriers.size(), 15U);
  for (const auto& barrier : barriers) {
    CudaOnHost device = with_own_products(1);
    device.api->executor().remove_barrier(barrier);
    EXPECT_NE(workload.run(device), "") << barrier.file << ":" << barrier.line;
  }
}

TEST(Mutations, a_missing_wait_is_noticed) {
  const Workload workload;
  CudaOnHost whole = with_own_products(1);
  ASSERT_EQ(workload.run(whole), "");
  const auto waits = whole.api->waits_seen();
  EXPECT_GE(waits.size(), 3U);
  for (const auto& [event, of_host] : waits) {
    int noticed = 0;
    for (unsigned seed = 1; seed <= 6 && noticed == 0; ++seed) {
      CudaOnHost device = with_own_products(seed);
      device.api->leave_out_waits(event, of_host);
      if (!workload.run(device).empty()) ++noticed;
    }
    EXPECT_GT(noticed, 0) << "a wait for '" << event << "' by " << (of_host ? "the host" : "a stream");
  }
}

TEST(Failures, too_little_memory_is_a_sentence) {
  const auto weights = make_random({});
  CudaOnHost device = make_cuda_on_host(1, std::size_t{4} << 10);
  const auto loaded = device.backend->load(weights);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::OutOfMemory);
  EXPECT_NE(loaded.error().message.find("too little memory"), std::string::npos);
}

TEST(Failures, a_lost_device_fails_the_step_and_leaves_the_trace) {
  const auto weights = make_random({});
  const auto ids = random_ids(8, 17);
  for (int calls = 0; calls < 60; calls += 7) {
    CudaOnHost device = with_own_products(1);
    ASSERT_TRUE(device.backend->load(weights));
    device.api->fail_after(calls, cuda::Status::Lost);
    Trace trace(weights->config, CapturePlan::full());
    ForwardStep step;
    step.ids = ids;
    const auto done = device.backend->forward(trace, step);
    ASSERT_FALSE(done) << calls;
    EXPECT_EQ(done.error().code, ErrorCode::Device);
    EXPECT_EQ(trace.length(), 0);
  }
}

TEST(Failures, sizes_that_the_kernels_do_not_take_are_refused) {
  const auto weights = make_random({.n_layer = 1, .n_head = 1, .d_head = 136});
  CudaOnHost device = with_own_products(1);
  const auto loaded = device.backend->load(weights);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::Unsupported);
}

}  // namespace
}  // namespace gf::testing
