// Sweeps as a session gives them: beside whole runs, with progress, cancelled.
#include <algorithm>
#include <atomic>
#include <thread>

#include "model/analysis/ablation.h"
#include "model/analysis/patch_sweep.h"
#include "model/analysis/token_report.h"
#include "model/base/logits.h"
#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

class SessionSweep : public ::testing::Test {
 protected:
  SessionSweep() : session(session_of(open_case_model("sort-nano"))) { request.prompt = ids_of({2, 1, 0, 1, 1, 2, 0}); }
  static Recipe recipe_of(const std::string& edits) { return parse_recipe(R"({"version": 1, "edits": [)" + edits + "]}").value(); }
  gf::Run run(const RunRequest& r) {
    auto result = session->run(r);
    EXPECT_TRUE(result) << result.error().message;
    return result.value_or(gf::Run{});
  }
  /// Each cut of the list beside a whole run whose recipe ends with it.
  void expect_as_whole_runs(const std::string& cuts) {
    const gf::Run start = run(request);
    const std::vector<Edit> list = recipe_of(cuts).edits;
    std::vector<std::vector<float>> got;
    const auto work = session->sweep(start, list, [&](std::size_t i, std::span<const float> logits) {
      EXPECT_EQ(i, got.size());
      got.emplace_back(logits.begin(), logits.end());
    });
    ASSERT_TRUE(work) << work.error().message;
    ASSERT_EQ(got.size(), list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      RunRequest whole = request;
      whole.recipe.edits.push_back(list[i]);
      const gf::Run r = run(whole);
      const auto want = r.edited->last_logits();
      for (std::size_t j = 0; j < want.size(); ++j) EXPECT_NEAR(got[i][j], want[j], 2e-5F) << summary(list[i]);
    }
  }

  std::unique_ptr<Session> session;
  RunRequest request;
};

const char* const kCuts =
    R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "heads": [1]}, {"hook": "blocks.0.attn.hook_z", "op": "mean"},
       {"hook": "blocks.1.attn.hook_attn_scores", "op": "set", "value": "-inf", "heads": [0], "keys": [1]},
       {"hook": "blocks.1.attn.hook_pattern", "op": "zero", "keys": [0], "renormalize": true},
       {"hook": "blocks.1.hook_attn_out", "op": "patch", "source": {"ids": [0, 0, 1, 2, 2, 1, 0]}},
       {"hook": "blocks.2.mlp.hook_post", "op": "zero", "neurons": [3]}, {"hook": "blocks.2.hook_mlp_out", "op": "zero"},
       {"hook": "hook_pos_embed", "op": "zero"}, {"hook": "ln_final.hook_scale", "op": "scale", "factor": 2},
       {"hook": "blocks.0.hook_resid_pre", "op": "scale", "factor": 2, "positions": "last"}, {"hook": "logits", "op": "zero", "dims": [1]})";

TEST_F(SessionSweep, cuts_at_any_hook_are_whole_runs) { expect_as_whole_runs(kCuts); }

TEST_F(SessionSweep, so_they_are_on_top_of_a_recipe) {
  for (
      const char* edits :
      {R"({"hook": "blocks.1.attn.hook_z", "op": "mean", "heads": [2]})",
       R"({"hook": "blocks.2.attn.hook_pattern", "op": "zero", "queries": "last", "keys": [0]})",
       R"({"hook": "blocks.1.hook_resid_pre", "op": "scale", "factor": 1.5, "positions": "3:"})",
       R"({"hook": "blocks.1.attn.hook_z", "op": "zero", "enabled": false}, {"hook": "blocks.2.attn.hook_result", "op": "zero", "heads": [0]})"}) {
    SCOPED_TRACE(edits);
    request.recipe = recipe_of(edits);
    expect_as_whole_runs(kCuts);
  }
}

TEST_F(SessionSweep, a_run_that_generated_is_cut_where_it_is_the_same) {
  request.prompt = ids_of({2, 1, 0});
  request.forced = ids_of({1, 1, 2});
  request.recipe = recipe_of(R"({"hook": "blocks.1.attn.hook_z", "op": "scale", "factor": 0.5, "positions": "generated"})");
  expect_as_whole_runs(kCuts);
}

