// The file of a circuit: what was written is read, and a foreign or damaged one is refused with a sentence.
#include "model/analysis/circuit_graph.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "model/base/files/whole_file.h"
#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

std::filesystem::path graph_file() { return std::filesystem::path(::testing::TempDir()) / "gf-circuit-graph.json"; }

Answer::Table table_of_edges() {
  return {{{"from", "", std::vector<std::string>{"embed", "0.1", "0.1", "mlp.1"}},
           {"to", "", std::vector<std::string>{"1.2.q", "1.2.k", "1.2.v", "logits"}},
           {"score", "logit", std::vector<float>{0.25F, -1.5F, 0.125F, 2.F}}}};
}

std::filesystem::path written_graph(const Model& model) {
  auto path = graph_file();
  const auto written =
      write_circuit_graph(path.string(), table_of_edges(), {model, {TokenId(0), TokenId(1)}, 1, TokenId(2), 0.5, 812, TokenId(0)});
  EXPECT_TRUE(written) << written.error().message;
  return path;
}

TEST(CircuitGraphs, are_read_as_they_were_written) {
  const auto model = open_case_model("sort-nano");
  const auto graph = read_circuit_graph(written_graph(*model).string());
  ASSERT_TRUE(graph) << graph.error().message;
  std::string edges;
  for (const CircuitGraph::Edge& e : graph->edges) edges += e.from + " to " + e.to + " " + std::to_string(e.score).substr(0, 5) + "; ";
  EXPECT_EQ(edges, "mlp.1 to logits 2.000; 0.1 to 1.2.k -1.50; embed to 1.2.q 0.250; 0.1 to 1.2.v 0.125; ");
  EXPECT_EQ(graph->measured, 812);
  EXPECT_EQ(graph->unit, "logit");
  EXPECT_EQ(graph->explained, "logit “C” − logit “A”");
}

TEST(CircuitGraphs, that_are_damaged_or_foreign_say_what_is_wrong) {
  const auto model = open_case_model("sort-nano");
  const auto json = nlohmann::json::parse(std::ifstream(written_graph(*model)));
  const auto said = [](const nlohmann::json& changed) {
    const auto path = graph_file();
    EXPECT_TRUE(write_whole_file(path.string(), changed.dump()));
    const auto graph = read_circuit_graph(path.string());
    return graph ? std::string() : graph.error().message;
  };
  EXPECT_EQ(said(json), "");
  EXPECT_NE(said(nlohmann::json::array({1, 2})).find("it lacks nodes and links"), std::string::npos);
  auto foreign = json;
  foreign["nodes"][0]["feature_type"] = "cross layer transcoder";
  EXPECT_NE(said(foreign).find("a node of the type \"cross layer transcoder\""), std::string::npos);
  auto loose = json;
  loose["links"][0]["source"] = "7_7_7";
  EXPECT_NE(said(loose).find("nodes that are not there"), std::string::npos);
  auto many = json;
  for (int i = 0; i < 1001; ++i) many["links"].push_back(json["links"][0]);
  EXPECT_NE(said(many).find("more than 1000 edges"), std::string::npos);
  auto odd = json;
  odd["links"][0]["weight"] = odd["links"][0]["inputs"] = "much";
  odd["metadata"] = 3;
  EXPECT_EQ(said(odd), "") << "an edge without a number is left out";
  odd["links"][0].erase("inputs");
  odd["links"][0]["weight"] = 1e300;
  EXPECT_EQ(said(odd), "") << "and one whose number no float holds";
}

}  // namespace
}  // namespace gf::testing
