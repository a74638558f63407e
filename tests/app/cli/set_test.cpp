// `analyze --prompts`: means over a set, and shards of it that merge to the same reply.
#include <algorithm>
#include <cmath>
#include <map>

#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

std::string set_file(const std::string& name, const std::vector<std::string>& rows) {
  const auto path = scratch_file(name);
  std::ofstream out(path);
  for (const std::string& row : rows) out << row << "\n";
  return path.string();
}

std::string pair_row(const std::string& a, const std::string& b, const std::string& place) {
  const std::string begin = "When " + a + " and " + b + " went to the " + place + ", ";
  return Json({{"prompt", begin + b + " gave a ring to"},
               {"corrupt", begin + a + " gave a ring to"},
               {"target", " " + a},
               {"against", " " + b}})
      .dump();
}

const std::vector<std::string>& pairs() {
  static const std::vector<std::string> kPairs{pair_row("Mary", "John", "garden"), pair_row("Alice", "Peter", "school"),
                                               pair_row("Anna", "Mark", "shop"), pair_row("Lucy", "Jack", "market"),
                                               pair_row("Sarah", "Tom", "church")};
  return kPairs;
}

TEST(PromptSet, has_the_mean_and_the_standard_error_of_each_number) {
  const std::string set = set_file("pairs.jsonl", pairs());
  const Json reply = program({"analyze", "fable", "--prompts", set, "--what", "dla,heads", "--json"}).json();
  EXPECT_EQ(reply["rows"], 5);
  EXPECT_EQ(reply["failed"], Json::array());
  std::vector<double> totals;
  for (const std::string& row : pairs()) {
    const Json r = Json::parse(row);
    totals.push_back(program({"analyze", "fable", "--prompt", r["prompt"], "--target", r["target"], "--against", r["against"], "--what",
                              "dla", "--json"})
                         .json()["dla"]["total"]);
  }
  double mean = 0, squares = 0;
  for (const double total : totals) mean += total / 5;
  for (const double total : totals) squares += (total - mean) * (total - mean);
  EXPECT_NEAR(reply["dla"]["total"]["mean"], mean, 1e-6);
  EXPECT_NEAR(reply["dla"]["total"]["standard_error"], std::sqrt(squares / 4 / 5), 1e-6);
  EXPECT_EQ(reply["dla"]["total"]["n"], 5);
  EXPECT_EQ(reply["dla"]["heads"]["mean"].size(), 6U);
  EXPECT_EQ(reply["heads"]["previous"]["axes"], Json({"layer", "head"}));
}

TEST(PromptSet, in_shards_makes_the_same_reply_to_the_last_bit) {
  const std::string set = set_file("shards.jsonl", pairs());
  const auto asked = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"analyze", "fable",           "--prompts", set, "--what", "patch-sweep,logit-lens",
                                       "--site",  "resid_pre,head_z"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome o = program(arguments);
    EXPECT_EQ(o.code, 0) << o.err;
  };
  const std::string whole = scratch_file("whole.json").string(), rows = scratch_file("rows.csv").string();
  asked({"-o", whole, "--rows", rows});
  std::vector<std::string> merge{"merge"};
  for (const std::string i : {"2", "1"}) {
    merge.push_back(scratch_file("shard-" + i + ".jsonl").string());
    asked({"--shard", i + "/2", "-o", merge.back(), "--threads", i});
  }
  const std::string again = scratch_file("merged.json").string(), merged_rows = scratch_file("merged.csv").string();
  merge.insert(merge.end(), {"-o", again, "--rows", merged_rows});
  ASSERT_EQ(program(merge).code, 0);
  EXPECT_EQ(content(whole), content(again));
  EXPECT_EQ(content(rows), content(merged_rows));
  const Json reply = Json::parse(content(whole));
  EXPECT_EQ(reply["patch_sweep"]["clean"]["n"], 5);
  EXPECT_EQ(reply["patch_sweep"]["head_z"]["mean"].size(), 6U);
  EXPECT_EQ(content(rows).substr(0, content(rows).find('\n')).substr(0, 9), "row,name,");
}

