// What a session shares, reuses, cancels and refuses.
#include "model/session.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>

#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

Recipe zero(int layer, std::vector<int> heads) {
  Edit e;
  e.hook = name_of(HookId{HookKind::Z, layer});
  e.heads = Selector{.kind = Selector::Kind::List, .list = std::move(heads), .begin = {}, .end = {}};
  return {{e}, {}};
}

Recipe both(const Recipe& a, const Recipe& b) {
  Recipe sum = a;
  sum.edits.insert(sum.edits.end(), b.edits.begin(), b.edits.end());
  return sum;
}

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() : model(open_case_model("fable")), session(session_of(model)) {
    request.prompt = model->tokenizer->ids_of("When Mary and John went to the garden, John gave a ring to").value();
  }
  gf::Run run(const RunRequest& r) {
    auto result = session->run(r);
    EXPECT_TRUE(result) << result.error().message;
    return result.value_or(gf::Run{});
  }
  static bool shares(const Trace& a, const Trace& b, HookId hook) {
    return !a.chunks(hook).empty() && std::ranges::equal(a.chunks(hook), b.chunks(hook));
  }
  std::string refusal(const RunRequest& r) {
    const auto result = session->run(r);
    EXPECT_FALSE(result);
    return result ? "" : result.error().message;
  }

  std::shared_ptr<const Model> model;
  std::unique_ptr<Session> session;
  RunRequest request;
};

TEST_F(SessionTest, that_forgets_its_runs_gives_what_a_fresh_one_gives_to_the_last_bit) {
  const auto logits_of = [&](const std::string& prompt) {
    request.prompt = model->tokenizer->ids_of(prompt).value();
    const auto row = run(request).base->last_logits();
    return std::vector<float>(row.begin(), row.end());
  };
  const std::string longer = "When Mary and John went to the garden, John gave a ring to";
  const auto fresh = logits_of(longer);
  for (const std::string shorter : {"When Mary and John", "When Mary and Tom went to the garden, Tom", "When Mary and John went to the"}) {
    logits_of(shorter);
    session->forget_runs();
    EXPECT_EQ(logits_of(longer), fresh) << shorter;
    session->forget_runs();
  }
}

TEST_F(SessionTest, a_cut_shares_the_blocks_before_it) {
  request.recipe = zero(4, {3});
  const gf::Run r = run(request);
  ASSERT_TRUE(r.has_edits());
  for (int layer = 0; layer < 4; ++layer)
    for (const HookKind kind : {HookKind::ResidPre, HookKind::Pattern, HookKind::Z, HookKind::MlpPost})
      EXPECT_TRUE(shares(*r.base, *r.edited, {kind, layer})) << layer;
  EXPECT_TRUE(shares(*r.base, *r.edited, {HookKind::ResidPre, 4}));
  EXPECT_FALSE(shares(*r.base, *r.edited, {HookKind::Z, 4}));
  EXPECT_FALSE(shares(*r.base, *r.edited, {HookKind::ResidPre, 5}));
  const int last = r.edited->length() - 1;
  const auto z = r.edited->row({HookKind::Z, 4}, last);
  const auto width = static_cast<std::size_t>(model->weights->config.d_head);
  EXPECT_TRUE(std::ranges::all_of(z.subspan(3 * width, width), [](float x) { return x == 0; }));
}

TEST_F(SessionTest, a_second_cut_shares_with_the_first) {
  request.recipe = zero(0, {0, 5});
  const gf::Run first = run(request);
  request.recipe = both(request.recipe, zero(4, {3}));
  const gf::Run second = run(request);
  EXPECT_TRUE(shares(*first.edited, *second.edited, {HookKind::Z, 3}));
  EXPECT_FALSE(shares(*second.base, *second.edited, {HookKind::Z, 3}));
  // The same as a session that has seen nothing before.
  session = session_of(model);
  const gf::Run fresh = run(request);
  ASSERT_EQ(fresh.receipts.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(second.receipts[i].fired, fresh.receipts[i].fired);
    EXPECT_NEAR(second.receipts[i].norm, fresh.receipts[i].norm, 1e-4 * fresh.receipts[i].norm);
  }
  EXPECT_NEAR(*second.kl, *fresh.kl, 1e-4);
}

