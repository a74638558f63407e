// One list of cases for every backend: naive, CPU, and CUDA's kernels on the executor.
#include "tests/cuda_host/conformance.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <ostream>

#include "model/edits/recipe.h"

namespace gf::testing {
namespace {

constexpr int kAll = 1 << 20;

struct ModelCase {
  const char* name;
  RandomModel model;
  int length;
};

const std::vector<ModelCase>& model_cases() {
  static const std::vector<ModelCase> kCases = {
      {"plain", {}, 9},
      {"one_token", {}, 1},
      {"three_chunks", {.n_layer = 1, .n_ctx = 140}, 131},
      {"no_bias", {.n_layer = 3, .d_head = 5, .d_mlp = 33, .bias = false}, 7},
      {"erf_untied_out_major",
       {.n_head = 3, .tied = false, .in_major = false, .scale_by_layer = true, .activation = Activation::GeluErf},
       12},
      {"relu_f16", {.n_head = 1, .d_head = 20, .activation = Activation::Relu, .dtype = DType::F16}, 10},
      {"bf16_out_major", {.d_mlp = 100, .n_vocab = 300, .in_major = false, .dtype = DType::BF16}, 10},
      {"heads_of_64", {.n_layer = 1, .n_head = 2, .d_head = 64, .d_mlp = 72, .n_vocab = 1003}, 35},
      {"heads_of_128", {.n_layer = 1, .n_head = 1, .d_head = 128, .d_mlp = 40, .n_vocab = 19}, 34},
      {"tiny", {.n_head = 1, .d_head = 1, .d_mlp = 1, .n_vocab = 2}, 4},
  };
  return kCases;
}

struct Case {
  std::string backend;
  std::size_t model;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.backend << " " << model_cases()[c.model].name; }

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const std::string& backend : conformance_backends())
    for (std::size_t i = 0; i < model_cases().size(); ++i) cases.push_back({backend, i});
  return cases;
}

/// A backend with a random model, and what the naive one makes of it.
class Conformance : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (!backend) GTEST_SKIP() << reason;
    ASSERT_TRUE(backend->load(weights));
    auto naive = make_naive_backend();
    ASSERT_TRUE(naive->load(weights));
    want = Trace(weights->config, everything());
    ASSERT_EQ(append(*naive, want, ids), "");
  }
  const ModelCase& model = model_cases()[GetParam().model];
  std::shared_ptr<const Weights> weights = make_random(model.model);
  std::vector<TokenId> ids = random_ids(model.length, model.model.n_vocab);
  std::string reason;
  std::unique_ptr<Backend> backend = make_backend(GetParam().backend, &reason);
  Trace want;
};

TEST_P(Conformance, every_hook_of_the_prompt_at_once) {
  Trace got(weights->config, everything());
  ASSERT_EQ(append(*backend, got, ids), "");
  for (const HookId hook : all_hooks(weights->config.n_layer)) EXPECT_TRUE(got.has(hook)) << name_of(hook);
  EXPECT_EQ(difference(got, want), "");
  EXPECT_EQ(stats_difference(got, want), "");
}

TEST_P(Conformance, step_by_step) {
  const int last = std::max(1, model.length - 3);
  for (const std::vector<int>& sizes : {std::vector{last, 1}, std::vector{last, 2, 1}}) {
    for (const CapturePlan& plan : {everything(), CapturePlan::none()}) {
      Trace got(weights->config, plan);
      ASSERT_EQ(append(*backend, got, ids, sizes), "");
      EXPECT_EQ(difference(got, want), "");
    }
  }
}

TEST_P(Conformance, plans_keep_what_they_promise) {
  for (const CapturePlan& plan : {CapturePlan::none(), CapturePlan::defaults(), CapturePlan::full()}) {
    Trace got(weights->config, plan);
    ASSERT_EQ(append(*backend, got, ids), "");
    for (const HookId hook : all_hooks(weights->config.n_layer)) EXPECT_EQ(got.has(hook), keeps(plan, hook.kind)) << name_of(hook);
    EXPECT_EQ(difference(got, want), "");
    if (plan == CapturePlan::none()) continue;
    EXPECT_EQ(stats_difference(got, want), "");
  }
}

