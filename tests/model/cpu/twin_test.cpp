// The CPU backend against its naive twin, on small models of odd shapes.
#include <algorithm>
#include <gtest/gtest.h>
#include <ostream>

#include "model/edits/compiled.h"
#include "tests/model/cpu/forward_checks.h"
#include "tests/model/cpu/random_model.h"

namespace gf::testing {
namespace {

struct TwinCase {
  const char* name;
  RandomModel model;
  int length;
};
void PrintTo(const TwinCase& c, std::ostream* out) { *out << c.name; }

class Twin : public ::testing::TestWithParam<TwinCase> {
 protected:
  std::shared_ptr<const Weights> weights = make_random(GetParam().model);
  std::vector<TokenId> ids = random_ids(GetParam().length, GetParam().model.n_vocab);

  Trace run(Backend& backend, std::vector<int> sizes, const CapturePlan& plan = everything()) {
    EXPECT_TRUE(backend.load(weights));
    Trace trace(weights->config, plan);
    extend(backend, trace, ids, std::move(sizes));
    return trace;
  }
};

constexpr int kAll = 1 << 20;

TEST_P(Twin, every_hook_of_the_prompt_at_once) {
  auto cpu = make_cpu_backend(2), naive = make_naive_backend();
  const Trace got = run(*cpu, {kAll}), want = run(*naive, {kAll});
  for (const HookId hook : all_hooks(weights->config.n_layer)) EXPECT_TRUE(got.has(hook)) << name_of(hook);
  expect_close(got, want);
}

TEST_P(Twin, token_by_token_is_the_prompt_at_once) {
  auto cpu = make_cpu_backend(2);
  const Trace want = run(*cpu, {kAll});
  expect_close(run(*cpu, {1}), want);
  expect_close(run(*cpu, {3, 1, 2}), want);
}

TEST_P(Twin, the_same_bits_on_any_number_of_threads) {
  auto one = make_cpu_backend(1);
  const Trace prompt = run(*one, {kAll}), tokens = run(*one, {2, 1});
  for (const int threads : {2, 3}) {
    auto many = make_cpu_backend(threads);
    expect_same_bits(run(*many, {kAll}), prompt);
    expect_same_bits(run(*many, {2, 1}), tokens);
  }
}

TEST_P(Twin, plans_keep_what_they_promise_and_change_no_number) {
  auto cpu = make_cpu_backend(2);
  const Trace all = run(*cpu, {kAll});
  for (const CapturePlan& plan : {CapturePlan::none(), CapturePlan::defaults(), CapturePlan::full()}) {
    const Trace part = run(*cpu, {kAll}, plan);
    for (const HookId hook : all_hooks(weights->config.n_layer)) EXPECT_EQ(part.has(hook), keeps(plan, hook.kind)) << name_of(hook);
    expect_close(part, all);
  }
}

TEST_P(Twin, statistics_of_the_last_position_alone_change_no_number) {
  auto cpu = make_cpu_backend(2);
  CapturePlan lean = CapturePlan::defaults();
  lean.last_stats_only = true;
  const Trace all = run(*cpu, {kAll}, CapturePlan::defaults()), part = run(*cpu, {kAll}, lean);
  for (const HookId hook : all_hooks(weights->config.n_layer)) EXPECT_EQ(part.has(hook), all.has(hook)) << name_of(hook);
  expect_close(part, all);
  const int last = all.length() - 1;
  EXPECT_NEAR(part.stats(last).entropy, all.stats(last).entropy, 1e-5);
  EXPECT_EQ(part.stats(last).top.front().id, all.stats(last).top.front().id);
  if (last > 0) {
    EXPECT_TRUE(part.stats(0).top.empty());
  }
}

TEST_P(Twin, statistics_are_those_of_the_logits) {
  auto cpu = make_cpu_backend(2);
  for (const std::vector<int>& sizes : {std::vector{kAll}, std::vector{2, 1}}) {
    const Trace trace = run(*cpu, sizes);
    for (int p = 0; p < trace.length(); ++p) {
      const auto logits = trace.row({HookKind::Logits, -1}, p);
      double sum = 0, weighted = 0;
      for (const float x : logits) sum += std::exp(static_cast<double>(x));
      for (const float x : logits) weighted += std::exp(static_cast<double>(x)) / sum * (std::log(sum) - static_cast<double>(x));
      const TokenStats& s = trace.stats(p);
      EXPECT_NEAR(static_cast<double>(s.entropy), weighted, 1e-5);
      ASSERT_EQ(s.top.size(), std::min<std::size_t>(20, logits.size()));
      for (std::size_t i = 0; i < s.top.size(); ++i) {
        EXPECT_EQ(s.top[i].logit, logits[s.top[i].id.index()]);
        EXPECT_NEAR(static_cast<double>(s.top[i].logprob), static_cast<double>(s.top[i].logit) - std::log(sum), 1e-5);
        const auto above = std::ranges::count_if(logits, [&](float x) { return x > s.top[i].logit; });
        EXPECT_LE(static_cast<std::size_t>(above), i);
      }
      if (p == 0) {
        EXPECT_TRUE(std::isnan(s.logprob));
        EXPECT_EQ(s.rank, -1);
      } else {
        const auto before = trace.row({HookKind::Logits, -1}, p - 1);
        const float own = before[trace.ids()[static_cast<std::size_t>(p)].index()];
        double total = 0;
        for (const float x : before) total += std::exp(static_cast<double>(x));
        EXPECT_NEAR(static_cast<double>(s.logprob), static_cast<double>(own) - std::log(total), 1e-5);
        EXPECT_EQ(s.rank, std::ranges::count_if(before, [&](float x) { return x > own; }));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Models, Twin,
    ::testing::Values(TwinCase{"plain", {}, 9}, TwinCase{"one_token", {}, 1}, TwinCase{"three_chunks", {.n_layer = 1, .n_ctx = 140}, 131},
                      TwinCase{"many_keys", {.n_layer = 1, .n_head = 16, .d_head = 4, .n_ctx = 300}, 290},
                      TwinCase{"no_bias", {.d_head = 5, .d_mlp = 33, .bias = false}, 7},
                      TwinCase{"erf_untied_out_major",
                               {.n_head = 3, .tied = false, .in_major = false, .scale_by_layer = true, .activation = Activation::GeluErf},
                               12},
                      TwinCase{"relu_f16", {.n_head = 1, .d_head = 20, .activation = Activation::Relu, .dtype = DType::F16}, 10},
                      TwinCase{"bf16_out_major", {.d_mlp = 100, .n_vocab = 300, .in_major = false, .dtype = DType::BF16}, 10},
                      TwinCase{"wide", {.n_layer = 1, .n_head = 9, .d_head = 64, .d_mlp = 1200, .n_vocab = 1003}, 5},
                      TwinCase{"tiny", {.n_head = 1, .d_head = 1, .d_mlp = 1, .n_vocab = 2}, 4}),
    [](const auto& info) { return info.param.name; });

/// Scales one hook; counts what it was called with.
class ScaleHook final : public CompiledEdits {
 public:
  explicit ScaleHook(HookId hook, float factor = 0.5F) : hook_(hook), factor_(factor) {}
  bool touches(HookId hook) const override { return hook == hook_; }
  int first_block() const override { return 0; }
  void begin_step(int first, int rows, int) override { step_first = first, step_rows = rows; }
  void apply(HookId hook, int first, int rows, float* data, std::size_t stride) override {
    ASSERT_NE(info_of(hook.kind).shape, RowShape::Causal);
    ASSERT_GE(first, step_first);
    ASSERT_LE(first + rows, step_first + step_rows);
    rows_seen += rows;
    for (int r = 0; r < rows; ++r)
      scale(data + static_cast<std::size_t>(r) * stride, row_size(info_of(hook.kind).shape, config, first + r));
  }
  void apply_causal(HookId hook, int query, float* row) override {
    ++rows_seen;
    scale(row, row_size(info_of(hook.kind).shape, config, query));
  }
  std::vector<Receipt> receipts() const override { return {}; }

  ModelConfig config;
  int rows_seen = 0, step_first = 0, step_rows = 0;

 private:
  void scale(float* row, std::size_t n) const {
    for (std::size_t i = 0; i < n; ++i) row[i] *= factor_;
  }
  HookId hook_;
  float factor_;
};

TEST(TwinEdits, an_edit_at_each_hook_acts_the_same) {
  const auto weights = make_random({.n_layer = 2, .n_head = 2, .d_head = 8});
  const auto ids = random_ids(70, 17);
  auto cpu = make_cpu_backend(2), naive = make_naive_backend();
  ASSERT_TRUE(cpu->load(weights) && naive->load(weights));
  Trace untouched(weights->config, everything());
  extend(*cpu, untouched, ids);
  for (const HookId hook : all_hooks(2)) {
    for (const CapturePlan& plan : {everything(), CapturePlan::none()}) {
      SCOPED_TRACE(name_of(hook));
      ScaleHook a(hook), b(hook);
      a.config = b.config = weights->config;
      Trace got(weights->config, plan), want(weights->config, everything());
      extend(*cpu, got, ids, {68, 1}, &a);
      extend(*naive, want, ids, {68, 1}, &b);
      EXPECT_EQ(a.rows_seen, 70);
      EXPECT_EQ(b.rows_seen, 70);
      expect_close(got, want);
      // Half a scale doubles what is normalised, and so on: every edit shows in the logits.
      EXPECT_FALSE(same_bits(got.last_logits(), untouched.last_logits()));
    }
  }
}

TEST(TwinEdits, scale_by_one_changes_no_bit) {
  const auto weights = make_random({});
  const auto ids = random_ids(20, 17);
  auto cpu = make_cpu_backend(2);
  ASSERT_TRUE(cpu->load(weights));
  Trace plain(weights->config, everything());
  extend(*cpu, plain, ids, {18, 1});
  for (const HookId hook : all_hooks(2)) {
    if (hook.kind == HookKind::Result) continue;  // attn_out is then the sum of results, added up in another order
    SCOPED_TRACE(name_of(hook));
    ScaleHook same(hook, 1.0F);
    same.config = weights->config;
    Trace edited(weights->config, everything());
    extend(*cpu, edited, ids, {18, 1}, &same);
    expect_same_bits(edited, plain);
  }
}

}  // namespace
}  // namespace gf::testing
