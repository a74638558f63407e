// Questions by gradients against PyTorch's autograd, and against what they approximate.
#include "tests/model/analysis/gradient_cases.h"

namespace gf::testing {
namespace {

TEST_P(ByGradients, saliency_is_autograds) {
  const Json& saliency = want["saliency"];
  const Answer zero = answer("saliency"), mean = answer("saliency", {{"baseline", "mean"}});
  expect_values(zero.grid("grad_norm").values, saliency["grad_norm"], "grad_norm");
  expect_values(zero.grid("grad_x_input").values, saliency["grad_x_input"], "grad_x_input");
  expect_values(zero.grid("integrated").values, saliency["integrated_zero"], "from zero");
  expect_values(mean.grid("integrated").values, saliency["integrated_mean"], "from the mean");
  expect_near(zero.number("completeness"), saliency["completeness_zero"], 5e-4, 2e-4, "completeness from zero");
  expect_near(mean.number("completeness"), saliency["completeness_mean"], 5e-4, 2e-4, "completeness from the mean");
}

TEST_P(ByGradients, activation_times_gradient_is_autograds) {
  const Answer got = answer("act-grad");
  for (const char* part : {"heads", "mlp", "heads_by_position", "mlp_by_position"})
    expect_values(got.grid(part).values, want["act_grad"][part], part);
}

TEST_P(ByGradients, attribution_patching_is_autograds) {
  const Json& reference = want["attribution"];
  const double gap = reference["clean"].get<double>() - reference["corrupt"].get<double>();
  for (const bool steps : {false, true}) {
    const Answer got = answer("attribution", steps ? std::vector<std::pair<const char*, std::string>>{{"steps", "5"}}
                                                   : std::vector<std::pair<const char*, std::string>>{});
    expect_near(got.number("clean"), reference["clean"], 5e-4, 2e-4, "clean");
    expect_near(got.number("corrupt"), reference["corrupt"], 5e-4, 2e-4, "corrupt");
    const Json& sites = steps ? reference["steps_5"] : reference;
    for (const char* site : {"resid_pre", "attn_out", "mlp_out", "head_z"})
      expect_values(got.grid(site).values, sites[site], site, std::abs(gap));
    for (const auto& [sum, site] :
         {std::pair{"heads", "head_z"}, std::pair{"attn_by_layer", "attn_out"}, std::pair{"mlp_by_layer", "mlp_out"}})
      for (const std::string of : {"", "delta."}) {
        const Grid &whole = got.grid(of + sum), &places = got.grid(of + site);
        const std::size_t T = places.values.size() / whole.values.size();
        ASSERT_EQ(static_cast<int>(T), places.shape.back());
        for (std::size_t i = 0; i < whole.values.size(); ++i) {
          double added = 0;
          for (std::size_t p = 0; p < T; ++p) added += static_cast<double>(places.values[i * T + p]);
          EXPECT_NEAR(static_cast<double>(whole.values[i]), added, 1e-5 * (1 + std::abs(added))) << of << sum << " " << i;
        }
      }
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, ByGradients, ::testing::ValuesIn(gradient_cases()), case_name);

/// Integrated gradients add up to what they explain, so their sum tests the gradients between, at any position, under
/// recipes, and for either objective.
TEST_F(GradientQuestions, integrated_gradients_add_up) {
  const char* const recipe = R"({"hook": "blocks.1.attn.hook_z", "op": "scale", "factor": 0.3, "heads": [0, 1]},
                                {"hook": "blocks.0.hook_resid_mid", "op": "set", "value": 0.5, "dims": [3], "positions": [2]})";
  for (const char* edits : {"", recipe})
    for (const char* objective : {"logit", "logprob"})
      for (const int position : {-1, 3}) {
        Asking asked = asking("saliency", edits);
        asked.position = position;
        ASSERT_TRUE(asked.params.set("objective", objective) && asked.params.set("steps", "512") && asked.params.set("baseline", "mean"));
        const auto got = ask(*find_question("saliency"), asked);
        ASSERT_TRUE(got) << got.error().message;
        EXPECT_NEAR(got->number("completeness"), 0, 5e-3) << objective << " at " << position;
        double sum = 0;
        for (const float x : got->grid("integrated").values) sum += static_cast<double>(std::abs(x));
        EXPECT_GT(sum, 0.02);
        EXPECT_EQ(got->grid("grad_norm").at(6) == 0, position == 3) << "later positions do not count";
      }
}

TEST_F(GradientQuestions, a_small_cut_changes_what_the_gradient_says) {
  const Answer got = ask(*find_question("act-grad"), asking("act-grad")).value();
  const auto m_of = [](const Asking& asked) {
    const auto logits = asked.run.edited->last_logits();
    return static_cast<double>(logits[1]) - static_cast<double>(logits[0]);
  };
  const double base = m_of(asking("act-grad"));
  for (const auto& [hook, want] :
       {std::pair{std::string(R"("blocks.1.attn.hook_z", "heads": [2])"), got.grid("heads").at(1, 2)},
        {R"("blocks.2.hook_mlp_out")", got.grid("mlp").at(2)},
        {R"("blocks.0.attn.hook_z", "heads": [1], "positions": [4])", got.grid("heads_by_position").at(0, 1, 4)}})
    EXPECT_NEAR((m_of(asking("act-grad", R"({"op": "scale", "factor": 0.99, "hook": )" + hook + "}")) - base) / 0.01,
                static_cast<double>(want), 0.01 + 0.02 * std::abs(static_cast<double>(want)))
        << hook;
}

TEST_F(GradientQuestions, pairs_of_unequal_length_are_refused) {
  Asking asked = asking("attribution");
  asked.params.set_prompt("clean", ids_of({2, 1, 0}));
  const auto got = ask(*find_question("attribution"), asked);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(got.error().message, "the clean prompt has 3 tokens and the corrupt one 7; patching needs as many");
}

TEST_F(GradientQuestions, a_pair_that_answers_alike_has_no_effect) {
  Asking asked = asking("attribution");
  asked.params.set_prompt("clean", asked.request.prompt);
  const auto got = ask(*find_question("attribution"), asked);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_NE(got->get<Answer::Undefined>("resid_pre"), nullptr);
  for (const float x : got->grid("delta.resid_pre").values) EXPECT_EQ(x, 0);
}

}  // namespace
}  // namespace gf::testing