TEST_P(Conformance, the_entropy_of_the_pattern_without_the_pattern) {
  for (const std::vector<int>& sizes : {std::vector{kAll}, std::vector{std::max(1, model.length - 3), 1}}) {
    CapturePlan with_pattern = everything();
    with_pattern.want(HookKind::PatternEntropy);
    for (const CapturePlan& plan : {only_entropy(), with_pattern}) {
      Trace got(weights->config, plan);
      ASSERT_EQ(append(*backend, got, ids, sizes), "");
      EXPECT_EQ(got.has({HookKind::Pattern, 0}), plan != only_entropy());
      EXPECT_EQ(entropy_difference(got, want), "");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Conformance, ::testing::ValuesIn(all_cases()),
                         [](const auto& info) { return info.param.backend + "_" + model_cases()[info.param.model].name; });

class OnBackend : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!backend) GTEST_SKIP() << reason;
    ASSERT_TRUE(backend->load(weights));
    ASSERT_TRUE(naive->load(weights));
  }
  std::shared_ptr<const Weights> weights = make_random({.n_layer = 2, .n_head = 2, .d_head = 8, .n_ctx = 96});
  std::vector<TokenId> ids = random_ids(70, 17);
  std::string reason;
  std::unique_ptr<Backend> backend = make_backend(GetParam(), &reason), naive = make_naive_backend();
};

TEST_P(OnBackend, traces_branch_and_go_on) {
  const std::span<const TokenId> all = ids;
  Trace whole(weights->config, everything());
  ASSERT_EQ(append(*backend, whole, all.first(66)), "");
  const auto other = random_ids(70, 17, 99);
  // Another continuation of the same start, then the first one again: keys and values must follow.
  for (const int shared : {40, 64, 65, 3}) {
    Trace branch = whole.prefix(shared), want(weights->config, everything());
    const std::span<const TokenId> rest = std::span(other).first(static_cast<std::size_t>(68 - shared));
    ASSERT_EQ(append(*backend, branch, rest, {kAll}), "");
    ASSERT_EQ(append(*naive, want, all.first(static_cast<std::size_t>(shared))), "");
    ASSERT_EQ(append(*naive, want, rest), "");
    EXPECT_EQ(difference(branch, want), "") << shared;
    EXPECT_EQ(stats_difference(branch, want), "") << shared;
  }
  Trace want(weights->config, everything());
  ASSERT_EQ(append(*naive, want, all), "");
  Trace again = whole;
  ASSERT_EQ(append(*backend, again, all.subspan(66), {1}), "");
  EXPECT_EQ(difference(again, want), "");
}

TEST_P(OnBackend, runs_begin_at_a_later_block) {
  const std::span<const TokenId> all = ids;
  Trace base(weights->config, everything());
  ASSERT_EQ(append(*backend, base, all), "");
  for (const int block : {1, 2}) {
    Trace fork = base.fork_at(block);
    ASSERT_EQ(append(*backend, fork, all, {68, 1}, nullptr, block), "");
    EXPECT_EQ(difference(fork, base), "") << block;
  }
  // And behind rows that are there.
  for (const int block : {0, 1}) {
    Trace fork = base.fork_at(block, base.plan(), kChunkRows);
    ASSERT_EQ(append(*backend, fork, all.subspan(kChunkRows), {1 << 20}, nullptr, block), "");
    EXPECT_EQ(difference(fork, base), "") << block;
    EXPECT_EQ(stats_difference(fork, base), "") << block;
  }
  // The replay of one block, the last one too: without final LayerNorm and logits.
  for (int block = 1; block < base.config().n_layer; ++block) {
    Trace replay = base.fork_at(block, CapturePlan::full());
    ForwardStep step;
    step.ids = all;
    step.first_block = block;
    step.end_block = block + 1;
    step.n_prompt = 70;
    std::vector<int> reached;
    step.progress = [&](int at) { reached.push_back(at); };
    const auto done = backend->forward(replay, step);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(row_difference(replay, base), "") << block;
    EXPECT_EQ(reached, std::vector{block});
  }
}

TEST_P(OnBackend, a_cancelled_step_leaves_the_trace_as_it_was) {
  Trace trace(weights->config, CapturePlan::full());
  std::stop_source stop;
  ForwardStep step;
  step.ids = ids;
  step.n_prompt = 70;
  step.stop = stop.get_token();
  step.progress = [&](int block) {
    if (block == 1) stop.request_stop();
  };
  const auto done = backend->forward(trace, step);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::Cancelled);
  EXPECT_EQ(trace.length(), 0);
  ASSERT_EQ(append(*backend, trace, ids), "");
  Trace want(weights->config, everything());
  ASSERT_EQ(append(*naive, want, ids), "");
  EXPECT_EQ(difference(trace, want), "");
}