TEST_F(SessionSweep, refuses_a_cut_under_its_number) {
  request.recipe = recipe_of(R"({"hook": "blocks.1.attn.hook_z", "op": "zero"})");
  const std::vector<Edit> cuts = recipe_of(R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "heads": [7]})").edits;
  const auto work = session->sweep(run(request), cuts, [](std::size_t, std::span<const float>) { FAIL() << "nothing runs"; });
  ASSERT_FALSE(work);
  EXPECT_TRUE(work.error().message.starts_with("edit 2: index 7 of 'heads' is out of reach")) << work.error().message;
}

TEST_F(SessionSweep, importance_is_that_of_whole_runs_with_and_without_a_recipe) {
  for (const char* edits : {"", R"({"hook": "blocks.1.attn.hook_z", "op": "zero", "positions": "last"})"}) {
    request.recipe = recipe_of(edits);
    const auto got = token_importance(*session, request, TokenId(1));
    ASSERT_TRUE(got) << got.error().message;
    const auto logprob = [&](std::vector<TokenId> ids) {
      RunRequest r = request;
      r.prompt = std::move(ids);
      const gf::Run edited = run(r);
      std::vector<float> x(edited.edited->last_logits().begin(), edited.edited->last_logits().end());
      log_softmax(x);
      return x[1];
    };
    for (std::size_t i = 0; i < request.prompt.size(); ++i) {
      auto without = request.prompt;
      without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_NEAR(got->values[i], logprob(request.prompt) - logprob(without), 2e-5) << i;
    }
  }
}

TEST_F(SessionSweep, importance_for_an_earlier_position_keeps_what_the_recipe_means) {
  // "last" is the whole prompt's last row, which an earlier position never sees.
  request.recipe = recipe_of(R"({"hook": "blocks.1.hook_resid_pre", "op": "zero", "positions": "last"})");
  const auto edited = token_importance(*session, request, TokenId(1), {}, {}, 4);
  ASSERT_TRUE(edited) << edited.error().message;
  request.recipe = {};
  const auto plain = token_importance(*session, request, TokenId(1), {}, {}, 4);
  ASSERT_TRUE(plain) << plain.error().message;
  request.prompt.resize(5);
  const auto shorter = token_importance(*session, request, TokenId(1));
  ASSERT_TRUE(shorter) << shorter.error().message;
  ASSERT_EQ(edited->values.size(), 5U);
  ASSERT_EQ(plain->values.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(edited->values[i], plain->values[i], 2e-5) << i;
    EXPECT_NEAR(shorter->values[i], plain->values[i], 2e-5) << i;
  }
}

TEST_F(SessionSweep, importance_says_that_it_is_the_shorter_prompt_where_a_position_of_the_recipe_is_gone) {
  request.recipe = recipe_of(R"({"hook": "blocks.1.attn.hook_z", "op": "zero", "positions": [6]})");
  const auto got = token_importance(*session, request, TokenId(1));
  ASSERT_FALSE(got);
  EXPECT_TRUE(got.error().message.starts_with("importance runs the prompt without token 0, and there edit 1: index 6 of 'positions'"))
      << got.error().message;
}

