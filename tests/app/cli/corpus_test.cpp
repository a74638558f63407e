// Indexes of texts, the findings of a run, and graphs of edges, from the command line.
#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

constexpr const char* kGarden = "When Mary and John went to the garden, John gave a ring to";

std::string small_text() {
  const auto path = scratch_file("small.txt");
  std::ofstream out(path);
  for (int i = 0; i < 40; ++i) out << "The capital of France is Paris. Once upon a time there was a king who lived in a castle.\n";
  return path.string();
}

TEST(CorpusCommand, makes_an_index_in_shards_that_merge_to_the_whole) {
  const std::string text = small_text();
  const auto index = [&](const std::string& name, std::vector<std::string> more) {
    std::vector<std::string> arguments{"corpus", "index", "fable", text, "-o", scratch_file(name).string(), "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome o = program(arguments);
    EXPECT_EQ(o.code, 0) << o.err;
    return o.json();
  };
  const Json whole = index("whole.safetensors", {});
  EXPECT_EQ(whole["units"], 6 * (1024 + 8));
  EXPECT_EQ(whole["passage_tokens"], 64);
  index("1.safetensors", {"--shard", "1/2"});
  index("2.safetensors", {"--shard", "2/2", "--threads", "1"});
  const std::string merged = scratch_file("merged.safetensors").string();
  const Outcome o = program({"merge", scratch_file("2.safetensors").string(), scratch_file("1.safetensors").string(), "-o", merged});
  ASSERT_EQ(o.code, 0) << o.err;
  EXPECT_TRUE(content(merged) == content(scratch_file("whole.safetensors")));
  // A shard alone is no answer.
  const Outcome part = program(
      {"analyze", "fable", "--what", "examples", "--unit", "0.1", "--corpus", text, "--index", scratch_file("1.safetensors").string()});
  EXPECT_EQ(part.code, 1);
  EXPECT_NE(part.err.find("is shard 1 of 2; make one index of all with: glassformer merge"), std::string::npos) << part.err;
}

TEST(CorpusCommand, answers_from_the_cache_the_second_time) {
  const std::string text = small_text();
  setenv("XDG_CACHE_HOME", scratch_file("cache").c_str(), 1);
  const auto ask = [&] {
    const Outcome o = program({"analyze", "fable", "--what", "examples,head-finder", "--head", "4.3", "--corpus", text, "--json"});
    EXPECT_EQ(o.code, 0) << o.err;
    return o.out;
  };
  const std::string first = ask();
  std::size_t files = 0;
  std::filesystem::file_time_type written;
  for (const auto& file : std::filesystem::directory_iterator(scratch_file("cache") / "glassformer" / "corpus-index")) {
    ++files;
    written = file.last_write_time();
  }
  EXPECT_EQ(files, 1U);
  EXPECT_EQ(ask(), first);
  for (const auto& file : std::filesystem::directory_iterator(scratch_file("cache") / "glassformer" / "corpus-index"))
    EXPECT_EQ(file.last_write_time(), written) << "it was made again";
  const Json reply = Json::parse(first);
  EXPECT_EQ(reply["examples"]["passages"][0]["interval"], "strongest");
  EXPECT_EQ(reply["head_finder"]["previous"]["axes"], Json({"layer", "head"}));
  unsetenv("XDG_CACHE_HOME");
}

TEST(Scan, is_read_as_sentences_and_as_json) {
  const Json scan =
      program({"analyze", "fable", "--prompt", kGarden, "--what", "scan", "--target", " Mary", "--against", " John", "--json"})
          .json()["scan"];
  bool found = false;
  for (const Json& finding : scan["findings"]) {
    if (finding["kind"] != "matters" || finding["indices"] != Json({4, 3})) continue;
    found = true;
    EXPECT_EQ(finding["question"], "ablate-sweep");
    EXPECT_EQ(finding["part"], "delta");
    EXPECT_NEAR(finding["value"], -5.1162, 1e-3);
    EXPECT_GT(finding["strength"], 0.3);
  }
  EXPECT_TRUE(found) << scan.dump(1);
  const Outcome text = program({"analyze", "fable", "--prompt", kGarden, "--what", "scan", "--target", " Mary", "--against", " John"});
  EXPECT_NE(text.out.find("Head 4.3 matters: cutting it changes the lead of \"·Mary\" over \"·John\", 8.20, by −5.12."), std::string::npos)
      << text.out;
}

TEST(Edges, are_written_as_a_graph_whose_links_join_its_nodes) {
  const auto path = scratch_file("graph.json");
  const Outcome o =
      program({"analyze", "fable", "--clean", kGarden, "--corrupt", "When Mary and John went to the garden, Mary gave a ring to", "--what",
               "edges", "--top", "30", "--target", " Mary", "--against", " John", "-o", path.string(), "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const Json edges = o.json()["edges"]["edges"], graph = Json::parse(content(path));
  std::map<std::string, Json> nodes;
  for (const Json& node : graph["nodes"]) {
    EXPECT_TRUE(nodes.emplace(node["node_id"].get<std::string>(), node).second) << "twice: " << node.dump();
    for (const char* key : {"feature", "layer", "ctx_idx", "feature_type", "jsNodeId", "clerp"}) EXPECT_TRUE(node.contains(key)) << key;
  }
  double sum = 0, weights = 0;
  for (const Json& edge : edges) sum += edge["score"].get<double>();
  for (const Json& link : graph["links"]) {
    EXPECT_TRUE(nodes.contains(link["source"].get<std::string>()) && nodes.contains(link["target"].get<std::string>())) << link.dump();
    weights += link["weight"].get<double>();
  }
  EXPECT_NEAR(weights, sum, 1e-4);
  EXPECT_EQ(graph["metadata"]["prompt_tokens"].size(), 14U);
  const auto target = std::ranges::find_if(graph["nodes"], [](const Json& node) { return node["is_target_logit"].get<bool>(); });
  ASSERT_NE(target, graph["nodes"].end());
  EXPECT_NEAR((*target)["token_prob"], 0.987, 1e-3);
  EXPECT_EQ(program({"analyze", "fable", "--prompt", kGarden, "--what", "heads", "-o", path.string()}).code, 2);
}

}  // namespace
}  // namespace gf::testing