// Heads 4.7 and 5.1 write the answer, as the walk in README finds for one prompt.
TEST(PromptSet, of_two_hundred_indirect_objects_comes_with_the_program) {
  const Json reply = program({"analyze", "fable", "--prompts", "indirect-objects", "--what", "dla", "--json"}).json();
  EXPECT_EQ(reply["rows"], 200);
  EXPECT_EQ(reply["failed"], Json::array());
  EXPECT_EQ(reply["dla"]["total"]["n"], 200);
  EXPECT_GT(reply["dla"]["total"]["mean"], 5);
  for (const auto& [layer, head] : {std::pair{4, 7}, std::pair{5, 1}})
    EXPECT_GT(reply["dla"]["heads"]["mean"][layer][head].get<double>() / reply["dla"]["heads"]["standard_error"][layer][head].get<double>(),
              5);
  EXPECT_EQ(program({"analyze", "fable", "--prompts", "capitals", "--what", "attribution", "--json"}).json()["failed"], Json::array());
}

// The prompts differ in length, so that places have no mean; sums over the positions have.
TEST(PromptSet, has_means_of_attribution_whatever_the_lengths) {
  const Json reply = program({"analyze", "fable", "--prompts", "indirect-objects", "--what", "attribution", "--json"}).json();
  const Json& found = reply["attribution"];
  for (const char* part : {"heads", "attn_by_layer", "mlp_by_layer"}) {
    ASSERT_TRUE(found.contains(part)) << part;
    EXPECT_EQ(found[part]["mean"].size(), 6U);
    EXPECT_TRUE(found["delta"].contains(part)) << part;
  }
  EXPECT_EQ(found["heads"]["n"][4][7], 200);
  EXPECT_GT(found["heads"]["mean"][4][7].get<double>() / found["heads"]["standard_error"][4][7].get<double>(), 5);
  EXPECT_EQ(found.contains("head_z"), false);
}

/// The lines of a CSV of arrays, by what stands before the last comma.
std::map<std::string, std::string> csv_values(const std::string& file) {
  std::map<std::string, std::string> values;
  std::istringstream lines(content(file));
  for (std::string line; std::getline(lines, line);) values[line.substr(0, line.rfind(','))] = line.substr(line.rfind(',') + 1);
  return values;
}

TEST(PromptSet, gives_its_means_as_arrays) {
  const std::string set = set_file("arrays.jsonl", pairs()), csv = scratch_file("means.csv").string();
  const std::vector<std::string> call{"analyze", "fable", "--prompts", set, "--what", "dla,heads", "--json"};
  const Json reply = program(call).json();
  std::vector<std::string> writing(call.begin(), call.end() - 1);
  writing.insert(writing.end(), {"-o", csv});
  ASSERT_EQ(program(writing).code, 0);
  auto values = csv_values(csv);
  EXPECT_EQ(values["name,layer,head"], "value");
  EXPECT_FLOAT_EQ(std::stof(values["dla.heads.mean,4,7"]), reply["dla"]["heads"]["mean"][4][7].get<float>());
  EXPECT_FLOAT_EQ(std::stof(values["dla.total.standard_error,,"]), reply["dla"]["total"]["standard_error"].get<float>());
  EXPECT_EQ(std::stof(values["dla.heads.n,4,7"]), 5);
  EXPECT_EQ(values["heads.duplicate.n,0,0"], reply["heads"]["duplicate"]["n"][0][0].dump());
  const Json about = Json::parse(content(csv + ".json"));
  EXPECT_EQ(about["model"], "fable");
  EXPECT_EQ(about["prompts"], "arrays.jsonl");
  EXPECT_EQ(about["rows"].is_string() ? Json::parse(about["rows"].get<std::string>()) : about["rows"], 5);
  // The set itself is never written over, whatever its name.
  const std::string own = scratch_file("set.csv").string();
  std::filesystem::copy_file(set, own, std::filesystem::copy_options::overwrite_existing);
  const Outcome over = program({"analyze", "fable", "--prompts", own, "--what", "dla", "-o", own});
  EXPECT_EQ(over.code, 1);
  EXPECT_NE(over.err.find("name another"), std::string::npos) << over.err;
  EXPECT_EQ(content(own), content(set));
}