const char* const kRecipes[] = {
    R"({"hook": "hook_embed", "op": "zero", "positions": [2]})",
    R"({"hook": "hook_pos_embed", "op": "scale", "factor": 0.5})",
    R"({"hook": "blocks.0.hook_resid_pre", "op": "add", "value": 0.25, "dims": "3:9"})",
    R"({"hook": "blocks.1.hook_resid_pre", "op": "scale", "factor": 2, "positions": "last"})",
    R"({"hook": "blocks.0.ln1.hook_scale", "op": "scale", "factor": 1.5})",
    R"({"hook": "blocks.1.ln2.hook_normalized", "op": "zero", "dims": [0, 5]})",
    R"({"hook": "blocks.1.hook_q_input", "op": "scale", "factor": 3, "heads": [1], "dims": "2:9"})",
    R"({"hook": "blocks.0.hook_k_input", "op": "add", "value": 0.5, "positions": [1, 4], "dims": "3:"})",
    R"({"hook": "blocks.*.hook_v_input", "op": "zero", "dims": [1, 2, 3]}, {"hook": "blocks.0.attn.hook_v", "op": "scale", "factor": 0.5})",
    R"({"hook": "blocks.0.hook_mlp_in", "op": "scale", "factor": -1, "positions": "last", "dims": [0, 4]})",
    R"({"hook": "blocks.1.hook_mlp_in", "op": "zero", "dims": "4:"}, {"hook": "blocks.1.ln2.hook_scale", "op": "scale", "factor": 2})",
    R"({"hook": "blocks.0.attn.hook_q", "op": "scale", "factor": 3, "heads": [1]})",
    R"({"hook": "blocks.1.attn.hook_k", "op": "zero", "positions": [0, 4], "dims": "2:"})",
    R"({"hook": "blocks.0.attn.hook_v", "op": "mean", "heads": [0]})",
    R"({"hook": "blocks.0.attn.hook_attn_scores", "op": "set", "value": "-inf", "heads": [1], "keys": [0]})",
    R"({"hook": "blocks.1.attn.hook_attn_scores", "op": "add", "value": 1.5, "queries": "2:5"})",
    R"({"hook": "blocks.1.attn.hook_pattern", "op": "zero", "heads": [0], "keys": [1, 2], "renormalize": true})",
    R"({"hook": "blocks.0.attn.hook_pattern", "op": "patch", "heads": [1], "source": {"ids": [IDS]}})",
    R"({"hook": "blocks.1.attn.hook_z", "op": "zero", "heads": [1]})",
    R"({"hook": "blocks.0.attn.hook_result", "op": "scale", "factor": 0.5, "heads": [0]})",
    R"({"hook": "blocks.0.hook_attn_out", "op": "mean"})",
    R"({"hook": "blocks.1.hook_resid_mid", "op": "add", "vector": [1, 2, 3], "dims": [0, 7, 15], "factor": 0.5})",
    R"({"hook": "blocks.1.mlp.hook_pre", "op": "set", "neurons": [3, 4], "value": 1.0})",
    R"({"hook": "blocks.0.mlp.hook_post", "op": "zero", "neurons": "10:"})",
    R"({"hook": "blocks.0.hook_mlp_out", "op": "scale", "factor": 0})",
    R"({"hook": "blocks.1.hook_resid_post", "op": "patch", "positions": [3, 6], "source": {"ids": [5, 6, 7, 8], "hook": "blocks.0.hook_resid_mid", "positions": [1, 2]}})",
    R"({"hook": "ln_final.hook_scale", "op": "scale", "factor": 0.7})",
    R"({"hook": "blocks.0.attn.hook_z", "op": "clamp", "vector": [1, 2, 3, -1, 0, 0, 2, 1], "value": 3})",
    R"({"hook": "blocks.1.hook_resid_pre", "op": "clamp", "vector": [1, -2, 0.5], "dims": [1, 3, 5], "value": 4, "positions": "2:"})",
    R"({"hook": "blocks.0.attn.hook_z", "op": "add_norm", "vector": [1, 2, 3, -1, 0, 0, 2, 1], "factor": -0.7})",
    R"({"hook": "blocks.1.hook_resid_pre", "op": "add_norm", "vector": [1, -2, 0.5], "dims": [1, 3, 5], "factor": 2, "positions": "2:"})",
    R"({"hook": "blocks.0.attn.hook_k", "op": "project_out", "vector": [1, 2, 3, -1, 0, 0, 2, 1], "heads": [1]})",
    R"({"hook": "blocks.*.hook_resid_post", "op": "project_out", "vector": [1, -2, 0.5], "dims": [1, 3, 5]})",
    R"({"hook": "blocks.*.hook_resid_post", "op": "swap", "from": [1, -2, 0.5], "to": [0, 1, 1], "dims": [1, 3, 5]})",
    R"({"hook": "blocks.1.attn.hook_v", "op": "swap", "from": [1, 2, 3, -1, 0, 0, 2, 1], "to": [0, 0, 1, 0, 0, 0, 0, 1], "positions": "last"})",
    R"({"hook": "hook_embed", "op": "noise", "std": 2, "seed": 9, "positions": [1, 4]})",
    R"({"hook": "blocks.*.attn.hook_q", "op": "noise", "std": 0.5, "heads": [1]})",
    R"({"hook": "blocks.1.attn.hook_attn_scores", "op": "noise", "std": 1, "keys": "1:", "heads": [0]})",
    R"({"hook": "hook_embed", "op": "round", "bits": 4, "outliers": 0.4})",
    R"({"hook": "hook_pos_embed", "op": "round", "bits": 3, "dims": "2:", "positions": "3:"})",
    R"({"hook": "blocks.0.attn.hook_z", "op": "round", "bits": 12})",
    R"({"hook": "blocks.0.attn.hook_attn_scores", "op": "round", "bits": 12, "heads": [1]})",
    R"({"hook": "ln_final.hook_normalized", "op": "add", "value": -0.2})",
    R"({"hook": "logits", "op": "add", "value": 2.0, "dims": [3]})",
    R"({"hook": "blocks.0.attn.hook_z", "op": "scale", "factor": 2, "heads": [0]}, {"hook": "blocks.0.attn.hook_z", "op": "add", "value": 1, "positions": "last"})",
};