TEST_F(SessionTest, toggling_back_is_the_same_trace) {
  const gf::Run base = run(request);
  request.recipe = zero(2, {1});
  const gf::Run cut = run(request);
  EXPECT_EQ(cut.base, base.base);
  request.recipe.edits[0].enabled = false;
  const gf::Run off = run(request);
  EXPECT_EQ(off.edited, base.base);
  EXPECT_FALSE(off.has_edits());
  ASSERT_EQ(off.receipts.size(), 1U) << "a receipt for each edit of the recipe, on or off";
  EXPECT_EQ(off.receipts[0].fired, 0);
  request.recipe.edits[0].enabled = true;
  const gf::Run on = run(request);
  EXPECT_EQ(on.edited, cut.edited);
  EXPECT_EQ(on.receipts[0].fired, cut.receipts[0].fired);
  EXPECT_EQ(on.kl, cut.kl);
}

TEST_F(SessionTest, a_longer_prompt_shares_its_full_chunks) {
  request.prompt.assign(70, request.prompt[0]);
  const gf::Run first = run(request);
  request.prompt.resize(80, request.prompt[1]);
  const gf::Run longer = run(request);
  EXPECT_EQ(first.base->chunks({HookKind::Pattern, 2})[0], longer.base->chunks({HookKind::Pattern, 2})[0]);
  EXPECT_EQ(longer.base->length(), 80);
  EXPECT_EQ(first.base->length(), 70);
  EXPECT_EQ(longer.base->n_prompt(), 80);
}

TEST_F(SessionTest, what_was_generated_can_be_given_back) {
  request.n_generate = 6;
  const gf::Run generated = run(request);
  ASSERT_EQ(generated.base->length(), static_cast<int>(request.prompt.size()) + 6);
  EXPECT_EQ(run(request).base, generated.base) << "the same question again";
  RunRequest forced = request;
  forced.n_generate = 0;
  forced.forced.assign(generated.base->ids().begin() + generated.base->n_prompt(), generated.base->ids().end());
  EXPECT_EQ(run(forced).base, generated.base);
  forced.recipe = zero(1, {0});
  const gf::Run cut = run(forced);
  EXPECT_TRUE(std::ranges::equal(cut.edited->ids(), generated.base->ids()));
  EXPECT_EQ(cut.edited->n_prompt(), generated.base->n_prompt());
}

TEST_F(SessionTest, one_more_token_under_a_recipe_goes_on_with_the_edited_run) {
  request.recipe = zero(1, {0, 1});
  request.n_generate = 3;
  const gf::Run three = run(request);
  RunRequest more = request;
  more.forced.assign(three.edited->ids().begin() + three.edited->n_prompt(), three.edited->ids().end());
  more.n_generate = 2;
  const gf::Run five = run(more);
  session = session_of(model);
  request.n_generate = 5;
  const gf::Run at_once = run(request);
  EXPECT_TRUE(std::ranges::equal(five.edited->ids(), at_once.edited->ids()));
  EXPECT_EQ(five.receipts[0].fired, at_once.receipts[0].fired);
  EXPECT_NEAR(five.receipts[0].norm, at_once.receipts[0].norm, 1e-4 * at_once.receipts[0].norm);
  EXPECT_NEAR(*five.kl, *at_once.kl, 1e-4);
}

TEST_F(SessionTest, an_edit_that_changes_nothing_shares_the_bases_values) {
  request.recipe = parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.3.attn.hook_z", "op": "scale", "factor": 1}]})").value();
  const gf::Run r = run(request);
  EXPECT_EQ(r.edited, r.base);
  EXPECT_GT(r.receipts[0].fired, 0);
  EXPECT_EQ(r.receipts[0].norm, 0);
  EXPECT_EQ(r.kl, 0.0);
}

