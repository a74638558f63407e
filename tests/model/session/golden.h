// The reference cases that sessions and analyses are compared with.
#pragma once

#include <cmath>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/io/loaders.h"
#include "model/session.h"

namespace gf::testing {

using Json = nlohmann::json;

struct Case {
  std::string folder;  ///< below tests/golden
  std::string model;   ///< bundled name; empty: the folder itself
};
inline void PrintTo(const Case& c, std::ostream* out) { *out << c.folder; }

inline std::vector<Case> golden_cases() {
  return {{"models/hf-openai-keys", ""}, {"models/hf-sharded-bf16", ""}, {"trained/indirect-object", "fable"}, {"trained/capital", "fable"},
          {"trained/story", "fable"},    {"trained/sort", "sort-nano"},  {"trained/repeat", "induction-nano"}};
}

inline std::string case_name(const ::testing::TestParamInfo<Case>& info) {
  std::string name = info.param.folder.substr(info.param.folder.find('/') + 1);
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
}

inline std::shared_ptr<const Model> open_case_model(const std::string& model_or_path) {
  const auto path = resolve_model(model_or_path);
  EXPECT_TRUE(path) << path.error().message;
  if (!path) return nullptr;
  auto model = open_model(*path);
  EXPECT_TRUE(model) << model.error().message;
  return model.value_or(nullptr);
}

inline std::unique_ptr<Session> session_of(std::shared_ptr<const Model> model, Session::Options options = {}) {
  if (options.threads == 0) options.threads = 2;
  auto session = Session::create(std::move(model), options);
  EXPECT_TRUE(session) << session.error().message;
  return session ? std::move(*session) : nullptr;
}

inline std::vector<TokenId> ids_of(const Json& list) {
  std::vector<TokenId> ids;
  for (const int id : list) ids.emplace_back(id);
  return ids;
}

inline void expect_near(double got, double want, double absolute, double relative, const std::string& what) {
  EXPECT_LE(std::abs(got - want), absolute + relative * std::abs(want)) << what << ": " << got << " for " << want;
}

/// The last logits of a run with one more edit behind its recipe.
inline std::vector<float> logits_with(Session& session, const gf::Run& run, const Edit& cut) {
  std::vector<float> found;
  const auto keep = [&](std::size_t, std::span<const float> logits) { found.assign(logits.begin(), logits.end()); };
  const auto work = session.sweep(run, {&cut, 1}, keep);
  EXPECT_TRUE(work) << work.error().message;
  return found;
}

class GoldenCase : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const auto path = std::filesystem::path(GLASSFORMER_SOURCE_DIR) / "tests/golden" / GetParam().folder;
    folder = path.string();
    std::ifstream file(path / "case.json");
    ASSERT_TRUE(file) << path;
    golden = Json::parse(file);
    session = session_of(open_case_model(GetParam().model.empty() ? path.string() : GetParam().model));
    ASSERT_NE(session, nullptr);
    request.prompt = ids_of(golden["ids"]);
  }

  Json golden;
  std::string folder;  ///< of the case: what its recipes' files start from
  std::unique_ptr<Session> session;
  RunRequest request;
};

}  // namespace gf::testing
