// Recipes and generation against the reference values.
#include "tests/model/session/golden.h"

#include <algorithm>

namespace gf::testing {
namespace {

class Recipes : public GoldenCase {};

TEST_P(Recipes, give_the_reference_values) {
  ASSERT_EQ(golden["recipes"].size(), 27U);
  for (const Json& want : golden["recipes"]) {
    SCOPED_TRACE(want["recipe"].dump());
    expect_recipe(want);
    // The same as one more edit behind no recipe, from the block where it acts.
    if (request.recipe.edits.size() != 1) continue;
    RunRequest plain = request;
    plain.recipe = {};
    plain.recipe.folder = folder;
    const auto cut = logits_with(*session, session->run(plain).value(), request.recipe.edits[0]);
    const auto logits = run.edited->last_logits();
    ASSERT_EQ(cut.size(), logits.size());
    for (std::size_t i = 0; i < cut.size(); ++i) expect_near(cut[i], logits[i], 1e-4, 1e-5, "sweep " + std::to_string(i));
  }
}

TEST_P(Recipes, act_during_generation) {
  ASSERT_EQ(golden["generated_edited"].size(), 3U);
  for (const Json& want : golden["generated_edited"]) {
    SCOPED_TRACE(want["recipe"].dump());
    const auto ids = ids_of(want["ids"]);
    request.recipe = parse_recipe(want["recipe"].dump(), folder).value();
    request.n_generate = static_cast<int>(ids.size() - request.prompt.size());
    request.sampler.stop_at_eos = false;  // the references go on behind that token
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

TEST_P(Recipes, greedy_continuation) {
  const auto want = ids_of(golden["greedy"]);
  request.n_generate = static_cast<int>(want.size() - request.prompt.size());
  request.sampler.stop_at_eos = false;  // the references go on behind that token
  const auto run = session->run(request);
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_TRUE(std::ranges::equal(run->base->ids(), want));
  EXPECT_FALSE(run->has_edits());
  EXPECT_FALSE(run->kl.has_value());
}

TEST_P(Recipes, token_statistics) {
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

TEST(Fable, loses_mary_without_its_heads) {
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