TEST(AnswerFiles, hold_the_arrays_of_the_reply_and_what_was_asked) {
  const std::vector<std::string> call{"analyze",  "fable", "--prompt", "When Mary and John went to the garden, John gave a ring to",
                                      "--target", " Mary", "--what",   "dla,tokens,heads,neurons"};
  const auto with = [&](const std::vector<std::string>& more) {
    std::vector<std::string> line = call;
    line.insert(line.end(), more.begin(), more.end());
    const Outcome o = program(line);
    EXPECT_EQ(o.code, 0) << o.err;
    return o;
  };
  const Json reply = with({"--json"}).json();
  const std::string json = scratch_file("answer.json").string(), csv = scratch_file("answer.csv").string();
  EXPECT_EQ(with({"-o", json}).out, "");
  EXPECT_EQ(Json::parse(content(json)), reply);
  const Outcome written = with({"-o", csv});
  EXPECT_NE(written.err.find("tokens.confidence is left out"), std::string::npos) << written.err;
  auto values = csv_values(csv);
  EXPECT_EQ(values["name,layer,head,row,position"], "value");
  EXPECT_FLOAT_EQ(std::stof(values["dla.heads,4,7,,"]), reply["dla"]["heads"]["values"][4][7].get<float>());
  EXPECT_FLOAT_EQ(std::stof(values["dla.total,,,,"]), reply["dla"]["total"].get<float>());
  EXPECT_FLOAT_EQ(std::stof(values["tokens.logprob,,,,3"]), reply["tokens"]["logprob"]["values"][3].get<float>());
  EXPECT_FLOAT_EQ(std::stof(values["neurons.contribution,,,0,"]), reply["neurons"][0]["contribution"].get<float>());
  const Json about = Json::parse(content(csv + ".json"));
  for (const char* key : {"model", "ids", "tokens", "recipe", "program", "target", "options", "units", "first_positions"})
    EXPECT_TRUE(about.contains(key)) << key << about.dump(1);
  const std::string npz = scratch_file("answer.npz").string(), tensors = scratch_file("answer.safetensors").string();
  with({"-o", npz});
  with({"-o", tensors});
  EXPECT_NE(content(npz).find("dla.heads.npy"), std::string::npos);
  EXPECT_NE(content(tensors).find("\"dla.heads\""), std::string::npos);
  EXPECT_NE(content(tensors).find("\"program\""), std::string::npos);
}

TEST(AnswerFiles, of_weights_name_both_layers_of_a_pair) {
  const std::string csv = scratch_file("circuits.csv").string();
  ASSERT_EQ(program({"analyze", "sort-nano", "--what", "circuits", "-o", csv}).code, 0);
  EXPECT_TRUE(content(csv).starts_with("name,layer,head,later layer,later head,value\n")) << content(csv).substr(0, 100);
}

TEST(Objective, of_one_token_is_named_so_and_has_no_rival) {
  std::vector<std::string> call{"analyze", "sort-nano", "--prompt", "CBA", "--what", "saliency", "--target", "A", "--objective", "logprob"};
  const Outcome named = program(call);
  EXPECT_NE(named.out.find("of the log-probability of 'A'"), std::string::npos) << named.out << named.err;
  EXPECT_EQ(named.out.find("the logit of"), std::string::npos) << named.out;
  call.insert(call.end(), {"--against", "B"});
  const Outcome refused = program(call);
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("--against has no effect on saliency, because --objective logprob is the log-probability of one token"),
            std::string::npos)
      << refused.err;
}

