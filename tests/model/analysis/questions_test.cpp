// The further analyses against the reference values, and what they promise beyond them.
#include <algorithm>
#include <functional>

#include "model/analysis/ablation.h"
#include "model/analysis/attribution.h"
#include "model/analysis/entropy.h"
#include "model/analysis/head_scores.h"
#include "model/analysis/logit_direction.h"
#include "model/analysis/logit_lens.h"
#include "model/analysis/neurons.h"
#include "model/analysis/patch_sweep.h"
#include "model/analysis/question.h"
#include "model/analysis/token_report.h"
#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

std::vector<double> flat(const Json& nested) {
  std::vector<double> all;
  const std::function<void(const Json&)> visit = [&](const Json& v) {
    if (v.is_array())
      for (const Json& x : v) visit(x);
    else all.push_back(v.is_null() ? std::numeric_limits<double>::quiet_NaN() : v.get<double>());
  };
  visit(nested);
  return all;
}

void expect_grid(const Grid& got, const Json& want, const std::string& what, double scale = 1) {
  const auto values = flat(want);
  ASSERT_EQ(got.values.size(), values.size()) << what;
  std::size_t count = 1;
  for (const int n : got.shape) count *= static_cast<std::size_t>(n);
  ASSERT_EQ(got.axes.size(), got.shape.size()) << what;
  ASSERT_EQ(count, values.size()) << what;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string where = what + " " + std::to_string(i);
    if (std::isnan(values[i])) EXPECT_TRUE(std::isnan(got.values[i])) << where;
    else expect_near(static_cast<double>(got.values[i]) * scale, values[i] * scale, 5e-4, 1e-4, where);
  }
}

class Questions : public GoldenCase {
 protected:
  void SetUp() override {
    GoldenCase::SetUp();
    auto result = session->run(request);
    ASSERT_TRUE(result) << result.error().message;
    run = *result;
    a = TokenId(golden["a"].get<int>());
    b = TokenId(golden["b"].get<int>());
    want = golden["analyses"];
  }
  TokenId a, b;
  Json want;
};

TEST_P(Questions, entropy_is_the_references) {
  const auto got = attention_entropy(*run.base);
  ASSERT_TRUE(got) << got.error().message;
  expect_grid(got->attention, want["entropy"]["attention"], "attention");
  expect_grid(got->normalized, want["entropy"]["normalized"], "normalized");
  expect_grid(got->by_layer, want["entropy"]["by_layer"], "by_layer");
  expect_grid(got->by_layer_band95, want["entropy"]["by_layer_band95"], "band");
  // And where the pass kept nothing of the patterns but their entropy.
  RunRequest bare = request;
  bare.plan = CapturePlan::none();
  bare.plan.want(HookKind::PatternEntropy);
  const auto lean = session->run(bare);
  ASSERT_TRUE(lean) << lean.error().message;
  EXPECT_FALSE(lean->base->has({HookKind::Pattern, 0}));
  const auto same = attention_entropy(*lean->base);
  ASSERT_TRUE(same) << same.error().message;
  expect_grid(same->attention, want["entropy"]["attention"], "attention of the lean run");
  expect_grid(same->by_layer_band95, want["entropy"]["by_layer_band95"], "band of the lean run");
}

TEST_P(Questions, the_logit_lens_is_the_references) {
  const auto got = logit_lens(session->model(), *run.base, {.k = 5, .target = a, .position = -1});
  ASSERT_TRUE(got) << got.error().message;
  const Json& lens = want["logit_lens"];
  expect_grid(got->entropy, want["entropy"]["lens"], "entropy");
  expect_grid(got->logprob_of_next, lens["logprob_of_next"], "next");
  expect_grid(got->logprob_of_target, lens["logprob_of_target"], "target");
  const auto ids = flat(lens["top_ids"]), logprobs = flat(lens["top_logprobs"]), ranks = flat(lens["rank_of_next"]);
  ASSERT_EQ(got->top.size(), ids.size());
  std::size_t other = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    expect_near(got->top[i].logprob, logprobs[i], 5e-4, 1e-4, "top " + std::to_string(i));
    if (got->top[i].id.v == static_cast<int>(ids[i])) continue;
    ++other;  // only neighbours that are as likely may change places
    const std::size_t row = i / static_cast<std::size_t>(got->k) * static_cast<std::size_t>(got->k);
    double nearest = 1;
    for (std::size_t j = row; j < row + static_cast<std::size_t>(got->k); ++j)
      if (j != i) nearest = std::min(nearest, std::abs(logprobs[i] - logprobs[j]));
    EXPECT_TRUE(nearest < 1e-3 || i + 1 == row + static_cast<std::size_t>(got->k)) << i;
  }
  EXPECT_LE(other, ids.size() / 50);
  std::size_t differ = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    EXPECT_NEAR(got->rank_of_next.values[i], ranks[i], 1 + ranks[i] * 0.002) << i;
    differ += static_cast<double>(got->rank_of_next.values[i]) != ranks[i] ? 1 : 0;
  }
  EXPECT_LE(differ, ranks.size() / 10);
}

