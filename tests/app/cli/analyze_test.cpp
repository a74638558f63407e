// What `analyze` prints.
#include <cmath>

#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

const std::string kAsked = "When Mary and John went to the garden, John gave a ring to";

TEST(Analyze, answers_in_one_object) {
  const Outcome o = program({"analyze", "fable", "--prompt", kAsked, "--what", "entropy,logit-lens,dla,neurons,heads,tokens", "--target",
                             " Mary", "--against", " John", "--top", "3", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const Json r = o.json();
  EXPECT_EQ(r["ids"].size(), 14U);
  EXPECT_EQ(r["tokens"]["text"].size(), 14U) << "the analysis of that name holds the texts";
  EXPECT_EQ(r["entropy"]["attention"]["axes"], (Json{"layer", "head", "query"}));
  EXPECT_EQ(r["entropy"]["attention"]["unit"], "nats");
  EXPECT_EQ(r["entropy"]["lens"]["values"].size(), 7U);
  EXPECT_EQ(r["logit_lens"]["top"]["values"][6][13][0]["text"], " Mary");
  EXPECT_EQ(r["logit_lens"]["logprob_of_target"]["values"].size(), 7U);
  double sum = r["dla"]["embed"].get<double>() + r["dla"]["pos_embed"].get<double>() + r["dla"]["constant"].get<double>();
  for (const Json& layer : r["dla"]["heads"]["values"])
    for (const Json& head : layer) sum += head.get<double>();
  for (const char* part : {"attn_bias", "mlp"})
    for (const Json& layer : r["dla"][part]["values"]) sum += layer.get<double>();
  EXPECT_NEAR(sum, r["dla"]["total"].get<double>(), 1e-3);
  EXPECT_EQ(r["neurons"].size(), 3U);
  EXPECT_EQ(r["heads"]["induction"]["values"].size(), 6U);
  EXPECT_NEAR(std::log(r["tokens"]["perplexity"].get<double>()), -r["tokens"]["mean_logprob"].get<double>(), 1e-9);
}

TEST(Analyze, entropy_alone_is_what_the_patterns_give) {
  const auto entropies = [](const std::string& what) {
    const Outcome o = program({"analyze", "fable", "--prompt", kAsked, "--what", what, "--json"});
    EXPECT_EQ(o.code, 0) << o.err;
    return o.json()["entropy"]["attention"]["values"];
  };
  const Json alone = entropies("entropy"), with_patterns = entropies("entropy,heads");
  ASSERT_EQ(alone.size(), 6U);
  for (std::size_t layer = 0; layer < 6; ++layer)
    for (std::size_t head = 0; head < 8; ++head)
      for (std::size_t query = 0; query < 14; ++query)
        EXPECT_NEAR(alone[layer][head][query].get<double>(), with_patterns[layer][head][query].get<double>(), 1e-5);
}

TEST(Analyze, sweeps_and_circuits_give_a_number_for_each_part) {
  const Outcome o = program({"analyze", "sort-nano", "--ids", "2,1,0,2,1,2,0", "--clean-ids", "2,1,0,1,1,2,0", "--corrupt-ids",
                             "2,1,0,2,1,2,0", "--what", "patch-sweep,ablate-sweep,importance,circuits,neuron-vocab", "--site",
                             "head_z,resid_pre", "--target", "#1", "--against", "#0", "--neuron", "2.5", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const Json r = o.json();
  EXPECT_EQ(r["patch_sweep"]["head_z"]["axes"], (Json{"layer", "head"}));
  EXPECT_EQ(r["patch_sweep"]["resid_pre"]["values"][0].size(), 7U);
  EXPECT_NEAR(r["patch_sweep"]["resid_pre"]["values"][0][3].get<double>(), 1, 1e-3) << "the only token that differs";
  EXPECT_EQ(r["ablate_sweep"]["mlp_delta"]["values"].size(), 3U);
  EXPECT_EQ(r["tokens"].size(), 7U);
  EXPECT_EQ(r["importance"]["values"].size(), 7U);
  EXPECT_TRUE(r["circuits"]["composition"]["q"]["values"][2][0][0][0].is_null());
  EXPECT_TRUE(r["circuits"]["composition"]["q"]["values"][0][0][2][0].is_number());
  EXPECT_EQ(r["neuron_vocab"]["for"].size(), 3U);
  EXPECT_EQ(program({"analyze", "induction-nano", "--what", "heads", "--repeat-random", "12", "--seed", "3"}).code, 0);
}

TEST(Analyze, asks_what_a_row_says_in_another_prompt) {
  const std::vector<std::string> line{"analyze",       "fable",
                                      "--what",        "patchscope",
                                      "--from-prompt", "The capital of France is",
                                      "--from",        "6,-1",
                                      "--into-prompt", "When Mary and John went to the garden, John gave a ring to",
                                      "--to",          "6,13"};
  auto json = line;
  json.insert(json.end(), {"-n", "3", "--json"});
  const Outcome o = program(json);
  ASSERT_EQ(o.code, 0) << o.err;
  const Json said = o.json()["patchscope"];
  EXPECT_EQ(said["says"].get<std::string>().substr(0, 6), " Paris") << "the last row alone makes the prediction";
  EXPECT_EQ(said["unpatched"].get<std::string>().substr(0, 5), " Mary");
  EXPECT_EQ(said["tokens"]["values"].size(), 3U);
  EXPECT_EQ(o.json()["prompts"]["from-prompt"]["text"], "The capital of France is");
  const Outcome words = program(line);
  EXPECT_EQ(words.code, 0) << words.err;
  EXPECT_NE(words.out.find(" Paris"), std::string::npos) << words.out;
  EXPECT_NE(program({"analyze", "fable", "--what", "patchscope", "--from-prompt", "a"}).code, 0);
}

TEST(Analyze, takes_blanks_behind_commas) {
  const Json r = program({"analyze", "sort-nano", "--ids", "1,2,0", "--what", "entropy, tokens", "--json"}).json();
  EXPECT_TRUE(r.contains("entropy"));
}

TEST(Analyze, says_what_is_missing) {
  const auto says = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "analyze");
    const Outcome o = program(arguments);
    EXPECT_EQ(o.code, 1);
    EXPECT_EQ(o.out, "");
    return o.err;
  };
  EXPECT_NE(says({"fable", "--what", "dla"}).find("dla needs a prompt"), std::string::npos);
  EXPECT_NE(says({"fable", "--prompt", "a", "--what", "dla"}).find("dla needs a token; give it with --target"), std::string::npos);
  EXPECT_NE(says({"fable", "--prompt", "a", "--what", "nose"}).find("there is no analysis 'nose'; there are entropy, "), std::string::npos);
  EXPECT_NE(says({"fable", "--prompt", "a", "--what", "importance", "--position", "5"}).find("position 5 is not in the prompt"),
            std::string::npos);
  EXPECT_NE(says({"fable", "--what", "patch-sweep", "--target", " Mary", "--against", " John"})
                .find("patch-sweep needs another prompt; give it with --clean or --clean-ids"),
            std::string::npos);
  EXPECT_NE(says({"sort-nano", "--ids", "0,1", "--what", "attention-contrast"})
                .find("attention-contrast needs another prompt; give it with --against-prompt or --against-ids"),
            std::string::npos);
  EXPECT_NE(says({"induction-nano", "--what", "heads", "--repeat-random", "33"})
                .find("33 tokens said twice don't fit the model's context of 64; give --repeat-random 32 or less"),
            std::string::npos);
  EXPECT_NE(says({"fable", "--prompt", "a", "--what", "dla", "--target", " garden ring"})
                .find("' garden ring' is 2 tokens, but one is needed: '·garden' (#767) '·ring' (#803)"),
            std::string::npos);
  EXPECT_EQ(program({"analyze", "fable", "--prompt", "a"}).code, 2);
}

TEST(Analyze, says_that_a_word_with_its_space_is_another_token) {
  const Outcome o = program({"analyze", "fable", "--prompt", kAsked, "--what", "dla", "--target", "Mary"});
  EXPECT_EQ(o.code, 0);
  EXPECT_NE(o.err.find("'Mary' without a space in front is another token than ' Mary' (#883)"), std::string::npos) << o.err;
}

TEST(Analyze, every_answer_at_an_earlier_position_is_that_of_the_shorter_prompt) {
  const auto ask = [](const std::string& ids, std::vector<std::string> more) {
    std::vector<std::string> arguments = {
        "analyze",  "sort-nano", "--ids",         ids,       "--what", "dla,ablate-sweep,importance,attention-contrast",
        "--target", "#1",        "--against-ids", "2,1,0,0", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome o = program(arguments);
    EXPECT_EQ(o.code, 0) << o.err;
    return o.json();
  };
  const Json early = ask("2,1,0,2,1,2,0", {"--position", "-3"}), shorter = ask("2,1,0,2,1", {});
  const auto close = [](const Json& a, const Json& b) {
    const Json x = a.flatten(), y = b.flatten();
    ASSERT_EQ(x.size(), y.size());
    for (const auto& [key, value] : x.items()) {
      if (!value.is_number()) continue;
      EXPECT_NEAR(value.get<double>(), y[key].get<double>(), 1e-4) << key;
    }
  };
  for (const char* key : {"dla", "ablate_sweep", "importance", "attention_contrast"}) close(early[key], shorter[key]);
}

TEST(Analyze, shows_the_lens_and_the_tokens_as_text) {
  const Outcome o = program({"analyze", "fable", "--prompt", kAsked, "--what", "logit-lens,tokens", "--top", "2"});
  EXPECT_EQ(o.code, 0);
  EXPECT_NE(o.out.find("\n6      ' Mary' -0.0132"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("\n2   ' and'     -0.00"), std::string::npos) << o.out;
}

TEST(Analyze, says_what_was_asked) {
  const auto recipe = scratch_file("asked.json");
  std::ofstream(recipe) << R"({"version": 1, "edits": [{"hook": "blocks.0.attn.hook_z", "op": "zero", "heads": [3]}]})";
  const Outcome o = program({"analyze", "fable", "--prompt", kAsked, "--what", "dla,neurons,heads", "--target", " Mary", "--against",
                             " John", "--top", "3", "--position", "-2", "--recipe", recipe.string(), "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const Json r = o.json();
  EXPECT_EQ(r["prompts"]["prompt"]["text"], kAsked);
  EXPECT_EQ(r["prompts"]["prompt"]["ids"], r["ids"]);
  EXPECT_EQ(r["prompts"]["prompt"]["tokens"], r["tokens"]);
  EXPECT_EQ(r["target"], (Json{{"id", 883}, {"text", " Mary"}}));
  EXPECT_EQ(r["against"]["text"], " John");
  EXPECT_EQ(r["position"], 12);
  EXPECT_EQ(r["recipe"]["edits"][0]["heads"], (Json{3}));
  EXPECT_EQ(r["options"]["neurons"], (Json{{"top", 3}}));
  EXPECT_EQ(r["options"]["heads"], (Json{{"repeat-random", nullptr}, {"seed", 0}}));
  EXPECT_EQ(r["glassformer"], GLASSFORMER_VERSION);
  EXPECT_EQ(r["dla"]["edits"]["values"], (Json{0.0}));
}

TEST(Analyze, says_what_was_asked_where_the_prompts_are_options) {
  const Outcome o = program({"analyze", "sort-nano", "--clean-ids", "2,1,0,1", "--corrupt-ids", "2,1,0,2", "--what", "patch-sweep",
                             "--site", "head_z", "--target", "#1", "--against", "#0", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const Json r = o.json();
  EXPECT_EQ(r["prompts"]["clean"]["ids"], (Json{2, 1, 0, 1}));
  EXPECT_EQ(r["prompts"]["clean"]["text"], nullptr);
  EXPECT_EQ(r["prompts"]["corrupt"]["ids"], (Json{2, 1, 0, 2}));
  EXPECT_EQ(r["ids"], r["prompts"]["corrupt"]["ids"]) << "the prompt whose positions are counted";
  EXPECT_EQ(r["tokens"].size(), 4U);
  EXPECT_EQ(r["position"], 3);
  EXPECT_EQ(r["recipe"], nullptr);
  EXPECT_EQ(r["options"]["patch_sweep"], (Json{{"site", {"head_z"}}}));
  EXPECT_EQ(program({"analyze", "sort-nano", "--what", "circuits", "--json"}).json()["position"], nullptr);
}

TEST(Analyze, the_main_prompt_is_the_corrupt_one_where_no_other_is_given) {
  const auto effects = [](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"analyze",  "sort-nano", "--clean-ids", "2,1,0,1", "--what", "patch-sweep",
                                          "--target", "#1",        "--against",   "#0",      "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome o = program(arguments);
    EXPECT_EQ(o.code, 0) << o.err;
    return o.json()["patch_sweep"];
  };
  const Json main = effects({"--ids", "2,1,0,2"}).flatten(), option = effects({"--corrupt-ids", "2,1,0,2"}).flatten();
  ASSERT_EQ(main.size(), option.size());
  for (const auto& [key, value] : main.items())
    if (value.is_number()) {
      EXPECT_NEAR(value.get<double>(), option[key].get<double>(), 1e-3) << key;
    }
}

TEST(Analyze, circuits_say_whose_weights_they_are_of) {
  const auto circuits = [](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"analyze", "sort-nano", "--what", "circuits"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return program(arguments);
  };
  const Json raw = circuits({"--json"}).json(), folded = circuits({"--fold-ln", "--json"}).json();
  EXPECT_EQ(raw["circuits"]["weights"], "raw");
  EXPECT_EQ(folded["circuits"]["weights"], "folded");
  EXPECT_EQ(folded["options"]["circuits"], (Json{{"fold-ln", true}}));
  EXPECT_NE(raw["circuits"]["copying"], folded["circuits"]["copying"]);
  EXPECT_NE(circuits({}).out.find("circuits.weights  raw\n"), std::string::npos);
}

TEST(Analyze, undefined_values_are_null_and_in_text_nan) {
  const std::vector<std::string> arguments = {"analyze", "sort-nano", "--ids", "2,1", "--what", "heads"};
  auto with_json = arguments;
  with_json.emplace_back("--json");
  EXPECT_EQ(program(with_json).json()["heads"]["duplicate"]["values"][0][0], nullptr) << "nothing repeats";
  EXPECT_NE(program(arguments).out.find("heads.duplicate [layer, head]: mean attention to the same token before\n0  NaN"),
            std::string::npos)
      << program(arguments).out;
}

TEST(Analyze, names_the_likeliest_token_where_none_is_given) {
  std::vector<std::string> asked = {"analyze", "fable", "--prompt", "When Mary and", "--what", "importance", "--json"};
  const Json by_default = program(asked).json();
  ASSERT_TRUE(by_default["likeliest"].is_object()) << by_default;
  asked.insert(asked.end(), {"--target", "#" + std::to_string(by_default["likeliest"]["id"].get<int>())});
  const Json named = program(asked).json();
  EXPECT_EQ(named["importance"], by_default["importance"]);
  EXPECT_EQ(named["likeliest"], nullptr) << "a target was given";
}

TEST(Analyze, says_why_one_token_has_no_log_probability) {
  const std::string out = program({"analyze", "fable", "--ids", "5", "--what", "tokens"}).out;
  EXPECT_NE(out.find("nothing stands before it)"), std::string::npos) << out;
  EXPECT_NE(out.find("tokens.perplexity  - (the prompt has one token"), std::string::npos) << out;
  EXPECT_EQ(out.find("NaN"), std::string::npos) << out;
}

TEST(Analyze, what_is_said_of_predicted_tokens_counts_from_the_second) {
  const std::vector<std::string> asked = {"analyze",           "fable",      "--prompt", "When Mary and", "--what",
                                          "tokens,importance", "--position", "1"};
  const std::string out = program(asked).out;
  for (const char* part : {"tokens.logprob [position], nats: of each token given what stands before it\n1  ' Mary'  ",
                           "tokens.entropy [position], nats: how unsure the prediction made at each position is\n0  'When'  ",
                           "explained at position 1, ' Mary'; the likeliest next token is '"})
    EXPECT_NE(out.find(part), std::string::npos) << part << "\n" << out;
  const auto importance = out.substr(out.find("importance [position]"));
  EXPECT_NE(importance.find("\n0  'When'  "), std::string::npos) << "up to the position, from the first token on\n" << importance;
  auto with_json = asked;
  with_json.emplace_back("--json");
  const Json tokens = program(with_json).json()["tokens"];
  EXPECT_EQ(tokens["logprob"]["first_position"], 1);
  EXPECT_FALSE(tokens["entropy"].contains("first_position"));
}

TEST(Analyze, an_option_without_effect_is_refused) {
  const auto told =
      program({"analyze", "sort-nano", "--ids", "2,1", "--what", "heads", "--lambda", "2", "--target", "#1", "--position", "0"});
  EXPECT_EQ(told.code, 2);
  for (const char* option : {"--lambda", "--target", "--position"})
    EXPECT_NE(told.err.find(std::string(option) + " has no effect on heads"), std::string::npos) << told.err;
  EXPECT_EQ(program({"analyze", "sort-nano", "--ids", "2,1", "--what", "logit-lens", "--target", "#1", "--position", "0"}).err, "");
}

TEST(Analyze, options_are_those_of_the_questions) {
  const std::string help = program({"analyze", "--help"}).out;
  for (const char* option : {"--top", "--with", "--clean", "--clean-ids", "--corrupt-ids", "--site", "--against-prompt", "--against-ids",
                             "--lambda", "--neuron", "--repeat-random", "--seed", "--fold-ln"})
    EXPECT_NE(help.find(option), std::string::npos) << option;
  EXPECT_EQ(program({"analyze", "sort-nano", "--ids", "0", "--what", "tokens", "--top", "0"}).code, 2);
  EXPECT_EQ(program({"analyze", "sort-nano", "--ids", "0", "--what", "tokens", "--with", "salt"}).code, 2);
  EXPECT_EQ(program({"analyze", "sort-nano", "--ids", "0", "--what", "tokens", "--lambda", "0"}).code, 2);
  const Outcome o = program({"analyze", "sort-nano", "--clean-ids", "2,1", "--corrupt-ids", "2,0", "--target", "#1", "--against", "#0",
                             "--what", "patch-sweep", "--site", "nose"});
  EXPECT_EQ(o.code, 1);
  EXPECT_NE(o.err.find("there is no site 'nose'; there are resid_pre, "), std::string::npos) << o.err;
  EXPECT_NE(program({"analyze", "sort-nano", "--what", "neuron-vocab"})
                .err.find("neuron-vocab needs a neuron; give it as --neuron BLOCK.INDEX, like 3.17"),
            std::string::npos);
}

TEST(Analyze, says_that_a_recipe_leaves_the_clean_run_as_it_is) {
  const std::string recipe = recipe_file(R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "heads": [0]})");
  const auto asked = [&](const std::string& what) {
    return program({"analyze", "fable", "--prompt", "When Mary and John went to the garden, Mary gave a ring to", "--clean",
                    "When Mary and John went to the garden, John gave a ring to", "--what", what, "--target", " Mary", "--against", " John",
                    "--recipe", recipe});
  };
  EXPECT_NE(asked("attribution").err.find("the clean run, which is copied from, stays unedited"), std::string::npos);
  const Outcome other = program({"analyze", "fable", "--prompt", "Once", "--what", "heads", "--recipe", recipe});
  EXPECT_EQ(other.err.find("stays unedited"), std::string::npos) << other.err;
}

}  // namespace
}  // namespace gf::testing