// Records that say the same of several prompts are one, with the mean over those that list it.
TEST(PromptSet, has_the_means_of_tables) {
  const std::string set = set_file("tables.jsonl", pairs());
  const std::vector<std::string> asked{"analyze", "fable", "--prompts", set, "--what", "edges,logit-lens", "--top", "6"};
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = asked;
    arguments.insert(arguments.end(), more.begin(), more.end());
    return program(arguments);
  };
  const std::string rows_file = scratch_file("tables.csv").string();
  const Json reply = with({"--json", "--rows", rows_file}).json();
  const Json& edges = reply["edges"]["edges"];
  EXPECT_EQ(edges["keys"], Json({"from", "to"}));
  EXPECT_EQ(edges["columns"], Json({"score"}));
  EXPECT_EQ(edges["prompts"], 5);
  std::map<std::string, std::vector<double>> scores;
  for (const std::string& row : pairs()) {
    const Json r = Json::parse(row);
    const Json one = program({"analyze", "fable", "--clean", r["prompt"], "--corrupt", r["corrupt"], "--target", r["target"], "--against",
                              r["against"], "--what", "edges", "--top", "6", "--json"})
                         .json();
    for (const Json& edge : one["edges"]["edges"])
      scores[edge["from"].get<std::string>() + ">" + edge["to"].get<std::string>()].push_back(edge["score"]);
  }
  ASSERT_EQ(edges["records"].size(), scores.size());
  double before = 1e9;
  bool several = false;
  for (const Json& record : edges["records"]) {
    const auto& own = scores.at(record["from"].get<std::string>() + ">" + record["to"].get<std::string>());
    double sum = 0, size = 0, squares = 0;
    for (const double score : own) sum += score, size += std::abs(score);
    const double n = static_cast<double>(own.size()), mean = sum / n;
    for (const double score : own) squares += (score - mean) * (score - mean);
    EXPECT_EQ(record["n"], own.size());
    EXPECT_NEAR(record["score"]["mean"], mean, 1e-5);
    if (own.size() > 1) EXPECT_NEAR(record["score"]["standard_error"], std::sqrt(squares / (n - 1) / n), 1e-5);
    else EXPECT_TRUE(record["score"]["standard_error"].is_null());
    EXPECT_LE(size, before + 1e-4) << "the most that is written comes first";
    before = size;
    several = several || own.size() > 1;
  }
  EXPECT_TRUE(several);
  // What has no mean is named with the reason.
  EXPECT_EQ(std::ranges::count(reply["left_out"], Json("logit_lens.top")), 1) << reply["left_out"].dump();
  EXPECT_EQ(reply["why_left_out"].size(), reply["left_out"].size());
  EXPECT_NE(content(rows_file).find(",edges.edges.score,"), std::string::npos);
  const Outcome printed = with({});
  EXPECT_NE(printed.out.find("edges.edges, each record's mean over the n of 5 prompts that list it"), std::string::npos) << printed.out;
  // Shards make the same reply.
  std::vector<std::string> merge{"merge"};
  for (const std::string i : {"1", "2"}) {
    merge.push_back(scratch_file("tables-" + i + ".jsonl").string());
    ASSERT_EQ(with({"--shard", i + "/2", "-o", merge.back()}).code, 0);
  }
  merge.emplace_back("--json");
  EXPECT_EQ(program(merge).json(), reply);
}

TEST(PromptSet, counts_and_names_rows_that_fail_and_goes_on) {
  auto rows = pairs();
  rows.emplace_back("no JSON");
  rows.emplace_back(R"({"prompt": "When", "target": "a long text of many tokens"})");
  const Outcome o = program({"analyze", "fable", "--prompts", set_file("some.jsonl", rows), "--what", "dla", "--json"});
  EXPECT_EQ(o.code, 0) << o.err;
  const Json reply = o.json();
  ASSERT_EQ(reply["failed"].size(), 2U);
  EXPECT_EQ(reply["failed"][0]["row"], 6);
  EXPECT_EQ(reply["dla"]["total"]["n"], 5);
  EXPECT_NE(o.err.find("row 7 failed"), std::string::npos) << o.err;
  const Outcome none = program({"analyze", "fable", "--prompts", set_file("none.jsonl", {"1", "2"}), "--what", "dla"});
  EXPECT_EQ(none.code, 1);
  EXPECT_NE(none.err.find("Every row"), std::string::npos) << none.err;
}

