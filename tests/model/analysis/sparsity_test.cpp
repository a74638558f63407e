// Heads and MLP channels that are left out: their ranks and losses beside PyTorch's, and what fable can do without.
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "model/analysis/omission.h"
#include "model/analysis/question.h"
#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

class Omissions : public ::testing::Test {
 protected:
  void SetUp() override {
    golden = Json::parse(std::ifstream(golden_folder() + "/sparsity/sort-nano.json"));
    session = session_of(open_case_model("sort-nano"));
    for (const Json& ids : golden["sequences"]) sequences.push_back(ids_of(ids));
  }
  [[nodiscard]] const ModelConfig& config() const { return session->model().weights->config; }
  Json golden;
  std::unique_ptr<Session> session;
  std::vector<std::vector<TokenId>> sequences;
};

TEST_F(Omissions, importance_is_PyTorchs) {
  for (const auto& [by, name] : {std::pair{ImportanceBy::Attribution, "attribution"}, std::pair{ImportanceBy::Norm, "norm"}}) {
    int told = 0;
    const auto found = importance_over(*session, sequences, by, {}, [&] { ++told; });
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(told, 3);
    for (const auto& [units, values] : {std::pair{"heads", &found->heads}, std::pair{"neurons", &found->neurons}}) {
      const Json& want = golden[name][units];
      const std::size_t width = want[0].size();
      ASSERT_EQ(values->size(), want.size() * width);
      for (std::size_t i = 0; i < values->size(); ++i)
        expect_near(static_cast<double>((*values)[i]), want[i / width][i % width], 1e-4, 1e-3,
                    std::string(name) + " " + units + " " + std::to_string(i));
    }
  }
}

TEST_F(Omissions, loss_without_them_is_PyTorchs_and_that_of_the_recipe) {
  const auto whole = loss_over(*session, sequences, nullptr, {}, {});
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_NEAR(*whole, golden["loss"], 1e-4 * golden["loss"].get<double>());
  Omission omitted = omit({}, 0.5, config());
  EXPECT_EQ(loss_over(*session, sequences, &omitted, {}, {}).value(), *whole) << "of an empty order none is left out";
  for (const Json& head : golden["cut_heads"])
    omitted.heads[static_cast<std::size_t>(head[0].get<int>() * config().n_head + head[1].get<int>())] = true;
  for (const Json& unit : golden["cut_neurons"])
    omitted.neurons[static_cast<std::size_t>(unit[0].get<int>() * config().d_mlp + unit[1].get<int>())] = true;
  const auto cut = loss_over(*session, sequences, &omitted, {}, {});
  ASSERT_TRUE(cut) << cut.error().message;
  EXPECT_NEAR(*cut, golden["loss_cut"], 1e-4 * golden["loss_cut"].get<double>());
  EXPECT_GT(std::abs(*cut - *whole), 0.01);

  double sum = 0;
  for (const auto& ids : sequences) {
    RunRequest request;
    request.prompt = ids;
    request.recipe = recipe_of_omission(omitted, config());
    EXPECT_EQ(request.recipe.edits.size(), 5U) << "one for each block and kind";
    const auto run = session->run(request);
    ASSERT_TRUE(run) << run.error().message;
    for (int p = 1; p < run->edited->length(); ++p) sum -= static_cast<double>(run->edited->stats(p).logprob);
  }
  EXPECT_NEAR(sum / (3 * 8), *cut, 1e-5);
}

TEST(OmissionOrder, begins_with_the_least_important) {
  const std::vector<float> importance{0.5F, 0.1F, 0.3F, 0.1F};
  const auto order = omission_order(importance);
  EXPECT_EQ(order, (std::vector<std::size_t>{1, 3, 2, 0}));
  ModelConfig config;
  config.n_layer = 2, config.n_head = 2, config.d_mlp = 1;
  const Omission half = omit({order, {}}, 0.5, config);
  EXPECT_EQ(half.heads, (std::vector<bool>{false, true, false, true}));
  EXPECT_EQ(half.neurons, (std::vector<bool>{false, false}));
  EXPECT_EQ(omit({order, {1, 0}}, 1, config).neurons, (std::vector<bool>{true, true}));
}

TEST(Sparsity, of_fable_costs_less_by_rank_than_at_random) {
  const auto session = session_of(open_case_model("fable"));
  const Question& question = *find_question("sparsity");
  Asking asking{.session = *session, .request = {}, .run = {}, .a = {}, .b = {}, .params = Params(question.params)};
  for (const auto& [name, value] :
       {std::pair{"sequences", "2"}, std::pair{"context", "64"}, std::pair{"omit", "0.25"}, std::pair{"units", "mlp"}})
    ASSERT_TRUE(asking.params.set(name, value));
  for (const PartInfo& part : question.parts) asking.wanted.emplace_back(part.name);
  std::vector<double> fractions;
  asking.progress = [&](double fraction) { fractions.push_back(fraction); };
  const auto answer = ask(question, asking);
  ASSERT_TRUE(answer) << answer.error().message;
  const Grid &ranked = answer->grid("loss.ranked"), &random = answer->grid("loss.random"), &rates = answer->grid("rates");
  ASSERT_EQ(ranked.shape, (std::vector<int>{20}));
  EXPECT_EQ(ranked.at(0), random.at(0)) << "nothing is left out yet";
  EXPECT_NEAR(rates.at(5), 0.25, 1e-6);
  EXPECT_NEAR(ranked.at(5), answer->number("loss.omitted"), 1e-5);
  EXPECT_LT(ranked.at(5), random.at(5));
  EXPECT_LT(ranked.at(10), random.at(10));
  EXPECT_GT(ranked.at(19), ranked.at(0));
  EXPECT_EQ(fractions.back(), 1);
  EXPECT_TRUE(std::ranges::is_sorted(fractions));
  const auto recipe = parse_recipe(answer->words("recipe").words.front());
  ASSERT_TRUE(recipe) << recipe.error().message;
  std::size_t cut = 0;
  for (const Edit& edit : recipe->edits) {
    EXPECT_FALSE(edit.heads) << "MLP channels alone were asked for";
    cut += edit.neurons->list.size();
  }
  EXPECT_EQ(cut, 6 * 1024 / 4U);
}

}  // namespace
}  // namespace gf::testing