TEST_F(SessionTest, stops_where_the_context_is_full) {
  request.prompt.assign(static_cast<std::size_t>(model->weights->config.n_ctx) - 2, request.prompt[0]);
  request.n_generate = 2;
  EXPECT_FALSE(run(request).stopped_at_n_ctx);
  request.n_generate = 5;
  const gf::Run r = run(request);
  EXPECT_TRUE(r.stopped_at_n_ctx);
  EXPECT_TRUE(r.beyond.has_value());
  EXPECT_EQ(r.base->length(), model->weights->config.n_ctx);
  EXPECT_TRUE(run(request).stopped_at_n_ctx) << "the same answer from the cache";
}

TEST_F(SessionTest, samples_the_same_tokens_on_any_number_of_threads) {
  request.n_generate = 8;
  request.sampler = {.greedy = false, .temperature = 1.2F, .top_k = 50, .seed = 11, .ban = {}};
  const gf::Run two = run(request);
  session = session_of(model, {.threads = 1, .backend = "cpu"});
  EXPECT_TRUE(std::ranges::equal(run(request).base->ids(), two.base->ids()));
  request.sampler.seed = 12;
  EXPECT_FALSE(std::ranges::equal(run(request).base->ids(), two.base->ids()));
}

TEST_F(SessionTest, refuses_before_anything_runs) {
  RunRequest bad;
  EXPECT_EQ(refusal(bad), "the prompt is empty; give at least one token");
  bad.prompt.assign(257, TokenId(1));
  EXPECT_EQ(refusal(bad), "the prompt has 257 tokens, but the model's context is 256; shorten it");
  bad.prompt = {TokenId(4096)};
  EXPECT_EQ(refusal(bad), "token id 4096 is not in the vocabulary, whose ids are 0 to 4095");
  bad = request;
  bad.sampler.temperature = 0;
  EXPECT_EQ(refusal(bad), "the temperature must be above 0");
  bad = request;
  for (int id = 0; id < 4096; ++id) bad.sampler.ban.emplace_back(id);
  EXPECT_EQ(refusal(bad), "every token is banned, so none is left to generate");
  bad = request;
  bad.recipe = both(zero(0, {0}), zero(6, {0}));
  EXPECT_EQ(refusal(bad), "edit 2: there is no hook 'blocks.6.attn.hook_z' in this model; its blocks are 0 to 5");
  const auto cuda = Session::create(model, {.threads = 1, .backend = "cuda"});
  ASSERT_FALSE(cuda);
  EXPECT_EQ(cuda.error().code, ErrorCode::Unsupported);
}

TEST_F(SessionTest, replays_a_hook_that_the_plan_left_out) {
  request.recipe = both(zero(1, {2}), zero(3, {0}));
  const gf::Run r = run(request);
  const HookId scores{HookKind::AttnScores, 3}, z{HookKind::Z, 3};
  ASSERT_FALSE(r.edited->has(scores));
  const auto replayed = session->replay(*r.edited, scores, request);
  ASSERT_TRUE(replayed) << replayed.error().message;
  RunRequest full = request;
  full.plan = CapturePlan::full();
  const gf::Run whole = run(full);
  for (int p = 0; p < r.edited->length(); ++p) {
    const auto a = (*replayed)->row(scores, p), b = whole.edited->row(scores, p);
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-4F);
  }
  // The edits act again: the head that was cut stays cut.
  const auto again = session->replay(*r.edited, z, request);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ((*again)->row(z, 2)[0], 0.0F);
  const auto logits =
      session->replay(*r.base, {HookKind::Logits, -1}, {.prompt = request.prompt, .forced = {}, .recipe = {}, .sampler = {}});
  ASSERT_TRUE(logits) << logits.error().message;
  EXPECT_NEAR((*logits)->row({HookKind::Logits, -1}, r.base->length() - 1)[5], r.base->last_logits()[5], 1e-4F);
  const auto embed =
      session->replay(*r.base, {HookKind::PosEmbed, -1}, {.prompt = request.prompt, .forced = {}, .recipe = {}, .sampler = {}});
  ASSERT_TRUE(embed) << embed.error().message;
  EXPECT_EQ((*embed)->row({HookKind::PosEmbed, -1}, 3)[7], r.base->row({HookKind::PosEmbed, -1}, 3)[7]);
}