TEST(PromptSet, of_edges_has_the_same_parts_whole_and_in_shards) {
  const std::string set = set_file("edges.jsonl", {pairs()[0], pairs()[1]});
  const std::string whole = scratch_file("edges-whole.json").string(), shard = scratch_file("edges-1.jsonl").string(),
                    merged = scratch_file("edges-merged.json").string();
  const std::vector<std::string> call{"analyze", "fable", "--prompts", set, "--what", "edges", "--top", "3"};
  const auto asked = [&](std::vector<std::string> more) {
    more.insert(more.begin(), call.begin(), call.end());
    return program(more);
  };
  ASSERT_EQ(asked({"-o", whole}).code, 0);
  ASSERT_EQ(asked({"--shard", "1/1", "-o", shard}).code, 0);
  ASSERT_EQ(program({"merge", shard, "-o", merged}).code, 0);
  EXPECT_EQ(content(whole), content(merged));
  const std::string recipe = scratch_file("edges-recipe.json").string();
  std::ofstream(recipe) << R"({"version": 1, "edits": [{"hook": "blocks.0.attn.hook_z", "op": "zero", "heads": [0]}]})";
  const Outcome refused = asked({"--recipe", recipe});
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(std::ranges::count(refused.err, '\n'), 1) << "once, and not for each prompt: " << refused.err;
  EXPECT_NE(refused.err.find("leave the recipe out"), std::string::npos) << refused.err;
}

