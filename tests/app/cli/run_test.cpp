// The subcommand run: positions, edits, sampling, and where it ends.
#include <cmath>

#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

const std::string kPrompt = "When Mary and John went to the garden, John gave a ring to";

double probability_of(const Json& position, const std::string& text) {
  for (const Json& t : position["top"])
    if (t["text"] == text) return std::exp(t["logprob"].get<double>());
  return 0;
}

TEST(Cli, temperature_0_is_greedy_and_says_so) {
  const std::vector<std::string> ask = {"run", "fable", "--prompt", "The old house", "-n", "4", "--json"};
  std::vector<std::string> zero = ask;
  zero.insert(zero.end(), {"--temperature", "0", "--seed", "5"});
  const Outcome o = program(zero);
  EXPECT_EQ(o.code, 0);
  EXPECT_NE(o.err.find("--temperature 0 means --greedy"), std::string::npos) << o.err;
  EXPECT_EQ(o.json()["ids"], program(ask).json()["ids"]);
  EXPECT_EQ(program({"run", "fable", "--prompt", "x", "--temperature", "-1"}).code, 2);
}

TEST(Cli, the_bos_token_alone_is_a_prompt) {
  const Outcome o = program({"run", "fable", "--bos", "--prompt", "", "--json"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_EQ(o.json()["ids"], Json::parse("[0]"));
}

TEST(Cli, nan_is_a_word_in_text_and_null_in_json_and_its_first_hook_is_named) {
  const std::string at = R"({"hook": "blocks.0.attn.hook_q", "positions": [2], "op": "scale", "factor": )";
  const std::string recipe = recipe_file(at + "1e38}, " + at + "1e38}, " + at + "0}");
  const std::vector<std::string> ask = {"run", "fable", "--ids", "5,17,5,3", "-n", "2", "--recipe", recipe};
  const Outcome text = program(ask);
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_NE(text.out.find("NaN"), std::string::npos) << text.out;
  EXPECT_NE(text.err.find("blocks.0.attn.hook_q is the first hook with a value that is not a number (NaN), at position 2"),
            std::string::npos)
      << text.err;
  EXPECT_NE(text.err.find("no token can be chosen"), std::string::npos) << text.err;
  std::vector<std::string> as_json = ask;
  as_json.emplace_back("--json");
  const Json j = program(as_json).json();
  EXPECT_EQ(j["ids"].size(), 4U);
  EXPECT_EQ(j["stopped"], "nan");
  EXPECT_EQ(j["first_nan"]["hook"], "blocks.0.attn.hook_q");
  EXPECT_TRUE(j["positions"][3]["entropy"].is_null());
  EXPECT_TRUE(j["positions"][1]["entropy"].is_number());
  EXPECT_TRUE(j["kl"].is_null());
}

TEST(Cli, run_prints_each_position) {
  const Json r = program({"run", "--prompt", kPrompt, "-n", "2", "--json"}).json();
  EXPECT_TRUE(r["backend"].get<std::string>().starts_with("cpu"));
  EXPECT_EQ(r["n_prompt"], 14);
  EXPECT_EQ(r["ids"].size(), 16U);
  ASSERT_EQ(r["positions"].size(), 16U);
  EXPECT_EQ(r["receipts"], Json::array());
  EXPECT_TRUE(r["kl"].is_null());
  EXPECT_FALSE(r.contains("stopped"));
  EXPECT_GT(r["ms"]["prefill"], 0);
  EXPECT_GT(r["ms"]["decode_per_token"], 0);
  EXPECT_EQ(keys_of(r["positions"][3]), (std::vector<std::string>{"entropy", "id", "logprob", "rank", "text", "top"}));
  EXPECT_TRUE(r["positions"][0]["logprob"].is_null());
  EXPECT_TRUE(r["positions"][0]["rank"].is_null());
  const Json& last = r["positions"][13];
  EXPECT_EQ(last["text"], " to");
  EXPECT_EQ(last["top"].size(), 10U);
  EXPECT_EQ(keys_of(last["top"][0]), (std::vector<std::string>{"id", "logit", "logprob", "text"}));
  EXPECT_NEAR(probability_of(last, " Mary"), 0.987, 0.0005);
  EXPECT_EQ(r["positions"][14]["text"], " Mary");
  EXPECT_EQ(r["positions"][14]["rank"], 0);
  EXPECT_NEAR(std::exp(r["positions"][14]["logprob"].get<double>()), 0.987, 0.0005);
  for (std::size_t p = 1; p < 16; ++p) EXPECT_TRUE(r["positions"][p]["logprob"].is_number()) << p;
}

TEST(Cli, run_reports_the_edited_run) {
  const std::string recipe = recipe_file(R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "heads": [0, 5]},
                                            {"hook": "blocks.4.attn.hook_z", "op": "zero", "heads": [3]},
                                            {"hook": "blocks.5.attn.hook_z", "op": "scale", "factor": 1})");
  const Outcome o = program({"run", "fable", "--prompt", kPrompt, "--recipe", recipe, "--json", "--top", "20"});
  const Json r = o.json();
  EXPECT_NEAR(r["kl"], 4.11, 0.005);
  ASSERT_EQ(r["receipts"].size(), 3U);
  EXPECT_EQ(r["receipts"][0]["fired"], 14 * 2 * 32);
  EXPECT_GT(r["receipts"][0]["norm"], 0);
  EXPECT_EQ(r["receipts"][2]["norm"], 0);
  EXPECT_NE(o.err.find("edit 3 changed nothing"), std::string::npos) << o.err;
  EXPECT_NEAR(probability_of(r["positions"][13], " Mary"), 0.015, 0.0005);
  const Outcome table = program({"run", "fable", "--prompt", kPrompt, "--recipe", recipe});
  EXPECT_NE(table.out.find("edit 1: zero block 0 heads 0, 5 z, all positions"), std::string::npos) << table.out;
}

TEST(Cli, run_samples_reproducibly) {
  const auto ids = [](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"run", "fable", "--prompt", "Once", "-n", "8", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return program(arguments).json()["ids"];
  };
  EXPECT_EQ(ids({"--seed", "4"}), ids({"--seed", "4", "--threads", "1"}));
  EXPECT_NE(ids({"--seed", "4"}), ids({"--seed", "5"}));
  const Json greedy = ids({});
  EXPECT_EQ(ids({"--top-k", "1", "--seed", "9"}), greedy);
  const Json banned = ids({"--ban", "#" + greedy.back().dump(), "--ban", "#" + greedy[1].dump()});
  EXPECT_EQ(std::ranges::count(banned, greedy[1]), 0);
}

TEST(Cli, run_stops_at_a_text_and_says_so) {
  const std::vector<std::string> arguments = {"run", "fable", "--prompt", "Once upon a time", "-n", "30"};
  const auto run = [&](std::vector<std::string> more) {
    std::vector<std::string> all = arguments;
    all.insert(all.end(), more.begin(), more.end());
    return program(all);
  };
  const Json stopped = run({"--stop", "zzz", "--stop", ",", "--json"}).json();
  EXPECT_EQ(stopped["stopped"], "text");
  EXPECT_EQ(stopped["stopped_at"], ",");
  EXPECT_NE(stopped["positions"].back()["text"].get<std::string>().find(','), std::string::npos);
  const Outcome words = run({"--stop", ","});
  EXPECT_NE(words.out.find("Generation stopped where the text ',' was complete."), std::string::npos) << words.out;
  const Json ended = run({"--force", "#0", "--json"}).json();
  EXPECT_EQ(ended["stopped"], "eos");
  EXPECT_EQ(ended["ids"].size(), stopped["n_prompt"].get<std::size_t>() + 1);
  const Outcome said = run({"--force", "#0"});
  EXPECT_NE(said.out.find("Generation stopped at the model's end-of-text token, \"<|endoftext|>\"."), std::string::npos) << said.out;
  EXPECT_EQ(run({"--force", "#0", "--no-stop-at-eos", "--json"}).json()["log"].size(), 30U);
}

TEST(Cli, run_takes_penalties_and_filters_and_the_log_says_what_they_cut) {
  const auto run = [](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"run", "fable", "--prompt", "Tom and Tom and Tom and", "-n", "3", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return program(arguments);
  };
  const Json filtered = run({"--min-p", "0.02", "--typical-p", "0.8", "--seed", "3"}).json();
  for (const Json& step : filtered["log"]) {
    EXPECT_EQ(step["why"], "noise") << "these draw";
    EXPECT_GT(step["cut"]["min_p"], 3000);
    EXPECT_TRUE(step["cut"].contains("typical_p"));
  }
  const Json plain = run({}).json(), penalized = run({"--repetition-penalty", "3"}).json();
  EXPECT_EQ(plain["log"][0]["penalized"], 0);
  EXPECT_EQ(penalized["log"][0]["penalized"], 3) << "' Tom', 'Tom' and ' and'";
  EXPECT_EQ(penalized["log"][0]["why"], "likeliest");
  EXPECT_NE(penalized["ids"], plain["ids"]);
  EXPECT_NE(run({"--presence-penalty", "-100"}).json()["ids"], plain["ids"]) << "it says its first token again and again";
  EXPECT_EQ(run({"--min-p", "2"}).code, 2);
  EXPECT_EQ(run({"--typical-p", "0"}).code, 2);
  EXPECT_EQ(run({"--stop", ""}).code, 2);
  EXPECT_EQ(run({"--beam", "2", "--repetition-penalty", "2"}).code, 2);
}

TEST(Cli, the_log_says_how_each_token_was_chosen) {
  const auto run = [](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"run", "fable", "--prompt", "Once upon a time", "-n", "4"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return program(arguments);
  };
  const Json drawn = run({"--json", "--top-k", "3", "--seed", "2", "--ban", " the"}).json();
  ASSERT_EQ(drawn["log"].size(), 4U);
  EXPECT_EQ(keys_of(drawn["log"][0]),
            (std::vector<std::string>{"candidates", "cut", "cut_candidates", "id", "kept", "penalized", "position", "text", "why"}));
  for (std::size_t i = 0; i < 4; ++i) {
    const Json& step = drawn["log"][i];
    EXPECT_EQ(step["id"], drawn["ids"][step["position"].get<std::size_t>()]);
    EXPECT_EQ(step["why"], "noise");
    EXPECT_EQ(step["kept"], 3);
    EXPECT_EQ(step["cut"]["ban"], 1);
    EXPECT_EQ(step["cut"]["top_k"], 4092);
    EXPECT_EQ(step["candidates"].size(), 3U);
    EXPECT_EQ(step["candidates"][0]["id"], step["id"]) << "the best by score";
    EXPECT_NEAR(step["candidates"][0]["score"].get<double>(),
                step["candidates"][0]["logit"].get<double>() + step["candidates"][0]["noise"].get<double>(), 1e-5);
  }
  const Json beams = run({"--json", "--beam", "3", "--force", " there"}).json();
  EXPECT_EQ(beams["positions"][drawn["n_prompt"].get<std::size_t>()]["text"], " there");
  EXPECT_EQ(beams["log"][0]["why"], "force");
  EXPECT_EQ(beams["log"][0]["cut"]["force"], 4095);
  EXPECT_EQ(beams["log"][3]["why"], "beam");
  EXPECT_EQ(beams["log"][3]["beams"].size(), 6U) << "three live, three dropped";
  EXPECT_EQ(beams["log"][3]["beams"][0]["state"], "chosen");
  double sum = 0;
  for (std::size_t i = beams["n_prompt"]; i < beams["ids"].size(); ++i) sum += beams["positions"][i]["logprob"].get<double>();
  EXPECT_NEAR(beams["log"][3]["beams"][0]["score"].get<double>(), sum, 1e-4);
  const Outcome text = run({"--beam", "3"});
  EXPECT_NE(text.out.find("How each token was chosen"), std::string::npos) << text.out;
  EXPECT_EQ(program({"run", "fable", "--prompt", "Once", "--json"}).json()["log"], Json::array());
  const Json none = program({"run", "sort-nano", "--prompt", "CBA", "-n", "2", "--no-repeat-ngram", "1", "--json"}).json();
  EXPECT_EQ(none["stopped"], "nothing_left");
  EXPECT_TRUE(none["log"][0]["id"].is_null());
}

TEST(Cli, run_stops_where_the_context_ends) {
  const Json r = program({"run", "sort-nano", "--prompt", "CBABBCA", "-n", "20", "--json"}).json();
  EXPECT_EQ(r["stopped"], "n_ctx");
  EXPECT_EQ(r["ids"].size(), 12U);
  const Json& last = r["positions"][11];
  EXPECT_TRUE(last["entropy"].is_null());
  EXPECT_EQ(last["top"], Json::array());
  EXPECT_TRUE(last["logprob"].is_number());
  EXPECT_TRUE(r["positions"][10]["entropy"].is_number());
}

}  // namespace
}  // namespace gf::testing
