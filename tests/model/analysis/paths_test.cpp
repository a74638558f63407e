// Edges, paths and parts of scores against PyTorch's autograd and exact runs.
#include <map>

#include "tests/model/analysis/gradient_cases.h"

namespace gf::testing {
namespace {

class ByPaths : public ByGradients {};

/// Sorted by the magnitude of their score; neighbours that are closer than the tolerance may have changed places.
void expect_edges(const Answer::Table& got, const Json& want) {
  const auto& from = std::get<std::vector<std::string>>(got.find("from")->cells);
  const auto& to = std::get<std::vector<std::string>>(got.find("to")->cells);
  const auto& scores = std::get<std::vector<float>>(got.find("score")->cells);
  ASSERT_EQ(scores.size(), want.size());
  std::map<std::string, double> reference;
  for (const Json& e : want) reference[e["from"].get<std::string>() + " to " + e["to"].get<std::string>()] = e["score"];
  const double last = std::abs(want.back()["score"].get<double>());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const std::string edge = from[i] + " to " + to[i];
    const auto found = reference.find(edge);
    if (found != reference.end()) expect_near(static_cast<double>(scores[i]), found->second, 5e-4, 2e-4, edge);
    else EXPECT_NEAR(std::abs(static_cast<double>(scores[i])), last, 1e-3) << edge << " is not among the reference's";
  }
}

TEST_P(ByPaths, edges_are_the_references) {
  const Json& reference = want["edges"];
  const double gap = want["attribution"]["clean"].get<double>() - want["attribution"]["corrupt"].get<double>();
  const std::string keep = std::to_string(reference["keep"].get<int>());
  const Answer one = answer("edges", {{"keep", keep}}), five = answer("edges", {{"keep", keep}, {"steps", "5"}});
  EXPECT_EQ(one.number("count"), reference["count"].get<double>());
  expect_edges(one.table("edges"), reference["edges"]);
  expect_edges(five.table("edges"), reference["steps_5"]);
  expect_near(one.number("faithfulness") * gap, reference["faithfulness"].get<double>() * gap, 5e-4, 2e-4, "faithfulness");
  expect_near(five.number("faithfulness") * gap, reference["faithfulness_steps_5"].get<double>() * gap, 5e-4, 2e-4, "with steps");
}

TEST_P(ByPaths, a_circuit_of_all_edges_is_the_clean_run) {
  const Answer all = answer("edges", {{"keep", std::to_string(want["edges"]["count"].get<int>())}});
  EXPECT_NEAR(all.number("faithfulness"), 1, 1e-2 / std::abs(all.number("clean") - all.number("corrupt")));
  EXPECT_NEAR(answer("edges", {{"keep", "0"}}).number("faithfulness"), 0, 1e-3 / std::abs(all.number("clean") - all.number("corrupt")));
}

TEST_P(ByPaths, paths_are_the_references) {
  const Json& path = want["path"];
  const double gap = std::abs(want["attribution"]["clean"].get<double>() - want["attribution"]["corrupt"].get<double>());
  expect_values(answer("path").grid("effect").values, path["logits"], "to the logits", gap);
  expect_values(answer("path", {{"freeze-mlps", "yes"}}).grid("effect").values, path["logits_freeze_mlps"], "past frozen MLPs", gap);
  const std::string receiver = path["receiver"];
  const Answer to_receiver = answer("path", {{"receiver", receiver}});
  expect_values(to_receiver.grid("effect").values, path["to_receiver"], "to " + receiver, gap);
  const Answer one = answer("path", {{"receiver", receiver}, {"sender", "0.1"}});
  EXPECT_NEAR(one.number("delta"), static_cast<double>(to_receiver.grid("delta").at(0, 1)), 1e-6);
}

TEST_P(ByPaths, the_parts_of_a_score_are_the_references) {
  const Json& why = want["why_attention"];
  const Answer got = answer("why-attention", {{"head", why["head"]},
                                              {"query", std::to_string(why["query"].get<int>())},
                                              {"key", std::to_string(why["key"].get<int>())},
                                              {"top", "1000"}});
  expect_near(got.number("score"), why["score"], 5e-4, 2e-4, "score");
  const auto& names = got.words("components").words;
  ASSERT_EQ(names.size(), why["query_parts"].size());
  double of_query = 0, of_key = 0, of_pairs = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto q = static_cast<double>(got.grid("query_parts").values[i]), k = static_cast<double>(got.grid("key_parts").values[i]);
    expect_near(q, why["query_parts"].at(names[i]), 5e-4, 2e-4, "query " + names[i]);
    expect_near(k, why["key_parts"].at(names[i]), 5e-4, 2e-4, "key " + names[i]);
    of_query += q;
    of_key += k;
  }
  EXPECT_NEAR(of_query, got.number("score"), 1e-3);
  EXPECT_NEAR(of_key, got.number("score"), 1e-3);
  const auto& pairs = std::get<std::vector<float>>(got.table("pairs").find("score")->cells);
  for (const float x : pairs) of_pairs += static_cast<double>(x);
  if (pairs.size() == names.size() * names.size()) {
    EXPECT_NEAR(of_pairs, got.number("score"), 1e-3);
  }
  const Answer most = answer("why-attention", {{"head", why["head"]}});
  EXPECT_EQ(most.number("query"), static_cast<double>(request.prompt.size() - 1));
}