TEST_F(SessionTest, cancels_between_blocks) {
  std::stop_source source;
  int blocks = 0;
  const auto r = session->run(request, source.get_token(), [&](const RunProgress& p) {
    ++blocks;
    if (p.block >= 2) source.request_stop();
  });
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, ErrorCode::Cancelled);
  EXPECT_GE(blocks, 3);
  EXPECT_LT(blocks, 6);
  EXPECT_TRUE(session->run(request)) << "and the session goes on";
}

/// Collects what the worker reports, in order.
struct Reports {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> lines;
  void add(std::string line) {
    const std::scoped_lock lock(mutex);
    lines.push_back(std::move(line));
    changed.notify_all();
  }
  std::vector<std::string> wait(std::size_t count) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, std::chrono::seconds(60), [&] { return lines.size() >= count; });
    return lines;
  }
};

TEST_F(SessionTest, the_newest_request_wins) {
  Reports reports;
  std::atomic<bool> go = false;
  session->submit_job("gate", [&](Session&, std::stop_token) {
    while (!go) std::this_thread::yield();
  });
  const auto submit = [&](std::string name, int layer) {
    RunRequest r = request;
    r.recipe = zero(layer, {0});
    session->submit(r, [&reports, name](Result<gf::Run> result) {
      reports.add(name + (result ? " ran" : result.error().code == ErrorCode::Cancelled ? " cancelled" : " failed"));
    });
  };
  session->submit_job("analysis", [&](Session& s, std::stop_token) { reports.add(s.run(request) ? "analysis ran" : "analysis failed"); });
  submit("first", 1);
  submit("second", 2);
  submit("third", 3);
  session->submit_job("other", [&](Session&, std::stop_token) { reports.add("other ran"); });
  session->submit_job("analysis", [&](Session&, std::stop_token stop) { reports.add(stop.stop_requested() ? "?" : "newer analysis ran"); });
  EXPECT_TRUE(session->busy());
  go = true;
  EXPECT_EQ(reports.wait(5),
            (std::vector<std::string>{"first cancelled", "second cancelled", "third ran", "other ran", "newer analysis ran"}));
}

TEST_F(SessionTest, a_newer_request_interrupts_the_running_one) {
  Reports reports;
  RunRequest slow = request;
  slow.n_generate = 200;
  std::atomic<bool> started = false;
  session->submit(
      slow, [&](Result<gf::Run> r) { reports.add(r                           ? "slow ran"
                                                 : r.error().message.empty() ? "?"
                                                                             : "slow stopped"); },
      [&](const RunProgress& p) {
        if (p.positions_done > 0) started = true;
      });
  while (!started) std::this_thread::yield();
  session->submit(request, [&](Result<gf::Run> r) { reports.add(r ? "quick ran" : "quick failed"); });
  EXPECT_EQ(reports.wait(2), (std::vector<std::string>{"slow stopped", "quick ran"}));
  while (session->busy()) std::this_thread::yield();
}

TEST_F(SessionTest, the_destructor_answers_who_waits) {
  Reports reports;
  std::atomic<bool> started = false;
  session->submit_job("gate", [&](Session&, std::stop_token stop) {
    started = true;
    while (!stop.stop_requested()) std::this_thread::yield();
  });
  while (!started) std::this_thread::yield();
  session->submit(request, [&](Result<gf::Run> r) { reports.add(r ? "ran" : "cancelled"); });
  session.reset();
  EXPECT_EQ(reports.lines, std::vector<std::string>{"cancelled"});
}

}  // namespace
}  // namespace gf::testing
