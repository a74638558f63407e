// Every hook of the reference checkpoints, within the tolerances of forward_checks.h.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "model/io/files/safetensors.h"
#include "model/io/loaders.h"
#include "tests/model/cpu/forward_checks.h"
#include "tests/model/reference_trace.h"

namespace gf::testing {
namespace {

namespace fs = std::filesystem;
const fs::path kGolden = fs::path(GLASSFORMER_SOURCE_DIR) / "tests/golden";

class AgainstReference : public ::testing::TestWithParam<ReferenceCase> {
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

  std::vector<TokenId> ids;
  std::shared_ptr<const Weights> weights;
  std::unique_ptr<SafetensorsFile> reference;
  std::unique_ptr<Backend> backend;
};

TEST_P(AgainstReference, prompt_at_once) {
  Trace trace(weights->config, everything());
  extend(*backend, trace, ids);
  expect_reference(*reference, trace);
}

TEST_P(AgainstReference, token_by_token) {
  Trace trace(weights->config, everything());
  extend(*backend, trace, ids, {1});
  expect_reference(*reference, trace);
}

TEST_P(AgainstReference, the_naive_twin) {
  if (weights->parameters() > 3'000'000) GTEST_SKIP() << "plain loops take too long on this model";
  ASSERT_TRUE((backend = make_naive_backend())->load(weights));
  Trace trace(weights->config, everything());
  extend(*backend, trace, ids);
  expect_reference(*reference, trace);
}

INSTANTIATE_TEST_SUITE_P(Golden, AgainstReference, ::testing::ValuesIn(all_golden_cases()), case_name);

}  // namespace
}  // namespace gf::testing
