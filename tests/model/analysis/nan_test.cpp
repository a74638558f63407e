// NaN is a value: where the model has one, an analysis says so and goes on.
#include <algorithm>
#include <cmath>
#include <limits>

#include "model/analysis/entropy.h"
#include "model/analysis/head_scores.h"
#include "model/analysis/neurons.h"
#include "model/analysis/question.h"
#include "model/analysis/ranked.h"
#include "model/base/logits.h"
#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// sort-nano, whose embedding of position 3 is NaN: so is every row that sees it.
class NaNs : public ::testing::Test {
 protected:
  std::vector<float> wpe;
  std::shared_ptr<const Model> model = [this] {
    const auto whole = open_case_model("sort-nano");
    auto weights = std::make_shared<Weights>(*whole->weights);
    const auto d = static_cast<std::size_t>(weights->config.d_model);
    wpe.resize(static_cast<std::size_t>(weights->config.n_ctx) * d);
    for (std::size_t i = 0; i < wpe.size(); ++i) wpe[i] = i / d == 3 ? kNaN : weights->wpe.at(static_cast<std::int64_t>(i));
    weights->wpe.data = reinterpret_cast<const std::byte*>(wpe.data());
    weights->wpe.dtype = DType::F32;
    auto broken = std::make_shared<Model>(*whole);
    broken->weights = weights;
    return broken;
  }();
  std::unique_ptr<Session> session = session_of(model);
  RunRequest request = [] {
    RunRequest r;
    r.prompt = ids_of({2, 0, 2, 1, 0});
    return r;
  }();
  Asking asking(const Question& question) {
    Params params(question.params);
    for (const Param& param : question.params)
      if (param.required) {
        const bool is_place = std::string_view(question.name) == "patchscope" && param.kind == Param::Kind::Text;
        EXPECT_TRUE(params.set(param.name, param.kind == Param::Kind::Prompt ? "2,0,2,0,0" : is_place ? "1,2" : "1.2"));
      }
    return {
        .session = *session, .request = request, .run = session->run(request).value(), .a = TokenId(0), .b = TokenId(2), .params = params};
  }
  Answer asked(const char* name) {
    const Question& question = *find_question(name);
    auto answer = ask(question, asking(question));
    EXPECT_TRUE(answer) << name << ": " << answer.error().message;
    return answer.value_or(Answer());
  }
  static bool all_nan(const Grid& grid) {
    return !grid.values.empty() && std::ranges::all_of(grid.values, [](float x) { return std::isnan(x); });
  }
};

TEST_F(NaNs, every_question_still_answers) {
  for (const Question* question : questions()) {
    if (question->needs.text || question->needs.set) continue;     // it runs a text's passages or a set's prompts, not this one
    if (std::string_view(question->name) == "features") continue;  // it needs a file
    const auto answer = ask(*question, asking(*question));
    EXPECT_TRUE(answer) << question->name << ": " << answer.error().message;
  }
}

TEST_F(NaNs, tokens_keep_what_is_known_and_say_nan_of_the_rest) {
  const Answer t = asked("tokens");
  EXPECT_FALSE(std::isnan(t.grid("logprob").at(2)));
  EXPECT_TRUE(std::isnan(t.grid("logprob").at(3)));
  EXPECT_TRUE(std::isnan(t.grid("surprisal").at(3)));
  EXPECT_TRUE(std::isnan(t.grid("rank").at(3)));
  EXPECT_TRUE(std::isnan(t.grid("entropy").at(4)));
  EXPECT_EQ(t.words("confidence").words[3], "");
  EXPECT_TRUE(std::isnan(t.number("mean_logprob")));
  EXPECT_TRUE(std::isnan(t.number("perplexity")));
}