/// A recipe with the runs that it takes values from, bound to this run.
struct Bound {
  Recipe recipe;
  std::vector<std::vector<std::shared_ptr<const Trace>>> sources;
  std::unique_ptr<CompiledEdits> compile(const ModelConfig& config, int n_prompt, int n_total, const Trace& base) const {
    auto made = gf::compile(recipe, {.config = config, .n_prompt = n_prompt, .n_total = n_total, .base = &base, .sources = sources});
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : nullptr;
  }
};

TEST_P(OnBackend, every_edit_acts_as_it_does_in_the_naive_one) {
  constexpr int kPrompt = 9, kTotal = 11;
  const std::span<const TokenId> tokens = std::span<const TokenId>(ids).first(kTotal);
  Trace base(weights->config, everything());
  ASSERT_EQ(append(*naive, base, tokens), "");
  std::string list;
  for (const TokenId id : random_ids(kTotal, 17, 5)) list += (list.empty() ? "" : ", ") + std::to_string(id.v);
  for (std::string text : kRecipes) {
    SCOPED_TRACE(text);
    if (const auto at = text.find("IDS"); at != std::string::npos) text.replace(at, 3, list);
    const auto recipe = parse_recipe(R"({"version": 1, "edits": [)" + text + "]}");
    ASSERT_TRUE(recipe) << recipe.error().message;
    Bound bound{*recipe, {}};
    for (const gf::Edit& edit : recipe->edits) {
      auto& runs = bound.sources.emplace_back();
      if (!edit.source) continue;
      auto run = std::make_shared<Trace>(weights->config, everything());
      ASSERT_EQ(append(*naive, *run, edit.source->ids), "");
      runs.push_back(std::move(run));
    }
    for (const CapturePlan& plan : {everything(), CapturePlan::none()}) {
      const auto a = bound.compile(weights->config, kPrompt, kTotal, base), b = bound.compile(weights->config, kPrompt, kTotal, base);
      Trace got(weights->config, plan), want(weights->config, everything());
      ASSERT_EQ(append(*backend, got, tokens, {kPrompt, 1}, a.get()), "");
      ASSERT_EQ(append(*naive, want, tokens, {kPrompt, 1}, b.get()), "");
      EXPECT_EQ(difference(got, want, 3), "");
      const auto mine = a->receipts(), theirs = b->receipts();
      for (std::size_t i = 0; i < theirs.size(); ++i) {
        EXPECT_EQ(mine[i].fired, theirs[i].fired);
        EXPECT_NEAR(mine[i].norm, theirs[i].norm, 1e-3 + 1e-4 * theirs[i].norm);
        EXPECT_EQ(mine[i].changed, theirs[i].changed);
        EXPECT_EQ(mine[i].empty_rows, theirs[i].empty_rows);
        EXPECT_NEAR(mine[i].attention, theirs[i].attention, 1e-4);
        EXPECT_TRUE(theirs[i].changed) << "an edit that does nothing shows nothing";
      }
    }
  }
}

