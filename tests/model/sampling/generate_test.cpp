// Generation through a session: beams, what the log says, where it stops.
#include "model/sampling/generate.h"

#include <algorithm>
#include <cmath>

#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

struct Line {
  std::vector<TokenId> ids;  ///< generated
  double score = 0;
};

class Generate : public ::testing::Test {
 protected:
  void open(const std::string& name, const std::string& prompt) {
    model = open_case_model(name);
    session = session_of(model);
    request.prompt = model->tokenizer->ids_of(prompt).value();
  }
  gf::Run run(const RunRequest& r) {
    auto result = session->run(r);
    EXPECT_TRUE(result) << result.error().message;
    return result.value_or(gf::Run{});
  }
  static std::vector<TokenId> generated(const gf::Run& r) {
    std::vector<TokenId> ids(r.edited->ids().begin() + static_cast<std::ptrdiff_t>(r.request.prompt.size()), r.edited->ids().end());
    if (r.beyond) ids.push_back(*r.beyond);
    return ids;
  }

  /// Beam search from its definition: every line is run anew from its first token, and every continuation compared.
  Line naive_beam(std::size_t width, int n, const std::vector<TokenId>& ban) {
    std::vector<Line> lines(1);
    for (int step = 0; step < n; ++step) {
      std::vector<Line> longer;
      for (const Line& line : lines) {
        RunRequest r = request;
        r.sampler = {};
        r.n_generate = 0;
        r.forced = line.ids;
        const gf::Run known = run(r);
        const auto logits = known.edited->last_logits();
        double sum = 0;
        for (const float x : logits) sum += std::exp(static_cast<double>(x) - static_cast<double>(logits[0]));
        for (std::size_t id = 0; id < logits.size(); ++id) {
          if (std::ranges::find(ban, TokenId(id)) != ban.end()) continue;
          longer.push_back(line);
          longer.back().ids.emplace_back(id);
          longer.back().score += static_cast<double>(logits[id]) - static_cast<double>(logits[0]) - std::log(sum);
        }
      }
      std::ranges::stable_sort(longer, [](const Line& a, const Line& b) { return a.score > b.score; });
      longer.resize(std::min(width, longer.size()));
      lines = std::move(longer);
    }
    return lines.front();
  }

  std::shared_ptr<const Model> model;
  std::unique_ptr<Session> session;
  RunRequest request;
};

TEST_F(Generate, one_beam_is_greedy) {
  open("fable", "Once upon a time");
  request.n_generate = 8;
  const auto greedy = generated(run(request));
  request.sampler.beams = 1;
  EXPECT_EQ(generated(run(request)), greedy);
}

TEST_F(Generate, beams_find_what_the_naive_search_finds) {
  bool better = false;
  for (const char* prompt : {"The bird", "The king had", "One day"}) {
    open("fable", prompt);
    request.n_generate = 5;
    request.sampler = {};
    const auto greedy = generated(run(request));
    for (const int width : {2, 3}) {
      request.sampler = {.ban = {greedy[1]}, .beams = width};
      const gf::Run r = run(request);
      const Line line = naive_beam(static_cast<std::size_t>(width), request.n_generate, request.sampler.ban);
      EXPECT_EQ(generated(r), line.ids) << prompt << width;
      ASSERT_TRUE(r.log);
      ASSERT_EQ(r.log->size(), 5U);
      const auto& last = r.log->back().beams;
      EXPECT_EQ(last[0].state, BeamEntry::State::Chosen) << "the best of the last step wins";
      EXPECT_NEAR(last[0].score, line.score, 1e-4);
      for (std::size_t step = 0; step < 5; ++step) {
        const auto& entries = (*r.log)[step].beams;
        EXPECT_EQ(std::ranges::count(entries, BeamEntry::State::Chosen, &BeamEntry::state), 1);
        const auto chosen = std::ranges::find(entries, BeamEntry::State::Chosen, &BeamEntry::state);
        ASSERT_NE(chosen, entries.end()) << step;
        EXPECT_EQ(chosen->id, line.ids[step]) << step;
        EXPECT_EQ((*r.log)[step].chosen, chosen->id);
        better = better || chosen != entries.begin();
      }
    }
  }
  EXPECT_TRUE(better) << "somewhere the winner was not the best so far: else this would test nothing but greedy";
}

