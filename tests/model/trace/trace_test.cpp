// Captured runs: what handles share, what they never see, and how much they hold.
#include "model/trace.h"

#include <gtest/gtest.h>
#include <set>

#include "model/arena.h"
#include "model/edits/compiled.h"
#include "tests/model/cpu/forward_checks.h"
#include "tests/model/cpu/random_model.h"

namespace gf::testing {
namespace {

class TraceSharing : public ::testing::Test {
 protected:
  std::shared_ptr<const Weights> weights = make_random({.n_layer = 3, .n_ctx = 200});
  std::unique_ptr<Backend> backend = [this] {
    auto b = make_cpu_backend(2);
    EXPECT_TRUE(b->load(weights));
    return b;
  }();
  std::vector<TokenId> ids = random_ids(100, 17);

  Trace run(int count, const CapturePlan& plan = CapturePlan::defaults()) {
    Trace trace(weights->config, plan);
    extend(*backend, trace, std::span(ids).first(static_cast<std::size_t>(count)));
    return trace;
  }
  [[nodiscard]] std::vector<HookId> kept(const CapturePlan& plan) const {
    std::vector<HookId> hooks;
    for (const HookId hook : all_hooks(3))
      if (keeps(plan, hook.kind)) hooks.push_back(hook);
    return hooks;
  }
};

TEST_F(TraceSharing, an_extension_writes_into_the_same_tail) {
  const Trace base = run(70);
  Trace longer = base;
  extend(*backend, longer, std::span(ids).subspan(70, 5));
  EXPECT_EQ(base.length(), 70);
  EXPECT_EQ(longer.length(), 75);
  for (const HookId hook : kept(base.plan()))
    for (std::size_t c = 0; c < 2; ++c) EXPECT_EQ(base.chunks(hook)[c], longer.chunks(hook)[c]) << name_of(hook);
}

TEST_F(TraceSharing, a_second_continuation_copies_the_tail_alone) {
  const Trace base = run(70);
  Trace first = base, second = base;
  extend(*backend, first, std::span(ids).subspan(70, 5));
  const auto other = random_ids(4, 17, 99);
  extend(*backend, second, other);
  for (const HookId hook : kept(base.plan())) {
    EXPECT_EQ(second.chunks(hook)[0], base.chunks(hook)[0]) << name_of(hook);
    EXPECT_NE(second.chunks(hook)[1], first.chunks(hook)[1]) << name_of(hook);
    for (int p = 0; p < 70; ++p) ASSERT_TRUE(same_bits(second.row(hook, p), base.row(hook, p))) << name_of(hook);
  }
  expect_close(first, run(75));
}

TEST_F(TraceSharing, a_branch_from_the_middle_leaves_the_rest_alone) {
  const Trace base = run(100, everything());
  Trace untouched(weights->config, everything());
  extend(*backend, untouched, ids);
  Trace branch = base.prefix(30);
  EXPECT_EQ(branch.length(), 30);
  EXPECT_TRUE(same_bits(branch.last_logits(), base.row({HookKind::Logits, -1}, 29)));
  extend(*backend, branch, random_ids(50, 17, 5));
  expect_same_bits(base, untouched);
  for (const HookId hook : kept(base.plan()))
    for (int p = 0; p < 30; ++p) ASSERT_TRUE(same_bits(branch.row(hook, p), base.row(hook, p)));
}

TEST_F(TraceSharing, a_prefix_of_whole_chunks_shares_them_when_it_goes_on) {
  const Trace base = run(100);
  Trace branch = base.prefix(64);
  EXPECT_TRUE(branch.last_logits().empty());
  extend(*backend, branch, std::span(ids).subspan(64, 36));
  for (const HookId hook : kept(base.plan())) {
    EXPECT_EQ(branch.chunks(hook)[0], base.chunks(hook)[0]);
    EXPECT_NE(branch.chunks(hook)[1], base.chunks(hook)[1]);
  }
  expect_close(branch, base);
  // The logits that were cut off are made again for the first new token's statistics.
  EXPECT_NEAR(branch.stats(64).logprob, base.stats(64).logprob, 1e-4F);
  EXPECT_EQ(branch.stats(64).rank, base.stats(64).rank);
}

/// Scales one hook of one block.
class HalveHook final : public CompiledEdits {
 public:
  HalveHook(HookId hook, const ModelConfig& config, float factor) : hook_(hook), config_(config), factor_(factor) {}
  bool touches(HookId hook) const override { return hook == hook_; }
  int first_block() const override { return hook_.layer; }
  void begin_step(int, int, int) override {}
  void apply(HookId hook, int first, int rows, float* data, std::size_t stride) override {
    for (int r = 0; r < rows; ++r)
      for (std::size_t i = 0; i < row_size(info_of(hook.kind).shape, config_, first + r); ++i)
        data[static_cast<std::size_t>(r) * stride + i] *= factor_;
  }
  void apply_causal(HookId, int, float*) override {}
  std::vector<Receipt> receipts() const override { return {}; }