INSTANTIATE_TEST_SUITE_P(Golden, ByPaths, ::testing::ValuesIn(gradient_cases()), case_name);

class PathQuestions : public GradientQuestions {};

TEST_F(PathQuestions, say_what_is_wrong) {
  const auto error = [&](const char* question, const std::vector<std::pair<const char*, std::string>>& given,
                         const std::string& recipe = "") {
    Asking asked = asking(question, recipe);
    if (asked.params.row("clean") != nullptr) asked.params.set_prompt("clean", ids_of({2, 1, 0, 1, 1, 2, 0}));
    for (const auto& [param, value] : given) EXPECT_TRUE(asked.params.set(param, value));
    const auto got = ask(*find_question(question), asked);
    EXPECT_FALSE(got);
    return got ? std::string() : got.error().message;
  };
  EXPECT_EQ(error("path", {{"sender", "7.0"}}), "there is no head 7.0; blocks are 0 to 2 and heads 0 to 2");
  EXPECT_EQ(error("path", {{"receiver", "1.1"}}), "'1.1' is not a receiver; a receiver is logits, or like 4.7.q");
  EXPECT_EQ(error("path", {{"receiver", "1.5.q"}}), "there is no head 1.5; blocks are 0 to 2 and heads 0 to 2");
  EXPECT_EQ(error("edges", {}, R"({"hook": "blocks.1.attn.hook_z", "op": "zero"})"),
            "edges are those of the unedited model; leave the recipe out");
  EXPECT_EQ(error("why-attention", {{"head", "1.1"}, {"query", "2"}, {"key", "4"}}),
            "key 4 stands after query 2, which cannot attend to it");
  EXPECT_EQ(error("why-attention", {{"head", "1.9"}}), "there is no head 1.9; blocks are 0 to 2 and heads 0 to 2");
}

TEST_F(PathQuestions, a_score_has_a_part_of_the_edits) {
  Asking asked = asking("why-attention", R"({"hook": "blocks.1.hook_resid_pre", "op": "add", "value": 0.5, "dims": [4]})");
  ASSERT_TRUE(asked.params.set("head", "2.1") && asked.params.set("query", "5") && asked.params.set("key", "3"));
  const Answer got = ask(*find_question("why-attention"), asked).value();
  const auto& names = got.words("components").words;
  EXPECT_EQ(names[names.size() - 2], "edits");
  double sum = 0;
  for (const float x : got.grid("query_parts").values) sum += static_cast<double>(x);
  EXPECT_NEAR(sum, got.number("score"), 1e-4);
  EXPECT_NE(got.grid("query_parts").values[names.size() - 2], 0);
}

}  // namespace
}  // namespace gf::testing