TEST_F(Generate, a_winning_beam_is_a_run_like_any_other) {
  open("fable", "When Mary and John went to the garden, John gave a ring to");
  while (request.prompt.size() < 70) request.prompt.push_back(request.prompt[request.prompt.size() % 14]);
  request.plan = CapturePlan::full();
  request.recipe = parse_recipe(R"({"version": 1, "edits": [
      {"hook": "blocks.4.attn.hook_z", "op": "zero", "heads": [3], "positions": "last"},
      {"hook": "blocks.5.hook_mlp_out", "op": "scale", "factor": 1.2, "positions": "generated"}]})",
                                {})
                       .value();
  RunRequest plain = request;
  plain.recipe = {};
  const gf::Run prompt = run(plain);
  request.n_generate = 6;
  request.sampler.beams = 4;
  const gf::Run beam = run(request);
  EXPECT_TRUE(std::ranges::equal(beam.base->ids(), beam.edited->ids()));
  EXPECT_EQ(beam.edited->chunks({HookKind::V, 3})[0], prompt.base->chunks({HookKind::V, 3})[0]) << "the prompt's rows are shared";
  EXPECT_EQ(beam.receipts[0].fired, 7LL * 32) << "the prompt's last row and each new one of the winner, not of every beam";
  EXPECT_EQ(beam.receipts[1].fired, 6LL * 256);
  // The same tokens as given, in a session that has seen nothing.
  RunRequest given = request;
  given.sampler = {};
  given.n_generate = 0;
  given.forced = generated(beam);
  const gf::Run again = session_of(model)->run(given).value();
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(beam.receipts[i].fired, again.receipts[i].fired);
    EXPECT_NEAR(beam.receipts[i].norm, again.receipts[i].norm, 1e-3 * again.receipts[i].norm);
  }
  for (const HookId hook : {HookId{HookKind::Pattern, 5}, HookId{HookKind::MlpPost, 3}, HookId{HookKind::ResidPost, 5}})
    for (int p = 0; p < again.edited->length(); ++p) {
      const auto a = beam.edited->row(hook, p), b = again.edited->row(hook, p);
      for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-3) << name_of(hook) << " " << p;
    }
}

TEST_F(Generate, rules_hold_within_beams) {
  open("fable", "Tom and Tom and Tom and");
  request.n_generate = 12;
  const TokenId tom = model->tokenizer->ids_of(" Tom").value()[0], lily = model->tokenizer->ids_of(" Lily").value()[0];
  request.sampler = {.ban = {tom}, .force = {lily}, .no_repeat_ngram = 2, .beams = 3};
  const gf::Run r = run(request);
  const auto ids = generated(r);
  EXPECT_EQ(ids[0], lily);
  EXPECT_EQ(std::ranges::count(ids, tom), 0);
  std::vector<std::pair<TokenId, TokenId>> pairs;
  const auto all = r.edited->ids();
  const auto n_prompt = request.prompt.size();
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    if (i + 1 > n_prompt) {
      EXPECT_EQ(std::ranges::count(pairs, std::pair{all[i], all[i + 1]}), 0) << i;
    }
    pairs.emplace_back(all[i], all[i + 1]);
  }
  EXPECT_EQ((*r.log)[0].why, ChoiceReason::Force);
  EXPECT_EQ((*r.log)[1].why, ChoiceReason::Beam);
}

TEST_F(Generate, says_where_it_stops) {
  open("sort-nano", "CBABBCA");
  request.n_generate = 20;
  request.sampler.beams = 3;
  const gf::Run full = run(request);
  EXPECT_TRUE(full.stopped_at_n_ctx);
  EXPECT_EQ(full.edited->length(), model->weights->config.n_ctx);
  ASSERT_TRUE(full.beyond);
  EXPECT_EQ(full.log->size(), generated(full).size());
  EXPECT_EQ(full.log->back().chosen, full.beyond);
  for (const int beams : {0, 3}) {
    request.sampler = {.ban = {}, .no_repeat_ngram = 1, .beams = beams};
    const gf::Run none = run(request);
    EXPECT_TRUE(none.nothing_left) << "A, B and C have all been said";
    EXPECT_FALSE(none.stopped_at_n_ctx);
    EXPECT_EQ(generated(none).size(), 0U);
    ASSERT_EQ(none.log->size(), 1U);
    EXPECT_FALSE(none.log->back().chosen);
    EXPECT_EQ(none.log->back().n_cut[static_cast<std::size_t>(CutReason::Ngram)], 3);
  }
}