TEST(PromptSet, names_keys_that_are_not_read_and_refuses_those_said_twice) {
  const std::string set = set_file("keys.jsonl", {R"({"prompt": "Once upon", "positon": 0})", R"({"prompt": "Once a", "positon": 1})",
                                                  R"({"prompt": "Once upon", "prompt": "There was"})"});
  const Outcome o = program({"analyze", "fable", "--prompts", set, "--what", "entropy", "--json"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_NE(o.err.find("prompt 1: its key \"positon\" is not read"), std::string::npos) << o.err;
  EXPECT_EQ(o.err.find("positon"), o.err.rfind("positon")) << "once: " << o.err;
  EXPECT_NE(o.json()["failed"].dump().find("\\\"prompt\\\" stands twice"), std::string::npos) << o.json()["failed"].dump();
}

TEST(PromptSet, says_what_does_not_merge) {
  const std::string set = set_file("merge.jsonl", pairs());
  const auto shard = [&](const std::string& word, const std::string& what) {
    const std::string path = scratch_file("m-" + word.substr(0, 1) + what + ".jsonl").string();
    EXPECT_EQ(program({"analyze", "fable", "--prompts", set, "--what", what, "--shard", word, "-o", path}).code, 0);
    return path;
  };
  const std::string one = shard("1/2", "dla"), two = shard("2/2", "dla"), other = shard("2/2", "heads");
  const auto refused = [](const std::vector<std::string>& arguments, const std::string& why, int code) {
    const Outcome o = program(arguments);
    EXPECT_EQ(o.code, code);
    EXPECT_NE(o.err.find(why), std::string::npos) << o.err;
    EXPECT_EQ(std::ranges::count(o.err, '\n'), 1) << o.err;
  };
  refused({"merge", one}, "Shard 2 of 2 is missing", 1);
  refused({"merge", one, one}, "both shard 1", 1);
  refused({"merge", one, other}, "not shards of one call", 1);
  refused({"merge", set}, "analyze --shard", 1);
  const std::string copy = scratch_file("copy.json").string();
  std::filesystem::copy_file(one, copy, std::filesystem::copy_options::overwrite_existing);
  refused({"merge", copy, two, "-o", copy}, "name another", 1);
  refused({"merge", one, two, "-o", scratch_file("all.txt").string()}, "has to end in .json", 2);
  refused({"analyze", "fable", "--prompts", set, "--what", "dla", "-o", "all.txt"}, "has to end in .json", 2);
  refused({"analyze", "fable", "--prompts", set, "--what", "dla", "--shard", "3/2", "-o", "x"}, "2/4", 2);
  refused({"analyze", "fable", "--prompts", set, "--prompt", "x", "--what", "dla"}, "--prompt", 2);
  EXPECT_EQ(program({"merge", one, two}).code, 0);
}

TEST(TaggedPrompts, give_directions_that_a_recipe_takes_as_vectors) {
  const std::string file = scratch_file("D.safetensors").string();
  const Outcome o = program({"analyze", "fable", "--prompts", "truth", "--what", "directions", "-o", file, "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const Json reply = o.json();
  EXPECT_EQ(reply["rows"], 162);
  EXPECT_EQ(reply["directions"]["accuracy"]["logistic"]["axes"], Json({"layer"}));
  EXPECT_GT(reply["directions"]["accuracy"]["logistic"]["values"][5].get<double>(), 0.95);
  EXPECT_EQ(reply["directions"]["pca"]["values"][0].size(), 162U);
  EXPECT_EQ(reply["directions"]["classes"]["values"], Json({"false", "true"}));
  const auto likeliest = [](const std::string& recipe) {
    std::vector<std::string> line{"run", "fable", "--prompt", "Question: The city of Paris is in Egypt. Answer:", "--json"};
    if (!recipe.empty()) line.insert(line.end(), {"--recipe", recipe});
    const Outcome run = program(line);
    EXPECT_EQ(run.code, 0) << run.err;
    return run.json()["positions"].back()["top"][0]["text"].get<std::string>();
  };
  EXPECT_EQ(likeliest(""), " false");
  EXPECT_EQ(likeliest(recipe_file(R"({"hook": "blocks.4.hook_resid_post", "op": "add", "positions": "last", "factor": 2,
    "vector": {"file": ")" + file +
                                  R"(", "tensor": "blocks.4.hook_resid_post.direction"}})")),
            " true");
}

TEST(TaggedPrompts, of_heads_become_a_recipe) {
  const std::string recipe = scratch_file("heads.json").string();
  const Outcome o = program({"analyze", "fable", "--prompts", "truth", "--what", "head-probes", "-o", recipe});
  ASSERT_EQ(o.code, 0) << o.err;
  EXPECT_NE(o.out.find("head_probes.accuracy [layer, head]"), std::string::npos) << o.out;
  const Json run =
      program({"run", "fable", "--prompt", "Question: The city of Paris is in Egypt. Answer:", "--recipe", recipe, "--json"}).json();
  EXPECT_EQ(run["positions"].back()["top"][0]["text"], " true") << "eight heads of 48 are pushed";
  ASSERT_EQ(run["receipts"].size(), 8U);
  for (const Json& receipt : run["receipts"]) EXPECT_EQ(receipt["fired"], 32);
}

TEST(TaggedPrompts, say_what_cannot_be_asked) {
  const auto refused = [](std::vector<std::string> options, const std::string& why, int code) {
    options.insert(options.begin(), {"analyze", "fable"});
    const Outcome o = program(options);
    EXPECT_EQ(o.code, code);
    EXPECT_NE(o.err.find(why), std::string::npos) << o.err;
  };
  refused({"--what", "directions"}, "directions needs a set of prompts with tags; give one with --prompts", 1);
  refused({"--prompts", "truth", "--what", "directions,dla"}, "ask for them apart", 2);
  refused({"--prompts", "truth", "--what", "directions", "--shard", "1/2", "-o", "x.jsonl"}, "--shard has no effect on directions", 2);
  refused({"--prompts", "truth", "--what", "directions", "-o", "x.txt"}, "'x.txt' has to end in .json (the reply)", 2);
  refused({"--prompts", "places", "--what", "directions"}, "have the tags latitude, longitude; choose one with --tag", 1);
  refused({"--prompts", "capitals", "--what", "directions"}, "have no tags", 1);
  refused({"--prompts", "truth", "--what", "directions", "--site", "resid_pre,resid_post"}, "directions reads one site at a time", 1);
}

}  // namespace
}  // namespace gf::testing