TEST_P(Questions, attribution_is_the_references_and_sums_to_the_logit) {
  const auto got = direct_attribution(*session, *run.base, request, a, b);
  ASSERT_TRUE(got) << got.error().message;
  const Json& dla = want["dla"];
  expect_grid(got->heads, dla["heads"], "heads");
  expect_grid(got->attn_bias, dla["attn_bias"], "attn_bias");
  expect_grid(got->mlp, dla["mlp"], "mlp");
  expect_near(got->embed, dla["embed"], 5e-4, 1e-4, "embed");
  expect_near(got->pos_embed, dla["pos_embed"], 5e-4, 1e-4, "pos_embed");
  expect_near(got->constant, dla["constant"], 5e-4, 1e-4, "constant");
  expect_near(got->total, dla["total"], 2e-4, 1e-5, "total");
  const auto logits = run.base->last_logits();
  expect_near(got->total, static_cast<double>(logits[a.index()]) - static_cast<double>(logits[b.index()]), 2e-4, 1e-5, "logits");
}

TEST_P(Questions, attribution_sums_to_the_logit_under_any_edit_of_the_stream) {
  for (const Json& entry : golden["recipes"]) {
    const std::string hook = entry["recipe"]["edits"][0]["hook"];
    if (hook.starts_with("ln_final") || hook == "logits") continue;
    request.recipe = parse_recipe(entry["recipe"].dump(), folder).value();
    const gf::Run edited = session->run(request).value();
    const auto got = direct_attribution(*session, *edited.edited, request, a, b);
    ASSERT_TRUE(got) << got.error().message;
    const auto logits = edited.edited->last_logits();
    expect_near(got->total, static_cast<double>(logits[a.index()]) - static_cast<double>(logits[b.index()]), 3e-4, 2e-5,
                entry["recipe"].dump());
  }
}

TEST_P(Questions, neurons_are_the_references) {
  const auto got = neuron_attribution(session->model(), *run.base, a, b, 20);
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->size(), want["neurons"].size());
  for (std::size_t i = 0; i < got->size(); ++i) {
    const Json& w = want["neurons"][i];
    expect_near(std::abs((*got)[i].contribution), std::abs(w["contribution"].get<double>()), 5e-4, 1e-4, "order " + std::to_string(i));
    const auto same =
        std::ranges::find_if(*got, [&](const NeuronAttribution& n) { return n.layer == w["layer"] && n.neuron == w["neuron"]; });
    if (same == got->end()) {
      EXPECT_NEAR(std::abs(w["contribution"].get<double>()), std::abs(want["neurons"].back()["contribution"].get<double>()), 5e-4);
      continue;
    }
    expect_near(same->activation, w["activation"], 5e-4, 1e-4, "activation");
    expect_near(same->contribution, w["contribution"], 5e-4, 1e-4, "contribution");
  }
}

TEST_P(Questions, the_token_report_is_the_references) {
  const auto got = token_report(*run.base);
  ASSERT_TRUE(got) << got.error().message;
  expect_grid(got->logprob, want["tokens"]["logprob"], "logprob");
  expect_grid(got->entropy, want["tokens"]["entropy"], "entropy");
  expect_near(got->mean_logprob, want["tokens"]["mean_logprob"], 5e-4, 1e-4, "mean");
  expect_near(std::log(got->perplexity), std::log(want["tokens"]["perplexity"].get<double>()), 5e-4, 1e-4, "perplexity");
  for (std::size_t i = 0; i < got->confidence.size(); ++i) {
    const double p = std::exp(static_cast<double>(got->logprob.values[i]));
    EXPECT_EQ(std::string(name_of(got->confidence[i])), p > 0.95 ? "high" : p < 0.6 ? "low" : "medium");
    EXPECT_EQ(got->surprisal.values[i], -got->logprob.values[i]);
  }
}

