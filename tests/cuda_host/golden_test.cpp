// CUDA's kernels against the reference values of the small checkpoints: every hook, within the hook table's tolerances.
// naive and CPU have the same comparison in model/cpu/reference_test.cpp.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "model/io/loaders.h"
#include "model/io/safetensors.h"
#include "tests/cuda_host/conformance.h"

namespace gf::testing {
namespace {

namespace fs = std::filesystem;

struct GoldenCase {
  const char *folder, *model;  ///< model: a bundled name, or empty: the folder itself
};
void PrintTo(const GoldenCase& c, std::ostream* out) { *out << c.folder; }

class CudaGolden : public ::testing::TestWithParam<GoldenCase> {};

/// The first place where a hook differs from the reference; empty: nowhere.
std::string difference_to(const TensorView& want, HookId hook, const Trace& trace) {
  const Tolerance tolerance = tolerance_of(hook.kind);
  const int T = trace.length();
  for (int p = 0; p < T; ++p) {
    const auto row = trace.row(hook, p);
    for (std::size_t i = 0; i < row.size(); ++i) {
      std::int64_t flat = p * static_cast<std::int64_t>(row.size()) + static_cast<std::int64_t>(i);
      if (info_of(hook.kind).shape == RowShape::Causal) {
        const auto keys = static_cast<std::int64_t>(p) + 1, h = static_cast<std::int64_t>(i) / keys;
        flat = (h * T + p) * T + static_cast<std::int64_t>(i) % keys;
      }
      if (!tolerance.holds(row[i], want.at(flat))) return name_of(hook) + " row " + std::to_string(p) + " [" + std::to_string(i) + "]";
    }
  }
  return {};
}

TEST_P(CudaGolden, EveryHook) {
  const fs::path folder = fs::path(GLASSFORMER_SOURCE_DIR) / "tests/golden" / GetParam().folder;
  std::ifstream file(folder / "case.json");
  ASSERT_TRUE(file) << folder;
  std::vector<TokenId> ids;
  for (const int id : nlohmann::json::parse(file)["ids"]) ids.push_back(TokenId(id));
  const std::string model = GetParam().model;
  const auto path = resolve_model(model.empty() ? folder.string() : model);
  ASSERT_TRUE(path) << path.error().message;
  const auto weights = load_weights(*path);
  ASSERT_TRUE(weights) << weights.error().message;
  const auto reference = SafetensorsFile::open((folder / "trace.safetensors").string());
  ASSERT_TRUE(reference) << reference.error().message;
  CudaOnHost device = make_cuda_on_host(3);
  const auto loaded = device.backend->load(*weights);
  ASSERT_TRUE(loaded) << loaded.error().message;
  Trace trace((*weights)->config, everything());
  ASSERT_EQ(append(*device.backend, trace, ids, {std::max(1, static_cast<int>(ids.size()) - 2), 1}), "");
  std::size_t compared = 0;
  for (const HookId hook : all_hooks((*weights)->config.n_layer)) {
    const auto* entry = reference->find(name_of(hook));
    if (entry == nullptr) continue;
    std::vector<std::shared_ptr<const void>> storage;
    const auto view = reference->view(*entry, storage);
    ASSERT_TRUE(view) << view.error().message;
    EXPECT_EQ(difference_to(*view, hook, trace), "");
    ++compared;
  }
  EXPECT_EQ(compared, reference->entries().size());
}

INSTANTIATE_TEST_SUITE_P(Reference, CudaGolden,
                         ::testing::Values(GoldenCase{"models/hf-openai-keys", ""}, GoldenCase{"models/hf-sharded-bf16", ""},
                                           GoldenCase{"models/hf-bin-f16", ""}, GoldenCase{"models/hf-bin-legacy", ""},
                                           GoldenCase{"models/nanogpt-char", ""}, GoldenCase{"models/mingpt-sort", ""},
                                           GoldenCase{"models/llmc-f32", ""}, GoldenCase{"models/llmc-bf16", ""},
                                           GoldenCase{"models/gguf-f16", ""}, GoldenCase{"models/gguf-q8_0", ""},
                                           GoldenCase{"models/llm-viz-json", ""}, GoldenCase{"trained/sort", "sort-nano"},
                                           GoldenCase{"trained/repeat", "induction-nano"}, GoldenCase{"trained/capital", "fable"}),
                         [](const auto& info) {
                           std::string name = info.param.folder;
                           std::ranges::replace_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
                           return name;
                         });

}  // namespace
}  // namespace gf::testing
