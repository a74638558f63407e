// Analyses against the reference values.
#include <limits>

#include "model/analysis/ablation.h"
#include "model/analysis/attribution.h"
#include "model/analysis/head_scores.h"
#include "model/base/logits.h"
#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

class Analyses : public GoldenCase {
 protected:
  void expect_grid(const Grid& got, const Json& want, const std::string& what) {
    for (int layer = 0; layer < got.shape[0]; ++layer)
      for (int head = 0; head < got.shape[1]; ++head) {
        const std::string where = what + " " + std::to_string(layer) + "." + std::to_string(head);
        if (want.is_null()) EXPECT_TRUE(std::isnan(got.at(layer, head))) << where;
        else expect_near(got.at(layer, head), want[static_cast<std::size_t>(layer)][static_cast<std::size_t>(head)], 5e-4, 1e-4, where);
      }
  }
};

TEST_P(Analyses, head_scores_are_the_references) {
  const auto run = session->run(request);
  ASSERT_TRUE(run) << run.error().message;
  const HeadScores scores = head_scores(*run->base);
  const Json& want = golden["analyses"]["heads"];
  expect_grid(scores.previous, want["previous"], "previous");
  expect_grid(scores.sink, want["sink"], "sink");
  expect_grid(scores.duplicate, want["duplicate"], "duplicate");
  expect_grid(scores.induction, want["induction"], "induction");
}

TEST_P(Analyses, the_ablation_sweep_is_the_references) {
  double last = 0;
  const auto sweep =
      ablate_everything(*session, request, TokenId(golden["a"].get<int>()), TokenId(golden["b"].get<int>()), {}, {}, [&](double fraction) {
        EXPECT_GT(fraction, last);
        last = fraction;
      });
  ASSERT_TRUE(sweep) << sweep.error().message;
  EXPECT_EQ(last, 1.0);
  expect_grid(sweep->delta, golden["analyses"]["ablate_sweep"]["delta"], "delta");
  expect_grid(sweep->kl, golden["analyses"]["ablate_sweep"]["kl"], "kl");
}

INSTANTIATE_TEST_SUITE_P(Golden, Analyses, ::testing::ValuesIn(golden_cases()), case_name);

TEST(Analysis, a_sweep_adds_its_cut_to_the_recipe) {
  const auto session = session_of(open_case_model("sort-nano"));
  RunRequest request;
  request.prompt = {TokenId(0), TokenId(2), TokenId(1), TokenId(0)};
  request.recipe = parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.1.attn.hook_z", "op": "mean", "heads": [1]}]})").value();
  const auto sweep = ablate_everything(*session, request, TokenId(0), {});
  ASSERT_TRUE(sweep) << sweep.error().message;
  const gf::Run base = session->run(request).value();
  for (int layer = 0; layer < 3; ++layer) {
    RunRequest cut = request;
    cut.recipe.edits.push_back(parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.)" + std::to_string(layer) +
                                            R"(.attn.hook_z", "op": "zero", "heads": [2]}]})")
                                   .value()
                                   .edits[0]);
    const gf::Run run = session->run(cut).value();
    EXPECT_NEAR(sweep->delta.at(layer, 2), run.edited->last_logits()[0] - base.edited->last_logits()[0], 1e-4) << layer;
  }
}

TEST(Analysis, says_what_it_needs) {
  const auto session = session_of(open_case_model("sort-nano"));
  RunRequest request;
  request.prompt = {TokenId(0)};
  request.plan = CapturePlan::none();
  const gf::Run run = session->run(request).value();
  EXPECT_EQ(direct_attribution(*session, *run.base, request, TokenId(0), {}).error().code, ErrorCode::NotCaptured);
  EXPECT_EQ(direct_attribution(*session, *run.base, request, TokenId(99), {}).error().code, ErrorCode::InvalidArgument);
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_EQ(ablate_everything(*session, request, TokenId(0), {}, {.direct = false}, stopped.get_token()).error().code,
            ErrorCode::Cancelled);
}

TEST(Analysis, log_softmax_is_stable) {
  std::vector<float> x = {1000.0F, 1000.0F, -1000.0F};
  log_softmax(x);
  EXPECT_FLOAT_EQ(x[0], std::log(0.5F));
  EXPECT_FLOAT_EQ(x[2], -2000.0F + std::log(0.5F));
}

}  // namespace
}  // namespace gf::testing