TEST_P(OnBackend, nan_stays_where_it_comes_from_and_is_ranked_nowhere) {
  const std::span<const TokenId> tokens = std::span<const TokenId>(ids).first(38);
  for (const std::string hook : {"blocks.0.attn.hook_v", "blocks.0.attn.hook_k", "blocks.1.attn.hook_q", "blocks.1.hook_resid_post"}) {
    SCOPED_TRACE(hook);
    // Infinity times 0, at one position in the middle of a tile.
    const std::string at = R"({"hook": ")" + hook + R"(", "positions": [20], "op": "scale", "factor": )";
    const auto recipe = parse_recipe(R"({"version": 1, "edits": [)" + at + "1e38}, " + at + "1e38}, " + at + "0}]}");
    ASSERT_TRUE(recipe) << recipe.error().message;
    const auto edits = [&] { return *gf::compile(*recipe, {.config = weights->config, .n_prompt = 38, .n_total = 38}); };
    Trace want(weights->config, everything());
    const auto theirs = edits();
    ASSERT_EQ(append(*naive, want, tokens, {kAll}, theirs.get()), "");
    ASSERT_TRUE(std::isnan(want.row({HookKind::Logits, -1}, 20)[0]));
    ASSERT_FALSE(std::isnan(want.row({HookKind::Logits, -1}, 19)[0]));
    for (const CapturePlan& plan : {everything(), CapturePlan::none()}) {
      Trace got(weights->config, plan);
      const auto mine = edits();
      ASSERT_EQ(append(*backend, got, tokens, {37, 1}, mine.get()), "");
      EXPECT_EQ(difference(got, want, 3), "");
    }
    Trace got(weights->config, everything());
    const auto mine = edits();
    ASSERT_EQ(append(*backend, got, tokens, {kAll}, mine.get()), "");
    EXPECT_TRUE(std::isnan(got.stats(20).entropy));
    EXPECT_TRUE(got.stats(20).top.empty());
    EXPECT_EQ(got.stats(21).rank, -1);
    EXPECT_TRUE(std::isnan(got.stats(21).logprob));
    EXPECT_EQ(got.stats(19).top.size(), 17U);
  }
}

TEST_P(OnBackend, the_entropy_is_that_of_the_pattern_as_it_is_used) {
  const auto recipe = parse_recipe(R"({"version": 1, "edits": [
    {"hook": "blocks.0.attn.hook_attn_scores", "op": "set", "value": "-inf", "heads": [1], "keys": [0]},
    {"hook": "blocks.1.attn.hook_pattern", "op": "zero", "heads": [0], "keys": [1, 2]}]})");
  ASSERT_TRUE(recipe);
  const std::span<const TokenId> tokens = std::span<const TokenId>(ids).first(9);
  const auto edits = [&] { return *gf::compile(*recipe, {.config = weights->config, .n_prompt = 9, .n_total = 9}); };
  Trace got(weights->config, only_entropy()), want(weights->config, everything());
  const auto a = edits(), b = edits();
  ASSERT_EQ(append(*backend, got, tokens, {7, 1}, a.get()), "");
  ASSERT_EQ(append(*naive, want, tokens, {7, 1}, b.get()), "");
  EXPECT_EQ(want.causal_row({HookKind::Pattern, 0}, 1, 0)[0], 0) << "a row of nothing but -inf has no entropy";
  EXPECT_EQ(entropy_difference(got, want), "");
}

INSTANTIATE_TEST_SUITE_P(All, OnBackend, ::testing::ValuesIn(conformance_backends()), [](const auto& info) { return info.param; });

TEST(Captures, of_the_entropy_little_crosses_the_bus) {
  const auto weights = make_random({.n_layer = 2, .n_head = 2, .d_head = 8, .n_ctx = 96});
  const auto ids = random_ids(70, 17);
  const auto bytes_to_the_host = [&](const CapturePlan& plan) {
    CudaOnHost device = make_cuda_on_host(1);
    EXPECT_TRUE(device.backend->load(weights));
    device.api->reset_totals();
    Trace trace(weights->config, plan);
    EXPECT_EQ(append(*device.backend, trace, ids), "");
    return device.api->totals().at("copies").bytes_read;
  };
  CapturePlan pattern = CapturePlan::none();
  pattern.want(HookKind::Pattern);
  const auto least = bytes_to_the_host(CapturePlan::none());
  EXPECT_EQ(bytes_to_the_host(only_entropy()) - least, 2U * 70 * 2 * 4);
  EXPECT_GT(bytes_to_the_host(pattern) - least, 2U * 70 * 71 / 2 * 2 * 4 - 1);
}

}  // namespace
}  // namespace gf::testing
