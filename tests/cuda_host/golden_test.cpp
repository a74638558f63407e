// CUDA's kernels against the reference values: every hook of every case, and every recipe; on the executor, or on the GPU
// where the environment asks for it. naive and CPU have the same comparisons in model/cpu/reference_test.cpp and
// model/session/golden_test.cpp.
#include "tests/model/session/golden.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "tests/cuda_host/conformance.h"
#include "tests/model/reference_trace.h"

namespace gf::testing {
namespace {

/// The GPU's backend, or the executor's; nullptr and a reason where there is none.
std::unique_ptr<Backend> backend_with_kernels(std::string* reason = nullptr) {
  return conformance_backends().front() == "gpu" ? make_backend("gpu", reason) : make_cuda_on_host(3, std::size_t{64} << 20, false).backend;
}

class CudaHooks : public GoldenCase {};

TEST_P(CudaHooks, are_the_references) {
  const auto reference = SafetensorsFile::open(folder + "/trace.safetensors");
  ASSERT_TRUE(reference) << reference.error().message;
  std::string reason;
  const auto backend = conformance_backends().front() == "gpu" ? make_backend("gpu", &reason) : make_cuda_on_host(3).backend;
  if (!backend) GTEST_SKIP() << reason;
  const auto weights = session->model().weights;
  ASSERT_TRUE(backend->load(weights));
  Trace trace(weights->config, everything());
  const auto n = static_cast<int>(request.prompt.size());
  ASSERT_EQ(append(*backend, trace, request.prompt, {std::max(1, n - 2), 1}), "");
  expect_reference(*reference, trace);
}

INSTANTIATE_TEST_SUITE_P(Reference, CudaHooks, ::testing::ValuesIn(all_golden_cases()), case_name);

/// The session's backend is the GPU, or the executor. Races were looked for elsewhere.
class CudaRecipes : public GoldenCase {
 protected:
  void SetUp() override {
    std::string reason;
    if (!backend_with_kernels(&reason)) GTEST_SKIP() << reason;
    set_backend_maker([](const std::string&, int) { return backend_with_kernels(); });
    GoldenCase::SetUp();
  }
  void TearDown() override { set_backend_maker({}); }

  /// The executor runs every stride-th recipe of a case: all recipes on one model of each kind, and fewer on models that
  /// differ only in their file's format or that take it seconds for a run. Each case runs others.
  [[nodiscard]] std::size_t stride() const {
    // A GPU runs all of them.
    if (session->backend_name().find("kernels on the CPU") == std::string::npos) return 1;
    constexpr const char* kWhole[] = {"models/hf-sharded-bf16", "models/nanogpt-char", "models/mingpt-sort",
                                      "models/llm-viz-json",    "trained/sort",        "trained/repeat"};
    if (std::ranges::find(kWhole, GetParam().folder) != std::end(kWhole)) return 1;
    return session->model().weights->parameters() > 1'000'000 ? 9 : 4;
  }
};

TEST_P(CudaRecipes, give_the_reference_values) {
  ASSERT_TRUE(session->backend_name().starts_with("cuda (")) << session->backend_name();
  ASSERT_EQ(golden["recipes"].size(), 27U);
  for (std::size_t i = GetParam().folder.size() % stride(); i < golden["recipes"].size(); i += stride()) {
    SCOPED_TRACE(golden["recipes"][i]["recipe"].dump());
    expect_recipe(golden["recipes"][i]);
  }
}

INSTANTIATE_TEST_SUITE_P(Reference, CudaRecipes, ::testing::ValuesIn(all_golden_cases()), case_name);

TEST(CudaTraces, a_long_one_is_the_cpus) {
  const auto weights = make_random({.n_layer = 1, .n_head = 2, .d_head = 16, .d_mlp = 64, .n_ctx = 320, .n_vocab = 71});
  const ModelConfig& c = weights->config;
  const auto ids = random_ids(310, c.n_vocab);
  CudaOnHost device = make_cuda_on_host(5);
  const auto cpu = make_cpu_backend(2);
  ASSERT_TRUE(device.backend->load(weights));
  ASSERT_TRUE(cpu->load(weights));
  CapturePlan plan = everything();
  plan.want(HookKind::PatternEntropy);
  Trace got(c, plan), want(c, everything()), bare(c, only_entropy());
  const std::vector<int> sizes{300, 8, 1};
  ASSERT_EQ(append(*device.backend, got, ids, sizes), "");
  ASSERT_EQ(append(*device.backend, bare, ids, sizes), "");
  ASSERT_EQ(append(*cpu, want, ids), "");
  for (const Trace* trace : {&got, &bare}) {
    EXPECT_EQ(difference(*trace, want), "");
    EXPECT_EQ(entropy_difference(*trace, want), "");
  }
  EXPECT_EQ(stats_difference(got, want), "");
}

}  // namespace
}  // namespace gf::testing
