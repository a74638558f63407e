// The reference cases that sessions and analyses are compared with.
#pragma once

#include <algorithm>
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
#include "tests/model/golden_cases.h"

namespace gf::testing {

using Json = nlohmann::json;

/// Those whose sessions are worth their time.
inline std::vector<ReferenceCase> golden_cases() {
  return {{"models/hf-openai-keys", ""}, {"models/hf-sharded-bf16", ""}, {"trained/indirect-object", "fable"}, {"trained/capital", "fable"},
          {"trained/story", "fable"},    {"trained/sort", "sort-nano"},  {"trained/repeat", "induction-nano"}};
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

inline void expect_receipts(const gf::Run& run, const Json& want) {
  ASSERT_EQ(run.receipts.size(), want["receipts"].size());
  for (std::size_t i = 0; i < run.receipts.size(); ++i) {
    EXPECT_EQ(run.receipts[i].fired, want["receipts"][i]["fired"].get<long long>());
    expect_near(run.receipts[i].norm, want["receipts"][i]["norm"], 1e-6, 1e-3, "norm");
  }
  ASSERT_TRUE(run.kl.has_value());
  expect_near(*run.kl, want["kl"], 1e-4, 1e-3, "kl");
}

class GoldenCase : public ::testing::TestWithParam<ReferenceCase> {
 protected:
  void SetUp() override {
    const auto path = std::filesystem::path(golden_folder()) / GetParam().folder;
    folder = path.string();
    std::ifstream file(path / "case.json");
    ASSERT_TRUE(file) << path;
    golden = Json::parse(file);
    session = session_of(open_case_model(GetParam().model.empty() ? path.string() : GetParam().model));
    ASSERT_NE(session, nullptr);
    request.prompt = ids_of(golden["ids"]);
  }

  /// Runs one of golden["recipes"] and compares receipts, logits and the likeliest token of each position.
  void expect_recipe(const Json& want) {
    const auto recipe = parse_recipe(want["recipe"].dump(), folder);
    ASSERT_TRUE(recipe) << recipe.error().message;
    request.recipe = *recipe;
    request.plan = CapturePlan::full();
    const auto result = session->run(request);
    ASSERT_TRUE(result) << result.error().message;
    run = *result;
    expect_receipts(run, want);
    const auto logits = run.edited->last_logits();
    for (std::size_t i = 0; i < want["last_logits"].size(); ++i)
      expect_near(logits[i], want["last_logits"][i], 3e-4, 2e-4, "logit " + std::to_string(i));
    for (int p = 0; p < run.edited->length(); ++p) {
      const auto row = run.edited->row({HookKind::Logits, -1}, p);
      EXPECT_EQ(std::ranges::max_element(row) - row.begin(), want["argmax"][static_cast<std::size_t>(p)].get<int>()) << "position " << p;
      EXPECT_EQ(run.edited->stats(p).top[0].id.v, want["argmax"][static_cast<std::size_t>(p)].get<int>());
    }
  }

  Json golden;
  gf::Run run;         ///< the newest
  std::string folder;  ///< of the case: what its recipes' files start from
  std::unique_ptr<Session> session;
  RunRequest request;
};

}  // namespace gf::testing