TEST_P(Questions, importance_is_the_references) {
  const auto got = token_importance(*session, request, a);
  ASSERT_TRUE(got) << got.error().message;
  expect_grid(*got, want["importance"], "importance");
}

TEST_P(Questions, ablation_is_the_references_and_splits_into_direct_and_repair) {
  const auto got = ablate_everything(*session, request, a, b);
  ASSERT_TRUE(got) << got.error().message;
  expect_grid(got->delta, want["ablate_sweep"]["delta"], "delta");
  expect_grid(got->kl, want["ablate_sweep"]["kl"], "kl");
  const Json& direct = want["dla"]["heads"];
  const int layers = got->delta.shape[0], heads = got->delta.shape[1];
  for (int layer = 0; layer < layers; ++layer)
    for (int head = 0; head < heads; ++head) {
      const double own = direct[static_cast<std::size_t>(layer)][static_cast<std::size_t>(head)];
      expect_near(got->direct.at(layer, head), -own, 5e-4, 1e-4, "direct");
      EXPECT_NEAR(got->repair.at(layer, head), got->delta.at(layer, head) - got->direct.at(layer, head), 1e-4);
    }
  // One MLP cut by a recipe gives the same.
  request.recipe = parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.1.hook_mlp_out", "op": "zero"}]})").value();
  const gf::Run cut = session->run(request).value();
  const auto before = run.base->last_logits(), after = cut.edited->last_logits();
  EXPECT_NEAR(got->mlp_delta.at(1), (after[a.index()] - after[b.index()]) - (before[a.index()] - before[b.index()]), 3e-4);
  EXPECT_NEAR(got->mlp_kl.at(1), *cut.kl, 1e-4 + 1e-3 * *cut.kl);
}

TEST_P(Questions, the_patch_sweep_is_the_references) {
  const Json& sweep = golden["patch_sweep"];
  if (sweep.is_null()) GTEST_SKIP() << "the case has no pair of prompts";
  request.prompt = ids_of(sweep["corrupt_ids"]);
  double last = 0;
  const auto got = patch_sweep(*session, request, ids_of(sweep["clean_ids"]), {"resid_pre", "attn_out", "mlp_out", "head_z"}, a, b, {},
                               [&](double fraction) {
                                 EXPECT_GT(fraction, last);
                                 last = fraction;
                               });
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(last, 1.0);
  expect_near(got->clean, sweep["clean"], 3e-4, 1e-4, "clean");
  expect_near(got->corrupt, sweep["corrupt"], 3e-4, 1e-4, "corrupt");
  EXPECT_TRUE(got->has_effect);
  for (const PatchSweep::Site& site : got->sites)
    expect_grid(site.effect, sweep[site.name], site.name, sweep["clean"].get<double>() - sweep["corrupt"].get<double>());
}

INSTANTIATE_TEST_SUITE_P(Golden, Questions, ::testing::ValuesIn(golden_cases()), case_name);

TEST(Question, a_patchscope_says_what_a_run_with_that_edit_says) {
  const auto session = session_of(open_case_model("sort-nano"));
  const auto from = ids_of({2, 2, 1, 0, 0, 1, 0}), into = ids_of({2, 1, 0, 2, 1, 2, 0});
  const Question& question = *find_question("patchscope");
  const auto asked = [&](const char* from_place, const char* to_place) {
    Asking asking{.session = *session, .request = {}, .run = {}, .a = {}, .b = {}, .params = Params(question.params)};
    asking.params.set_prompt("from-prompt", from);
    asking.params.set_prompt("into-prompt", into);
    EXPECT_TRUE(asking.params.set("from", from_place) && asking.params.set("to", to_place) && asking.params.set("n", "5"));
    return ask(question, asking);
  };
  const auto answer = asked("2,-2", "1,6");
  ASSERT_TRUE(answer) << answer.error().message;
  RunRequest request;
  request.prompt = into;
  request.n_generate = 5;  // the context of 11 has room for four rows of them
  const gf::Run plain = session->run(request).value();
  const auto recipe = parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.1.hook_resid_pre", "op": "patch", "positions": [6],
    "source": {"ids": [2, 2, 1, 0, 0, 1, 0], "hook": "blocks.2.hook_resid_pre", "positions": [5]}}]})");
  ASSERT_TRUE(recipe) << recipe.error().message;
  request.recipe = *recipe;
  const gf::Run run = session->run(request).value();
  const auto rows = run.edited->ids().subspan(into.size());
  std::vector<TokenId> said(rows.begin(), rows.end());
  if (run.beyond) said.push_back(*run.beyond);
  ASSERT_EQ(said.size(), 5U);
  EXPECT_EQ(answer->tokens("tokens").ids, said);
  EXPECT_FALSE(std::ranges::equal(run.edited->ids(), plain.edited->ids())) << "else the patch says nothing";
  for (std::size_t i = 0; i < rows.size(); ++i)
    EXPECT_EQ(answer->tokens("tokens").values[i], run.edited->stats(static_cast<int>(into.size() + i)).logprob);
  EXPECT_EQ(answer->words("says").words.front(), session->model().tokenizer->decode(said));
  EXPECT_GT(answer->number("kl"), 0);
  EXPECT_EQ(asked("4,0", "1,6").error().message, "there is no depth 4 for 'from'; the stream has the depths 0 to 3");
  EXPECT_EQ(asked("2,0", "1,7").error().message, "position 7 for 'to' is not in its prompt, whose positions are 0 to 6");
  for (const char* wrong : {"2", "2,", ",1", "2.1", "two,1", "2,1,0"})
    EXPECT_EQ(asked(wrong, "1,6").error().message, "'" + std::string(wrong) + "' for 'from' is not DEPTH,POSITION, as in 4,-1");
}