TEST_F(NaNs, the_lens_has_ranks_and_entropies_where_logits_are_numbers) {
  const Answer lens = asked("logit-lens"), entropy = asked("entropy");
  EXPECT_FALSE(std::isnan(lens.grid("rank_of_next").at(0, 0)));
  EXPECT_TRUE(std::isnan(lens.grid("rank_of_next").at(0, 3)));
  EXPECT_FALSE(std::isnan(lens.grid("logprob_of_target").at(0)));
  EXPECT_TRUE(std::isnan(lens.grid("logprob_of_target").at(3)));
  EXPECT_FALSE(std::isnan(entropy.grid("lens").at(0, 0)));
  EXPECT_TRUE(std::isnan(entropy.grid("lens").at(3, 4)));
  const auto& top = lens.tokens("top");
  const std::size_t first = flat_index(top.shape, {3, 4, 0});
  EXPECT_EQ(top.ids[first].v, 0) << "of equals the lower id, as ever";
}

TEST_F(NaNs, sweeps_measure_no_effect_of_zero) {
  const Answer ablation = asked("ablate-sweep");
  for (const char* part : {"delta", "kl", "mlp_delta", "mlp_kl", "repair"}) EXPECT_TRUE(all_nan(ablation.grid(part))) << part;
  const Answer patch = asked("patch-sweep");
  EXPECT_TRUE(std::isnan(patch.number("corrupt")));
  EXPECT_TRUE(all_nan(patch.grid("head_z")));
  EXPECT_TRUE(std::isnan(asked("importance").grid("").at(0)));
  EXPECT_TRUE(std::isnan(asked("dla").number("total")));
}

TEST(NaN, scores_and_entropies_of_a_pattern_with_one_are_nan) {
  // A pattern set to NaN by hand in one head's last row.
  const auto session = session_of(open_case_model("sort-nano"));
  RunRequest request;
  request.prompt = ids_of({2, 0, 2, 1, 0});
  Edit edit;
  edit.hook = name_of(HookId{HookKind::Pattern, 1});
  edit.op = EditOp::Set;
  edit.value = kNaN;
  edit.heads = Selector::only(2);
  edit.queries = Selector::only(4);
  request.recipe.edits.push_back(edit);
  const auto run = session->run(request);
  ASSERT_TRUE(run) << run.error().message;
  ASSERT_TRUE(std::isnan(run->edited->causal_row({HookKind::Pattern, 1}, 2, 4)[0]));
  const HeadScores scores = head_scores(*run->edited);
  const auto entropy = attention_entropy(*run->edited);
  ASSERT_TRUE(entropy);
  for (const Grid* grid : {&scores.previous, &scores.sink, &scores.duplicate, &scores.induction}) {
    EXPECT_TRUE(std::isnan(grid->at(1, 2)));
    EXPECT_FALSE(std::isnan(grid->at(1, 1)));
  }
  EXPECT_TRUE(std::isnan(entropy->attention.at(1, 2, 4)));
  EXPECT_TRUE(std::isnan(entropy->normalized.at(1, 2, 4)));
  EXPECT_TRUE(std::isnan(entropy->by_layer.at(1)));
  EXPECT_TRUE(std::isnan(entropy->by_layer_band95.at(1)));
  EXPECT_FALSE(std::isnan(entropy->attention.at(1, 2, 3)));
  EXPECT_FALSE(std::isnan(entropy->by_layer.at(0)));
}

TEST(NaN, comes_last_in_every_order) {
  EXPECT_TRUE(ranks_before(2, 1));
  EXPECT_TRUE(ranks_before(-1e30F, kNaN));
  EXPECT_FALSE(ranks_before(kNaN, 1));
  EXPECT_FALSE(ranks_before(kNaN, kNaN));
  std::vector<float> values = {kNaN, 3, kNaN, -1, 7, kNaN};
  std::ranges::sort(values, ranks_before);
  EXPECT_EQ(values[0], 7);
  EXPECT_EQ(values[2], -1);
  for (std::size_t i = 3; i < 6; ++i) EXPECT_TRUE(std::isnan(values[i]));
}

TEST(NaN, has_no_distance_of_zero) {
  const std::vector<float> base = {1, kNaN, 0}, other = {1, 2, 3};
  EXPECT_TRUE(std::isnan(KlFrom(base).to(other)));
  EXPECT_TRUE(std::isnan(KlFrom(other).to(base)));
  EXPECT_EQ(KlFrom(other).to(other), 0);
}

}  // namespace
}  // namespace gf::testing
