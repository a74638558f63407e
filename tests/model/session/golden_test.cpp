// Recipes and generation against the reference values.
#include "tests/model/session/golden.h"

#include <algorithm>

namespace gf::testing {
namespace {

void expect_receipts(const gf::Run& run, const Json& want) {
  ASSERT_EQ(run.receipts.size(), want["receipts"].size());
  for (std::size_t i = 0; i < run.receipts.size(); ++i) {
    EXPECT_EQ(run.receipts[i].fired, want["receipts"][i]["fired"].get<long long>());
    expect_near(run.receipts[i].norm, want["receipts"][i]["norm"], 1e-6, 1e-3, "norm");
  }
  ASSERT_TRUE(run.kl.has_value());
  expect_near(*run.kl, want["kl"], 1e-4, 1e-3, "kl");
}

class Recipes : public GoldenCase {};

TEST_P(Recipes, GiveTheReferenceValues) {
  ASSERT_EQ(golden["recipes"].size(), 27U);
  for (const Json& want : golden["recipes"]) {
    SCOPED_TRACE(want["recipe"].dump());
    const auto recipe = parse_recipe(want["recipe"].dump(), folder);
    ASSERT_TRUE(recipe) << recipe.error().message;
    request.recipe = *recipe;
    request.plan = CapturePlan::full();
    const auto run = session->run(request);
    ASSERT_TRUE(run) << run.error().message;
    expect_receipts(*run, want);
    const auto logits = run->edited->last_logits();
    for (std::size_t i = 0; i < want["last_logits"].size(); ++i)
      expect_near(logits[i], want["last_logits"][i], 3e-4, 2e-4, "logit " + std::to_string(i));
    for (int p = 0; p < run->edited->length(); ++p) {
      const auto row = run->edited->row({HookKind::Logits, -1}, p);
      EXPECT_EQ(std::ranges::max_element(row) - row.begin(), want["argmax"][static_cast<std::size_t>(p)].get<int>()) << "position " << p;
      EXPECT_EQ(run->edited->stats(p).top[0].id.v, want["argmax"][static_cast<std::size_t>(p)].get<int>());
    }
    // The same as one more edit behind no recipe, from the block where it acts.
    if (request.recipe.edits.size() != 1) continue;
    RunRequest plain = request;
    plain.recipe = {};
    plain.recipe.folder = folder;
    const auto cut = logits_with(*session, session->run(plain).value(), request.recipe.edits[0]);
    ASSERT_EQ(cut.size(), logits.size());
    for (std::size_t i = 0; i < cut.size(); ++i) expect_near(cut[i], logits[i], 1e-4, 1e-5, "sweep " + std::to_string(i));
  }
}

TEST_P(Recipes, ActDuringGeneration) {
  ASSERT_EQ(golden["generated_edited"].size(), 3U);
  for (const Json& want : golden["generated_edited"]) {
    SCOPED_TRACE(want["recipe"].dump());
    const auto ids = ids_of(want["ids"]);
    request.recipe = parse_recipe(want["recipe"].dump(), folder).value();
    request.n_generate = static_cast<int>(ids.size() - request.prompt.size());
    request.plan = CapturePlan::defaults();
    const auto run = session->run(request);
    ASSERT_TRUE(run) << run.error().message;
    EXPECT_TRUE(std::ranges::equal(run->edited->ids(), ids));
    EXPECT_TRUE(std::ranges::equal(run->base->ids(), ids));
    expect_receipts(*run, want);

    // The same tokens as given: one pass in place of many steps, the same receipts.
    auto fresh = session_of(open_case_model(session->model().weights->path));
    RunRequest forced = request;
    forced.n_generate = 0;
    forced.forced.assign(ids.begin() + static_cast<std::ptrdiff_t>(request.prompt.size()), ids.end());
    const auto again = fresh->run(forced);
    ASSERT_TRUE(again) << again.error().message;
    expect_receipts(*again, want);
  }
}

TEST_P(Recipes, GreedyContinuation) {
  const auto want = ids_of(golden["greedy"]);
  request.n_generate = static_cast<int>(want.size() - request.prompt.size());
  const auto run = session->run(request);
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_TRUE(std::ranges::equal(run->base->ids(), want));
  EXPECT_FALSE(run->has_edits());
  EXPECT_FALSE(run->kl.has_value());
}

TEST_P(Recipes, TokenStatistics) {
  const auto run = session->run(request);
  ASSERT_TRUE(run) << run.error().message;
  const Json& want = golden["analyses"]["tokens"];
  for (int p = 0; p < run->base->length(); ++p) {
    const auto at = static_cast<std::size_t>(p);
    const TokenStats& stats = run->base->stats(p);
    expect_near(stats.entropy, want["entropy"][at], 5e-4, 1e-4, "entropy");
    if (p > 0) expect_near(stats.logprob, want["logprob"][at - 1], 5e-4, 1e-4, "logprob");
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, Recipes, ::testing::ValuesIn(golden_cases()), case_name);

TEST(Fable, LosesMaryWithoutItsHeads) {
  const auto model = open_case_model("fable");
  const auto session = session_of(model);
  RunRequest request;
  request.prompt = model->tokenizer->ids_of("When Mary and John went to the garden, John gave a ring to").value();
  const auto mary = model->tokenizer->ids_of(" Mary").value();
  ASSERT_EQ(mary.size(), 1U);
  const auto probability = [&](const Trace& trace) {
    for (const auto& t : trace.stats(trace.length() - 1).top)
      if (t.id == mary[0]) return std::exp(t.logprob);
    return 0.0F;
  };
  request.recipe = parse_recipe(R"({"version": 1, "edits": [
    {"hook": "blocks.0.attn.hook_z", "op": "zero", "heads": [0, 5]},
    {"hook": "blocks.4.attn.hook_z", "op": "zero", "heads": [3]}]})")
                       .value();
  const auto run = session->run(request);
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_NEAR(probability(*run->base), 0.987, 0.0005);
  EXPECT_NEAR(probability(*run->edited), 0.015, 0.0005);
  EXPECT_NEAR(*run->kl, 4.11, 0.005);
}

}  // namespace
}  // namespace gf::testing