TEST_F(SessionSweep, an_earlier_position_is_that_of_the_shorter_prompt) {
  const auto at_four = ablate_everything(*session, request, TokenId(1), {}, {.position = 4});
  ASSERT_TRUE(at_four) << at_four.error().message;
  const auto patched = patch_sweep(*session, request, ids_of({2, 2, 0, 1, 1, 2, 0}), {"resid_pre"}, TokenId(1), TokenId(0), {}, {}, 4);
  ASSERT_TRUE(patched) << patched.error().message;
  request.prompt.resize(5);
  const auto shorter = ablate_everything(*session, request, TokenId(1), {});
  ASSERT_TRUE(shorter) << shorter.error().message;
  const auto close = [](const Grid& a, const Grid& b) {
    ASSERT_EQ(a.values.size(), b.values.size());
    for (std::size_t i = 0; i < a.values.size(); ++i) EXPECT_NEAR(a.values[i], b.values[i], 2e-5) << i;
  };
  close(at_four->delta, shorter->delta);
  close(at_four->kl, shorter->kl);
  close(at_four->mlp_delta, shorter->mlp_delta);
  close(at_four->direct, shorter->direct);
  const auto short_patch = patch_sweep(*session, request, ids_of({2, 2, 0, 1, 1}), {"resid_pre"}, TokenId(1), TokenId(0));
  ASSERT_TRUE(short_patch) << short_patch.error().message;
  EXPECT_NEAR(patched->clean, short_patch->clean, 2e-5);
  EXPECT_NEAR(patched->corrupt, short_patch->corrupt, 2e-5);
  for (int layer = 0; layer < 3; ++layer)
    for (int p = 0; p < 5; ++p) EXPECT_NEAR(patched->sites[0].delta.at(layer, p), short_patch->sites[0].delta.at(layer, p), 2e-5);
  for (int p = 5; p < 7; ++p) EXPECT_EQ(patched->sites[0].delta.at(0, p), 0.0F) << "what comes later is not seen";
}

TEST_F(SessionSweep, counts_its_work) {
  const auto sweep = ablate_everything(*session, request, TokenId(1), {}, {.mlps = false});
  ASSERT_TRUE(sweep) << sweep.error().message;
  EXPECT_GT(sweep->work_share, 0.1);
  EXPECT_LT(sweep->work_share, 0.5);
}

TEST(SweepJobs, a_job_reports_progress_and_stops_between_batches) {
  const auto session = session_of(open_case_model("fable"));
  RunRequest request;
  request.prompt = session->model().tokenizer->ids_of("When Mary and John went to the garden, John gave a ring to").value();
  const ModelConfig& c = session->model().weights->config;
  std::atomic<int> done = 0;
  std::atomic<bool> finished = false;
  std::optional<ErrorCode> code;
  double last = 0;
  // A newer job of the same name cancels this one from inside its own progress.
  session->submit_job("sweep", [&](Session& s, const std::stop_token& stop) {
    const auto sweep = ablate_everything(s, request, TokenId(5), {}, {.mlps = false}, stop, [&](double fraction) {
      EXPECT_GT(fraction, last);
      last = fraction;
      if (++done == c.n_head) session->submit_job("sweep", [&](Session&, const std::stop_token&) { finished = true; });
    });
    if (!sweep) code = sweep.error().code;
  });
  while (!finished) std::this_thread::yield();
  EXPECT_EQ(code, ErrorCode::Cancelled);
  EXPECT_GE(done, c.n_head);
  EXPECT_LT(done, c.n_layer * c.n_head);
  EXPECT_TRUE(ablate_everything(*session, request, TokenId(5), {})) << "and the session goes on";
}

TEST(SweepJobs, the_same_bits_on_any_number_of_threads) {
  const auto model = open_case_model("fable");
  RunRequest request;
  request.prompt = model->tokenizer->ids_of("When Mary and John went to the garden, John gave a ring to").value();
  request.recipe = parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.2.attn.hook_z", "op": "mean", "heads": [1]}]})").value();
  std::vector<std::vector<float>> found;
  for (const int threads : {1, 2, 3}) {
    const auto session = session_of(model, {.threads = threads});
    const auto sweep = ablate_everything(*session, request, TokenId(5), TokenId(9));
    ASSERT_TRUE(sweep) << sweep.error().message;
    found.push_back(sweep->delta.values);
    found.back().insert(found.back().end(), sweep->kl.values.begin(), sweep->kl.values.end());
    const gf::Run run = session->run(request).value();
    found.back().insert(found.back().end(), run.edited->last_logits().begin(), run.edited->last_logits().end());
  }
  EXPECT_EQ(found[0], found[1]);
  EXPECT_EQ(found[0], found[2]);
}

}  // namespace
}  // namespace gf::testing
