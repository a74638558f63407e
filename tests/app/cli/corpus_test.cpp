// Indexes of texts, the findings of a run, and graphs of edges, from the command line.
#include <sstream>

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

TEST(CorpusCommand, indexes_the_features_of_the_dictionary_that_comes_with_fable) {
  const std::string text = small_text(), path = scratch_file("features.safetensors").string();
  const Outcome made = program({"corpus", "index", "fable", text, "--dictionary", "fable", "-o", path, "--json"});
  ASSERT_EQ(made.code, 0) << made.err;
  const Json about = program({"dictionary", "info", "fable", "--json"}).json();
  EXPECT_EQ(made.json()["units"], about["features"]);
  EXPECT_EQ(made.json()["dictionary"], "dictionaries/fable");
  EXPECT_EQ(about["activation"], "topk");
  ASSERT_FALSE(about["names"].empty());
  const std::string feature = std::to_string(about["names"][0]["feature"].get<int>());
  const Outcome o = program({"analyze", "fable", "--what", "examples", "--dictionary", "fable", "--feature", feature, "--corpus", text,
                             "--index", path, "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  EXPECT_EQ(o.json()["examples"]["histogram"]["values"].size(), 25U);
  // Over the bundled text the index comes with the dictionary.
  setenv("XDG_CACHE_HOME", scratch_file("empty-cache").c_str(), 1);
  const Outcome bundled = program({"analyze", "fable", "--what", "examples", "--dictionary", "fable", "--feature", feature, "--json"});
  unsetenv("XDG_CACHE_HOME");
  ASSERT_EQ(bundled.code, 0) << bundled.err;
  EXPECT_EQ(bundled.json()["examples"]["passages"][0]["interval"], "strongest");
  EXPECT_FALSE(std::filesystem::exists(scratch_file("empty-cache"))) << "nothing was made";
}

TEST(CorpusCommand, lists_the_names_of_active_features) {
  const Json names = program({"dictionary", "info", "fable", "--json"}).json()["names"];
  const Json reply = program({"analyze", "fable", "--prompt", "The capital of France is Paris.", "--what", "features", "--dictionary",
                              "fable", "--top", "16", "--json"})
                         .json()["features"];
  int named = 0;
  for (const Json& position : reply["top"]["values"])
    for (const Json& feature : position)
      for (const Json& name : names)
        if (name["feature"] == feature["feature"]) {
          EXPECT_EQ(feature["name"], name["name"]);
          ++named;
        }
  EXPECT_GT(named, 0) << reply.dump(1);
}

TEST(Lens, is_fitted_written_and_read_and_its_kl_is_below_the_logit_lenss) {
  const std::string text = small_text(), lens = scratch_file("lens").string();
  std::filesystem::remove_all(lens);
  const Outcome o =
      program({"lens", "fit", "fable", "--corpus", text, "--steps", "6", "--batch", "2", "--context", "32", "-o", lens, "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  std::vector<Json> lines;
  for (std::istringstream all(o.out); all.peek() != EOF;) {
    std::string line;
    std::getline(all, line);
    lines.push_back(Json::parse(line));
  }
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_EQ(lines[5]["step"], 6);
  const Json last = lines.back();
  ASSERT_EQ(last["kl_tuned_lens"].size(), 6U);
  for (std::size_t depth = 0; depth < 6; ++depth) EXPECT_LT(last["kl_tuned_lens"][depth], last["kl_logit_lens"][depth]) << depth;
  const auto read = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words{"analyze", "fable", "--prompt", "The capital of France is", "--what", "logit-lens", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return program(words).json()["logit_lens"]["top"]["values"];
  };
  EXPECT_NE(read({"--lens", lens})[0], read({})[0]);
  EXPECT_EQ(read({"--lens", lens})[6], read({})[6]) << "the last depth is read as it is";
  const Outcome again = program({"lens", "fit", "fable", "--corpus", text, "-o", lens});
  EXPECT_EQ(again.code, 1);
  EXPECT_NE(again.err.find("has files already; name a new folder."), std::string::npos) << again.err;
  const Outcome stopped = program(
      {"lens", "fit", "fable", "--corpus", text, "--context", "32", "--steps", "100000", "-o", scratch_file("stopped-lens").string()},
      Interrupted::AtWork);
  EXPECT_EQ(stopped.code, 1);
  EXPECT_NE(stopped.err.find("Stopped "), std::string::npos) << stopped.err;
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
    // A score is a sum over the positions; the logit alone stands at one.
    const bool logit = node["is_target_logit"].get<bool>();
    EXPECT_EQ(node["positions"], logit ? Json({13}) : Json("all")) << node.dump();
    EXPECT_EQ(node["clerp"].get<std::string>().ends_with("(all positions)"), !logit) << node.dump();
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
}

}  // namespace
}  // namespace gf::testing
