// Gradients of the CPU backend beside their naive twin, differences of runs, and PyTorch's.
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <ostream>
#include <random>

#include "model/io/files/safetensors.h"
#include "model/io/loaders.h"
#include "tests/model/cpu/backward_checks.h"
#include "tests/model/cpu/random_model.h"

namespace gf::testing {
namespace {

struct BackwardCase {
  const char* name;
  RandomModel model;
  int length;
  TestObjective m;
};
void PrintTo(const BackwardCase& c, std::ostream* out) { *out << c.name; }

class Backward : public ::testing::TestWithParam<BackwardCase> {
 protected:
  std::shared_ptr<const Weights> weights = make_random(GetParam().model);
  std::vector<TokenId> ids = random_ids(GetParam().length, GetParam().model.n_vocab);
  const TestObjective& m = GetParam().m;

  std::unique_ptr<Backend> loaded(std::unique_ptr<Backend> backend) const {
    EXPECT_TRUE(backend->load(weights));
    return backend;
  }
  Trace run(Backend& backend, const CapturePlan& plan = everything()) const {
    Trace trace(weights->config, plan);
    extend(backend, trace, ids);
    return trace;
  }
};

TEST_P(Backward, gradients_at_every_hook_are_the_twins) {
  const auto cpu = loaded(make_cpu_backend(2)), naive = loaded(make_naive_backend());
  const Trace values = run(*cpu);
  const Trace got = gradients_of(*cpu, values, m), want = gradients_of(*naive, values, m);
  for (const HookId hook : all_hooks(weights->config.n_layer)) EXPECT_TRUE(got.has(hook)) << name_of(hook);
  expect_close_gradients(got, want);
}

TEST_P(Backward, blocks_are_computed_again_where_the_run_kept_little) {
  const auto cpu = loaded(make_cpu_backend(2));
  const Trace want = gradients_of(*cpu, run(*cpu), m);
  for (const CapturePlan& plan : {CapturePlan::none(), CapturePlan::defaults(), backward_plan()})
    expect_close_gradients(gradients_of(*cpu, run(*cpu, plan), m), want);
}

TEST_P(Backward, the_same_bits_on_any_number_of_threads_and_under_any_plan) {
  const auto one = loaded(make_cpu_backend(1)), three = loaded(make_cpu_backend(3));
  const Trace want = gradients_of(*one, run(*one), m);
  expect_same_bits(gradients_of(*three, run(*three), m), want);
  for (const CapturePlan& plan : {CapturePlan::none(), CapturePlan::defaults()}) {
    const Trace part = gradients_of(*three, run(*one), m, nullptr, plan);
    for (const HookId hook : all_hooks(weights->config.n_layer)) {
      ASSERT_EQ(part.has(hook), keeps(plan, hook.kind)) << name_of(hook);
      for (int p = 0; part.has(hook) && p < part.length(); ++p)
        ASSERT_TRUE(same_bits(part.row(hook, p), want.row(hook, p))) << name_of(hook);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Models, Backward,
    ::testing::Values(
        BackwardCase{"plain", {}, 9, {{8}}}, BackwardCase{"one_token", {}, 1, {{0}}}, BackwardCase{"dense", {}, 9, {{8}, true}},
        BackwardCase{"many_positions", {.n_vocab = 40}, 12, {{0, 3, 11}, true}}, BackwardCase{"in_the_middle", {}, 70, {{5}}},
        BackwardCase{"three_chunks", {.n_layer = 1, .n_ctx = 140}, 131, {{2, 64, 130}}},
        BackwardCase{"no_bias", {.d_head = 5, .d_mlp = 33, .bias = false}, 7, {{6}}},
        BackwardCase{"erf_untied_out_major",
                     {.n_head = 3, .tied = false, .in_major = false, .scale_by_layer = true, .activation = Activation::GeluErf},
                     12,
                     {{11}}},
        BackwardCase{"relu_f16", {.n_head = 1, .d_head = 20, .activation = Activation::Relu, .dtype = DType::F16}, 10, {{9}, true}},
        BackwardCase{"bf16_out_major", {.d_mlp = 100, .n_vocab = 300, .in_major = false, .dtype = DType::BF16}, 10, {{9}, true}},
        BackwardCase{"wide", {.n_layer = 1, .n_head = 9, .d_head = 64, .d_mlp = 1200, .n_vocab = 1003}, 5, {{4}}},
        BackwardCase{"tiny", {.n_head = 1, .d_head = 1, .d_mlp = 1, .n_vocab = 2}, 4, {{3}}}),
    [](const auto& info) { return info.param.name; });

TEST(BackwardDifferences, are_the_gradients_at_every_hook) {
  for (const Activation activation : {Activation::GeluTanh, Activation::GeluErf}) {
    const auto weights = make_random({.activation = activation, .seed = 5});
    const auto ids = random_ids(6, 17);
    const auto cpu = make_cpu_backend(2), naive = make_naive_backend();
    ASSERT_TRUE(cpu->load(weights) && naive->load(weights));
    Trace run(weights->config, everything());
    extend(*naive, run, ids);
    const TestObjective m{{2, 5}, true};
    const Trace gradients = gradients_of(*cpu, run, m);
    std::mt19937 engine(3);
    for (const HookId hook : all_hooks(2))
      for (int i = 0; i < 4; ++i) {
        const int position = static_cast<int>(engine() % 6);
        const std::size_t element = engine() % row_size(info_of(hook.kind).shape, weights->config, position);
        const double want = difference_at(*naive, run, m, hook, position, element);
        const double got = static_cast<double>(gradients.row(hook, position)[element]);
        EXPECT_NEAR(got, want, 2e-3 + 2e-3 * std::abs(want)) << name_of(hook) << " row " << position << " [" << element << "]";
      }
  }
}

TEST(BackwardPass, is_cancelled_between_blocks) {
  const auto weights = make_random({});
  const auto cpu = make_cpu_backend(1);
  ASSERT_TRUE(cpu->load(weights));
  Trace run(weights->config, everything());
  extend(*cpu, run, random_ids(4, 17));
  std::stop_source source;
  const auto slopes = TestObjective{{3}}.slopes(17);
  int blocks = 0;
  BackwardStep step{.run = &run, .edits = nullptr, .slopes = slopes, .stop = source.get_token(), .progress = [&](int) {
                      ++blocks;
                      source.request_stop();
                    }};
  Trace gradients(weights->config, everything());
  const auto done = cpu->backward(gradients, step);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::Cancelled);
  EXPECT_EQ(blocks, 1);
  EXPECT_EQ(gradients.length(), 0);
}

/// PyTorch's gradients of logit A - logit B at the last position.
TEST(BackwardReference, is_that_of_autograd_at_every_hook) {
  const auto folder = std::filesystem::path(GLASSFORMER_SOURCE_DIR) / "tests/golden/models/hf-sharded-bf16";
  std::ifstream file(folder / "gradients.json");
  ASSERT_TRUE(file);
  const auto golden = nlohmann::json::parse(file);
  std::vector<TokenId> ids;
  for (const int id : golden["ids"]) ids.push_back(TokenId(id));
  const auto weights = load_weights(folder.string()).value();
  const auto reference = SafetensorsFile::open((folder / "gradients.safetensors").string());
  ASSERT_TRUE(reference) << reference.error().message;
  for (auto* make : {+[] { return make_cpu_backend(2); }, +[] { return make_naive_backend(); }}) {
    const auto backend = make();
    ASSERT_TRUE(backend->load(weights));
    Trace run(weights->config, everything());
    extend(*backend, run, ids);
    LogitSlope slope{run.length() - 1, std::vector<float>(static_cast<std::size_t>(weights->config.n_vocab))};
    slope.values[golden["a"].get<std::size_t>()] = 1;
    slope.values[golden["b"].get<std::size_t>()] = -1;
    Trace gradients(weights->config, everything());
    ASSERT_TRUE(backend->backward(gradients, {.run = &run, .edits = nullptr, .slopes = std::span(&slope, 1), .stop = {}, .progress = {}}));
    std::size_t compared = 0;
    for (const HookId hook : all_hooks(weights->config.n_layer)) {
      const auto* entry = reference->find(name_of(hook));
      if (entry == nullptr) continue;
      std::vector<std::shared_ptr<const void>> storage;
      const auto view = reference->view(*entry, storage);
      ASSERT_TRUE(view);
      const int T = run.length();
      for (int p = 0; p < T; ++p) {
        const auto row = gradients.row(hook, p);
        for (std::size_t i = 0; i < row.size(); ++i) {
          auto flat = static_cast<std::int64_t>(static_cast<std::size_t>(p) * row.size() + i);
          if (info_of(hook.kind).shape == RowShape::Causal) {
            const auto keys = static_cast<std::int64_t>(p) + 1, h = static_cast<std::int64_t>(i) / keys;
            flat = (h * T + p) * T + static_cast<std::int64_t>(i) % keys;
          }
          const float want = view->at(flat);
          ASSERT_NEAR(row[i], want, 5e-4F + 2e-4F * std::abs(want)) << name_of(hook) << " row " << p << " [" << i << "]";
        }
      }
      ++compared;
    }
    EXPECT_EQ(compared, reference->entries().size());
    EXPECT_GE(compared, 36U);
  }
}

}  // namespace
}  // namespace gf::testing