TEST_F(Generate, stops_behind_the_end_of_text_token) {
  open("fable", "Once upon a time");
  const TokenId eos(model->weights->config.eos_token_id);
  ASSERT_GE(eos.v, 0);
  const auto lily = model->tokenizer->ids_of(" Lily").value()[0];
  request.n_generate = 5;
  request.sampler.force = {lily, eos};
  const gf::Run ended = run(request);
  EXPECT_TRUE(ended.stopped_at_eos);
  EXPECT_EQ(generated(ended), (std::vector{lily, eos})) << "the token stays in the text";
  EXPECT_EQ(ended.log->size(), 2U);
  EXPECT_TRUE(run(request).stopped_at_eos) << "from the cache too";
  request.sampler.force = {eos, lily};
  EXPECT_EQ(generated(run(request))[1], lily) << "what is forced comes first";
  request.sampler.force = {lily, eos};
  request.sampler.stop_at_eos = false;
  const gf::Run on = run(request);
  EXPECT_FALSE(on.stopped_at_eos);
  EXPECT_EQ(generated(on).size(), 5U);
}

TEST_F(Generate, stops_where_a_text_is_complete) {
  open("fable", "Once upon a time");
  request.n_generate = 8;
  const auto all = generated(run(request));
  ASSERT_EQ(all.size(), 8U);
  const auto text_of = [&](std::size_t from, std::size_t to) {
    std::string text;
    for (std::size_t i = from; i < to; ++i) text += model->tokenizer->bytes_of(all[i]);
    return text;
  };
  // From the middle of the third token to the first letters of the fourth: complete with the fourth, which stays whole.
  const std::string third = text_of(2, 3), across = third.substr(third.size() / 2) + text_of(3, 4).substr(0, 2);
  request.sampler.stop = {"not in there", across};
  const gf::Run ended = run(request);
  EXPECT_EQ(ended.stopped_at, across);
  EXPECT_FALSE(ended.stopped_at_eos);
  EXPECT_EQ(generated(ended), std::vector(all.begin(), all.begin() + 4));
  // The same where the text begins in tokens that were generated earlier.
  request.forced = {all[0], all[1], all[2]};
  request.n_generate = 5;
  const gf::Run later = run(request);
  EXPECT_EQ(later.stopped_at, across);
  EXPECT_EQ(generated(later), std::vector(all.begin(), all.begin() + 4));
  // What stands there already stops nothing, and neither does the prompt.
  request.forced = {all[0], all[1], all[2], all[3]};
  request.sampler.stop = {across, "Once upon"};
  request.n_generate = 1;
  const gf::Run on = run(request);
  EXPECT_FALSE(on.stopped_at);
  EXPECT_EQ(generated(on).size(), 5U);
}

TEST_F(Generate, is_the_same_on_any_number_of_threads_and_from_the_cache) {
  open("fable", "Once upon a time");
  request.n_generate = 10;
  const SamplerOptions drawn{
      .greedy = false, .temperature = 1.1F, .top_k = 40, .top_p = 0.95F, .seed = 21, .ban = {}, .no_repeat_ngram = 2};
  const SamplerOptions beams{.ban = {}, .beams = 4};
  std::vector<std::vector<TokenId>> answers;
  for (const auto& sampler : {drawn, beams}) {
    request.sampler = sampler;
    const gf::Run first = run(request), cached = run(request);
    EXPECT_EQ(first.log, cached.log) << "the log is kept with the run";
    answers.push_back(generated(first));
  }
  for (const int threads : {1, 3}) {
    session = session_of(model, {.threads = threads, .backend = "cpu"});
    request.sampler = drawn;
    EXPECT_EQ(generated(run(request)), answers[0]) << threads;
    request.sampler = beams;
    EXPECT_EQ(generated(run(request)), answers[1]) << threads;
  }
}

}  // namespace
}  // namespace gf::testing