TEST(Question, a_patchscope_onto_its_own_place_changes_nothing) {
  const auto session = session_of(open_case_model("sort-nano"));
  const Question& question = *find_question("patchscope");
  for (const char* place : {"0,3", "2,6", "3,6"}) {
    Asking asking{.session = *session, .request = {}, .run = {}, .a = {}, .b = {}, .params = Params(question.params)};
    for (const char* prompt : {"from-prompt", "into-prompt"}) asking.params.set_prompt(prompt, ids_of({2, 1, 0, 2, 1, 2, 0}));
    ASSERT_TRUE(asking.params.set("from", place) && asking.params.set("to", place));
    const auto answer = ask(question, asking);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->words("says"), answer->words("unpatched")) << place;
    EXPECT_EQ(answer->number("kl"), 0) << place;
  }
}

TEST(Question, every_patch_site_moves_towards_the_clean_run) {
  const auto session = session_of(open_case_model("sort-nano"));
  RunRequest corrupt;
  corrupt.prompt = ids_of({2, 1, 0, 2, 1, 2, 0});
  const auto clean = ids_of({2, 1, 0, 1, 1, 2, 0});
  const auto got = patch_sweep(*session, corrupt, clean, patch_sites(), TokenId(1), TokenId(0));
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->sites.size(), 10U);
  for (const auto& site : got->sites) EXPECT_TRUE(std::ranges::any_of(site.delta.values, [](float d) { return d != 0; })) << site.name;
  EXPECT_EQ(patch_sweep(*session, corrupt, ids_of({1}), {"resid_pre"}, TokenId(1), TokenId(0)).error().message,
            "the clean prompt has 1 tokens and the corrupt one 7; patching needs as many");
  EXPECT_TRUE(patch_sweep(*session, corrupt, clean, {"nose"}, TokenId(1), TokenId(0))
                  .error()
                  .message.starts_with("there is no site 'nose' to patch; the sites are resid_pre, "));
  const auto same = patch_sweep(*session, corrupt, corrupt.prompt, {"head_pattern"}, TokenId(1), TokenId(0));
  ASSERT_TRUE(same) << same.error().message;
  EXPECT_FALSE(same->has_effect);
  for (const float d : same->sites[0].delta.values) EXPECT_NEAR(d, 0, 1e-4);
  for (const float e : same->sites[0].effect.values) EXPECT_TRUE(std::isnan(e));
}

TEST(Question, a_cut_by_the_mean_has_no_direct_part) {
  const auto session = session_of(open_case_model("sort-nano"));
  RunRequest request;
  request.prompt = ids_of({2, 1, 0, 2, 1, 2, 0});
  const auto got = ablate_everything(*session, request, TokenId(1), {}, {.with = AblateWith::Mean});
  ASSERT_TRUE(got) << got.error().message;
  for (const float x : got->repair.values) EXPECT_TRUE(std::isnan(x));
  request.recipe = parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.2.attn.hook_z", "op": "mean", "heads": [1]}]})").value();
  const gf::Run cut = session->run(request).value();
  EXPECT_NEAR(got->delta.at(2, 1), cut.edited->last_logits()[1] - cut.base->last_logits()[1], 1e-4);
}