 private:
  HookId hook_;
  ModelConfig config_;
  float factor_;
};

TEST_F(TraceSharing, a_run_that_differs_from_a_block_on_shares_what_comes_before) {
  const Trace base = run(100);
  for (const HookId edited :
       {HookId{HookKind::Z, 1}, HookId{HookKind::ResidPre, 1}, HookId{HookKind::ResidPre, 2}, HookId{HookKind::MlpOut, 2}}) {
    SCOPED_TRACE(name_of(edited));
    HalveHook edit(edited, weights->config, 0.5F), again(edited, weights->config, 0.5F);
    Trace fork = base.fork_at(edited.layer);
    EXPECT_EQ(fork.seeded_rows(), 100);
    for (const int rows : {90, 1, 9}) {
      ForwardStep step;
      step.ids = std::span(ids).subspan(static_cast<std::size_t>(fork.length()), static_cast<std::size_t>(rows));
      step.first_position = fork.length();
      step.first_block = fork.seeded_block();
      step.n_prompt = 90;
      step.edits = &edit;
      ASSERT_TRUE(backend->forward(fork, step));
    }
    for (const HookId hook : kept(base.plan())) {
      const bool before = hook.kind == HookKind::Embed || hook.kind == HookKind::PosEmbed || (hook.layer >= 0 && hook.layer < edited.layer);
      const bool input = hook == HookId{HookKind::ResidPre, edited.layer} && edited.kind != HookKind::ResidPre;
      EXPECT_EQ(fork.chunks(hook)[1] == base.chunks(hook)[1], before || input) << name_of(hook);
    }
    Trace anew(weights->config, CapturePlan::defaults());
    extend(*backend, anew, ids, {90, 1, 9}, &again);
    expect_close(fork, anew);
    expect_close(base, run(100));
    // And it goes on like any other trace.
    extend(*backend, fork, random_ids(10, 17, 3), {10}, &edit);
    extend(*backend, anew, random_ids(10, 17, 3), {10}, &again);
    expect_close(fork, anew);
  }
}

TEST_F(TraceSharing, one_block_is_replayed_from_its_input) {
  const Trace base = run(70, CapturePlan::none());
  EXPECT_FALSE(base.has({HookKind::AttnScores, 1}));
  const Trace all = run(70, everything());
  Trace replay = base.fork_at(1, everything());
  ForwardStep step;
  step.ids = base.ids();
  step.first_block = replay.seeded_block();
  step.end_block = 2;
  ASSERT_TRUE(backend->forward(replay, step));
  EXPECT_TRUE(replay.has({HookKind::AttnScores, 1}));
  EXPECT_FALSE(replay.has({HookKind::AttnScores, 2}));
  expect_close(replay.prefix(70), replay);
  for (const HookKind kind : {HookKind::AttnScores, HookKind::Result, HookKind::ResidPost})
    for (int p = 0; p < 70; ++p)
      for (std::size_t i = 0; i < all.row({kind, 1}, p).size(); ++i)
        ASSERT_NEAR(replay.row({kind, 1}, p)[i], all.row({kind, 1}, p)[i], 1e-4F);
}

TEST_F(TraceSharing, resid_post_and_the_next_resid_pre_are_the_same_memory) {
  const Trace base = run(70);
  EXPECT_EQ(base.chunks({HookKind::ResidPost, 0})[0], base.chunks({HookKind::ResidPre, 1})[0]);
  HalveHook edit({HookKind::ResidPre, 1}, weights->config, 0.5F);
  Trace edited(weights->config, CapturePlan::defaults());
  extend(*backend, edited, std::span(ids).first(70), {65, 1}, &edit);
  EXPECT_NE(edited.chunks({HookKind::ResidPost, 0})[0], edited.chunks({HookKind::ResidPre, 1})[0]);
  for (int p = 0; p < 70; ++p) EXPECT_EQ(edited.row({HookKind::ResidPre, 1}, p)[0], 0.5F * edited.row({HookKind::ResidPost, 0}, p)[0]);
  // An edit that begins after a shared prefix parts the two from there on.
  Trace parted = base;
  extend(*backend, parted, std::span(ids).subspan(70, 3), {3}, &edit);
  for (int p = 0; p < 73; ++p)
    EXPECT_EQ(parted.row({HookKind::ResidPre, 1}, p)[0], (p < 70 ? 1.0F : 0.5F) * parted.row({HookKind::ResidPost, 0}, p)[0]);
}

TEST_F(TraceSharing, cancelling_leaves_the_trace_as_it_was) {
  Trace trace = run(70);
  const Trace before = trace;
  for (const int at_block : {0, 1, 2, 3}) {
    std::stop_source stop;
    ForwardStep step;
    step.ids = std::span(ids).subspan(70, 20);
    step.first_position = 70;
    step.stop = stop.get_token();
    step.progress = [&](int b) {
      if (b == at_block) stop.request_stop();
    };
    const auto done = backend->forward(trace, step);
    if (at_block == 3) {  // the last block was over
      EXPECT_TRUE(done);
      break;
    }
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::Cancelled);
    EXPECT_EQ(trace.length(), 70);
    for (const HookId hook : kept(trace.plan())) EXPECT_EQ(trace.chunks(hook)[1], before.chunks(hook)[1]);
  }
  // The claims were given back: the tail is not copied.
  for (const HookId hook : kept(trace.plan())) EXPECT_EQ(trace.chunks(hook)[1], before.chunks(hook)[1]);
  expect_close(trace, run(90));
}

TEST_F(TraceSharing, the_forecast_is_what_is_held) {
  for (const CapturePlan& plan : {CapturePlan::none(), CapturePlan::defaults(), CapturePlan::full(), everything()})
    for (const int T : {1, 64, 65, 100}) {
      const auto held = static_cast<double>(run(T, plan).bytes());
      EXPECT_NEAR(static_cast<double>(forecast_bytes(weights->config, plan, T)) / held, 1, 0.1) << T;
    }
}

TEST_F(TraceSharing, memory_is_used_again) {
  std::set<const float*> first;
  {
    const Trace trace = run(100);
    for (const auto& chunk : trace.chunks({HookKind::MlpPre, 1})) first.insert(chunk->data());
  }
  EXPECT_GT(arena_idle_bytes(), 0U);
  const Trace again = run(100);
  std::size_t reused = 0;
  for (const HookId hook : kept(again.plan()))
    for (const auto& chunk : again.chunks(hook)) reused += first.contains(chunk->data()) ? 1U : 0U;
  EXPECT_EQ(reused, first.size());
}

TEST_F(TraceSharing, causal_rows_are_packed_by_head) {
  const Trace trace = run(70, everything());
  for (int q = 0; q < 70; ++q)
    for (int h = 0; h < 2; ++h) {
      double sum = 0;
      const auto row = trace.causal_row({HookKind::Pattern, 2}, h, q);
      ASSERT_EQ(row.size(), static_cast<std::size_t>(q) + 1);
      for (const float p : row) sum += static_cast<double>(p);
      EXPECT_NEAR(sum, 1, 1e-5);
    }
}

}  // namespace
}  // namespace gf::testing
