// Every hook of the reference checkpoints, within the tolerances of the hook table's specification.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "model/io/loaders.h"
#include "model/io/safetensors.h"
#include "tests/model/cpu/forward_checks.h"

namespace gf::testing {
namespace {

namespace fs = std::filesystem;
const fs::path kGolden = fs::path(GLASSFORMER_SOURCE_DIR) / "tests/golden";

struct Reference {
  std::string folder, model;  ///< folder below tests/golden; model: a path, or a bundled name
};
void PrintTo(const Reference& r, std::ostream* out) { *out << r.folder; }

class AgainstReference : public ::testing::TestWithParam<Reference> {
 protected:
  void SetUp() override {
    const fs::path folder = kGolden / GetParam().folder;
    std::ifstream file(folder / "case.json");
    ASSERT_TRUE(file) << folder;
    const auto parsed = nlohmann::json::parse(file);
    for (const int id : parsed["ids"]) ids.push_back(TokenId(id));
    const auto path = resolve_model(GetParam().model.empty() ? folder.string() : GetParam().model);
    ASSERT_TRUE(path) << path.error().message;
    auto loaded = load_weights(*path);
    ASSERT_TRUE(loaded) << loaded.error().message;
    weights = *loaded;
    auto opened = SafetensorsFile::open((folder / "trace.safetensors").string());
    ASSERT_TRUE(opened) << opened.error().message;
    reference = std::make_unique<SafetensorsFile>(std::move(*opened));
    backend = make_cpu_backend(2);
    ASSERT_TRUE(backend->load(weights));
  }

  void expect_reference(const Trace& trace) {
    std::size_t compared = 0;
    for (const HookId hook : all_hooks(weights->config.n_layer)) {
      const auto* entry = reference->find(name_of(hook));
      if (entry == nullptr) {
        EXPECT_EQ(hook.kind, HookKind::Result) << name_of(hook) << " is missing in the reference";
        continue;
      }
      std::vector<std::shared_ptr<const void>> storage;
      const auto view = reference->view(*entry, storage);
      ASSERT_TRUE(view) << view.error().message;
      compare(hook, *view, trace);
      ++compared;
    }
    EXPECT_EQ(compared, reference->entries().size());
  }

  void compare(HookId hook, const TensorView& want, const Trace& trace) {
    ASSERT_TRUE(trace.has(hook)) << name_of(hook);
    const RowShape shape = info_of(hook.kind).shape;
    const int T = trace.length();
    const Tolerance tolerance = tolerance_of(hook.kind);
    for (int p = 0; p < T; ++p) {
      const auto row = trace.row(hook, p);
      for (std::size_t i = 0; i < row.size(); ++i) {
        std::int64_t flat = p * static_cast<std::int64_t>(row.size()) + static_cast<std::int64_t>(i);
        if (shape == RowShape::Causal) {
          const auto keys = static_cast<std::int64_t>(p) + 1, h = static_cast<std::int64_t>(i) / keys;
          flat = (h * T + p) * T + static_cast<std::int64_t>(i) % keys;
        }
        ASSERT_TRUE(tolerance.holds(row[i], want.at(flat)))
            << name_of(hook) << " row " << p << " [" << i << "]: " << row[i] << " for " << want.at(flat);
      }
    }
  }

  std::vector<TokenId> ids;
  std::shared_ptr<const Weights> weights;
  std::unique_ptr<SafetensorsFile> reference;
  std::unique_ptr<Backend> backend;
};

TEST_P(AgainstReference, PromptAtOnce) {
  Trace trace(weights->config, everything());
  extend(*backend, trace, ids);
  expect_reference(trace);
}

TEST_P(AgainstReference, TokenByToken) {
  Trace trace(weights->config, everything());
  extend(*backend, trace, ids, {1});
  expect_reference(trace);
}

TEST_P(AgainstReference, TheNaiveTwin) {
  if (weights->parameters() > 3'000'000) GTEST_SKIP() << "plain loops take too long on this model";
  ASSERT_TRUE((backend = make_naive_backend())->load(weights));
  Trace trace(weights->config, everything());
  extend(*backend, trace, ids);
  expect_reference(trace);
}

INSTANTIATE_TEST_SUITE_P(Golden, AgainstReference,
                         ::testing::Values(Reference{"models/hf-openai-keys", ""}, Reference{"models/hf-sharded-bf16", ""},
                                           Reference{"models/hf-bin-f16", ""}, Reference{"models/hf-bin-legacy", ""},
                                           Reference{"models/nanogpt-char", ""}, Reference{"models/mingpt-sort", ""},
                                           Reference{"models/llmc-f32", ""}, Reference{"models/llmc-bf16", ""},
                                           Reference{"models/gguf-f16", ""}, Reference{"models/gguf-q8_0", ""},
                                           Reference{"models/llm-viz-json", ""}, Reference{"trained/capital", "fable"},
                                           Reference{"trained/indirect-object", "fable"}, Reference{"trained/story", "fable"},
                                           Reference{"trained/sort", "sort-nano"}, Reference{"trained/repeat", "induction-nano"}),
                         [](const auto& info) {
                           std::string name = info.param.folder;
                           std::ranges::replace_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
                           return name;
                         });

}  // namespace
}  // namespace gf::testing