TEST(Question, an_edit_of_result_shows_in_its_head_and_not_as_a_part_of_its_own) {
  const auto session = session_of(open_case_model("sort-nano"));
  RunRequest request;
  request.prompt = ids_of({2, 1, 0, 2, 1, 2, 0});
  request.recipe = parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.1.attn.hook_result", "op": "zero", "heads": [2]}]})").value();
  const gf::Run cut = session->run(request).value();
  const auto got = direct_attribution(*session, *cut.edited, request, TokenId(1), TokenId(0));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->heads.at(1, 2), 0);
  EXPECT_NE(got->heads.at(1, 1), 0);
  EXPECT_EQ(got->edits, std::vector<double>{0.0});
  EXPECT_NEAR(got->total, cut.edited->last_logits()[1] - cut.edited->last_logits()[0], 3e-4);
}

TEST(Question, each_of_several_edits_at_one_place_has_its_own_part) {
  const auto session = session_of(open_case_model("sort-nano"));
  RunRequest request;
  request.prompt = ids_of({2, 1, 0, 2, 1, 2, 0});
  request.recipe = parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.1.hook_attn_out", "op": "add", "value": 0.7, "dims": [3]},
    {"hook": "blocks.2.attn.hook_z", "op": "zero", "heads": [0]}, {"hook": "blocks.1.hook_attn_out", "op": "scale", "factor": 0.5}]})")
                       .value();
  const gf::Run cut = session->run(request).value();
  const auto got = direct_attribution(*session, *cut.edited, request, TokenId(1), TokenId(0));
  ASSERT_TRUE(got) << got.error().message;
  const auto g = logit_direction(*session->model().weights, cut.edited->row({HookKind::LnFinalScale, -1}, 6)[0], TokenId(1), TokenId(0));
  const auto row = cut.edited->row({HookKind::AttnOut, 1}, 6);
  double left = 0;
  for (std::size_t i = 0; i < g.size(); ++i) left += static_cast<double>(row[i]) * g[i];
  ASSERT_EQ(got->edits.size(), 3U);
  EXPECT_NEAR(got->edits[0], 0.7 * g[3], 1e-5);
  EXPECT_EQ(got->edits[1], 0);
  EXPECT_NEAR(got->edits[2], -left, 1e-5) << "half of what was there is as much as what is left";
  EXPECT_NEAR(got->total, cut.edited->last_logits()[1] - cut.edited->last_logits()[0], 3e-4);
}

TEST(Question, induction_shows_on_tokens_said_twice) {
  const auto session = session_of(open_case_model("induction-nano"));
  RunRequest request;
  for (int i = 0; i < 24; ++i) request.prompt.emplace_back(i % 12 * 5);
  const gf::Run run = session->run(request).value();
  const HeadScores all = head_scores(*run.base), second = head_scores(*run.base, 12);
  EXPECT_GT(*std::ranges::max_element(second.induction.values), 0.5F);
  double sink = 0;
  for (int t = 12; t < 24; ++t) sink += static_cast<double>(run.base->causal_row({HookKind::Pattern, 1}, 0, t)[0]) / 12;
  EXPECT_NEAR(second.sink.at(1, 0), sink, 1e-6);
  EXPECT_EQ(second.induction.values, all.induction.values) << "nothing repeats in the first half";
}

TEST(Question, the_contrast_divides_what_both_prompts_share) {
  const auto session = session_of(open_case_model("sort-nano"));
  RunRequest q, g;
  q.prompt = ids_of({2, 1, 0, 1}), g.prompt = ids_of({2, 1, 2});
  const gf::Run rq = session->run(q).value(), rg = session->run(g).value();
  const auto got = attention_contrast(*rq.base, *rg.base, 0.05);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->shape, (std::vector<int>{3, 3, 2}));
  const float above = rq.base->causal_row({HookKind::Pattern, 1}, 2, 3)[1], below = rg.base->causal_row({HookKind::Pattern, 1}, 2, 2)[1];
  EXPECT_NEAR(got->at(1, 2, 1), above / (below + 0.05F), 1e-5);
  g.prompt = ids_of({0});
  EXPECT_EQ(attention_contrast(*rq.base, *session->run(g).value().base, 0.05).error().code, ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace gf::testing
