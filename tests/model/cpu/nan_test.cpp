// NaN is a value: it stays what it is in every hook, and what does not come of it stays a number.
#include <cmath>
#include <limits>

#include "model/cpu/kernels.h"
#include "model/edits/compiled.h"
#include "model/edits/recipe.h"
#include "tests/model/cpu/forward_checks.h"
#include "tests/model/cpu/random_model.h"

namespace gf::testing {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInf = std::numeric_limits<float>::infinity();

std::vector<const cpu::Kernels*> every_kernel() {
  std::vector<const cpu::Kernels*> all;
  for (const cpu::Kernels* k : {cpu::kernels_plain(), cpu::kernels_avx2(), cpu::kernels_avx512()})
    if (k != nullptr) all.push_back(k);
  return all;
}

TEST(NanInKernels, a_row_of_the_softmax_with_a_nan_is_nan) {
  for (const cpu::Kernels* k : every_kernel())
    for (const std::size_t n : {1U, 3U, 16U, 19U, 70U})
      for (std::size_t at = 0; at < n; ++at)
        for (const float others : {0.5F, -kInf}) {
          std::vector<float> row(n, others);
          row[at] = kNan;
          EXPECT_TRUE(std::isnan(k->softmax_sums(row.data(), n).sum)) << k->name << " " << n << " " << at;
          k->softmax(row.data(), n);
          for (const float p : row) EXPECT_TRUE(std::isnan(p)) << k->name << " " << n << " " << at << " " << others;
        }
}

TEST(NanInKernels, a_row_of_nothing_but_minus_infinity_is_0) {
  for (const cpu::Kernels* k : every_kernel()) {
    std::vector<float> row(19, -kInf);
    k->softmax(row.data(), row.size());
    EXPECT_EQ(row, std::vector<float>(19, 0.0F)) << k->name;
  }
}

TEST(NanInKernels, an_activation_keeps_it_and_changes_no_other_number) {
  for (const cpu::Kernels* k : every_kernel())
    for (const Activation a : {Activation::GeluTanh, Activation::GeluErf, Activation::Relu}) {
      std::vector<float> x(21, 1.5F), clean(21), out(21);
      k->activate(a, x.data(), x.size(), clean.data());
      x[4] = x[20] = kNan;
      k->activate(a, x.data(), x.size(), out.data());
      for (std::size_t i = 0; i < x.size(); ++i) {
        if (i == 4 || i == 20) EXPECT_TRUE(std::isnan(out[i])) << k->name;
        else EXPECT_EQ(out[i], clean[i]) << k->name;
      }
    }
}

/// The first place where two runs are not alike, NaN by NaN; empty: nowhere.
std::string nan_difference(const Trace& got, const Trace& want) {
  for (const HookId hook : all_rows(want.config().n_layer)) {
    if (!want.has(hook) || !got.has(hook)) continue;
    for (int p = 0; p < want.length(); ++p) {
      const auto a = got.row(hook, p), b = want.row(hook, p);
      for (std::size_t i = 0; i < a.size(); ++i) {
        const bool alike = std::isnan(a[i]) == std::isnan(b[i]) && (std::isnan(a[i]) || tolerance_of(hook.kind).holds(a[i], b[i]));
        if (!alike)
          return name_of(hook) + ", position " + std::to_string(p) + ": " + std::to_string(a[i]) + ", not " + std::to_string(b[i]);
      }
    }
  }
  return {};
}

std::string nan_or_number(float x) { return std::isnan(x) ? "NaN" : "number"; }

class NanInRuns : public ::testing::Test {
 protected:
  NanInRuns()
      : weights(make_random({.n_layer = 2, .n_head = 2, .d_head = 8})),
        ids(random_ids(70, 17)),
        cpu(make_cpu_backend(2)),
        naive(make_naive_backend()) {
    EXPECT_TRUE(cpu->load(weights) && naive->load(weights));
  }
  /// A run in which the row of `position` is NaN at a hook: infinity minus infinity.
  Trace run(Backend& backend, const std::string& hook, int position, std::vector<int> steps = {1 << 20}) const {
    const std::string at = R"({"hook": ")" + hook + R"(", "positions": [)" + std::to_string(position) + "], ";
    const auto recipe = parse_recipe(R"({"version": 1, "edits": [)" + at + R"("op": "scale", "factor": 1e38},)" + at +
                                     R"("op": "scale", "factor": 1e38},)" + at + R"("op": "scale", "factor": 0}]})");
    EXPECT_TRUE(recipe) << recipe.error().message;
    const auto edits = compile(*recipe, {.config = weights->config, .n_prompt = 70, .n_total = 70});
    EXPECT_TRUE(edits);
    Trace trace(weights->config, everything());
    extend(backend, trace, ids, std::move(steps), edits->get());
    return trace;
  }
  std::shared_ptr<const Weights> weights;
  std::vector<TokenId> ids;
  std::unique_ptr<Backend> cpu, naive;
};

TEST_F(NanInRuns, rows_that_do_not_see_it_stay_numbers_and_rows_that_do_are_nan) {
  for (const char* hook : {"blocks.0.hook_resid_pre", "blocks.0.attn.hook_v", "blocks.0.attn.hook_k", "blocks.1.attn.hook_q"}) {
    SCOPED_TRACE(hook);
    const Trace want = run(*naive, hook, 40);
    EXPECT_EQ(nan_or_number(want.row({HookKind::Logits, -1}, 39)[0]), "number");
    EXPECT_EQ(nan_or_number(want.row({HookKind::Logits, -1}, 40)[0]), "NaN");
    EXPECT_EQ(nan_difference(run(*cpu, hook, 40), want), "");
    EXPECT_EQ(nan_difference(run(*cpu, hook, 40, {38, 1}), want), "");
  }
}

TEST_F(NanInRuns, the_statistics_of_a_row_of_nan_rank_nothing) {
  const Trace trace = run(*cpu, "blocks.1.hook_resid_post", 40);
  EXPECT_TRUE(std::isnan(trace.stats(40).entropy));
  EXPECT_TRUE(trace.stats(40).top.empty());
  EXPECT_TRUE(std::isnan(trace.stats(41).logprob)) << "predicted by the row of NaN";
  EXPECT_EQ(trace.stats(41).rank, -1);
  EXPECT_EQ(trace.stats(39).top.size(), 17U);
  EXPECT_FALSE(std::isnan(trace.stats(39).entropy));
}

TEST_F(NanInRuns, an_edit_of_nan_to_nan_changes_nothing) {
  const auto recipe =
      parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.0.hook_mlp_out", "op": "scale", "factor": 2, "positions": [0]}]})");
  const auto edits = compile(*recipe, {.config = weights->config, .n_prompt = 1, .n_total = 1});
  std::vector<float> row(16, kNan);
  (*edits)->apply({HookKind::MlpOut, 0}, 0, 1, row.data(), 16);
  EXPECT_FALSE((*edits)->receipts()[0].changed);
  row[3] = 1;
  (*edits)->apply({HookKind::MlpOut, 0}, 0, 1, row.data(), 16);
  EXPECT_TRUE((*edits)->receipts()[0].changed);
  EXPECT_EQ((*edits)->receipts()[0].norm, 1.0);
}

}  // namespace
}  // namespace gf::testing
