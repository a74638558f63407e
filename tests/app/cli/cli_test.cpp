// Replies, messages and exit codes of the subcommands.
#include <cmath>
#include <sys/stat.h>

#include "app/cli/commands.h"
#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

const std::string kPrompt = "When Mary and John went to the garden, John gave a ring to";

std::string recipe_file(const std::string& edits) {
  const auto path = scratch_file("recipe.json");
  std::ofstream(path) << R"({"version": 1, "edits": [)" << edits << "]}";
  return path.string();
}

double probability_of(const Json& position, const std::string& text) {
  for (const Json& t : position["top"])
    if (t["text"] == text) return std::exp(t["logprob"].get<double>());
  return 0;
}

TEST(Cli, every_command_has_help_with_an_example) {
  const Outcome all = program({"--help"});
  EXPECT_EQ(all.code, 0);
  EXPECT_NE(all.out.find("Example: glassformer "), std::string::npos) << all.out;
  EXPECT_EQ(program({"--version"}).code, 0);
  EXPECT_GE(gf::cli::commands().size(), 8U);
  for (const auto& command : gf::cli::commands()) {
    const Outcome o = program({command.name, "--help"});
    EXPECT_EQ(o.code, 0) << command.name;
    EXPECT_EQ(o.err, "") << command.name;
    EXPECT_NE(o.out.find(std::string("Example: glassformer ") + command.name), std::string::npos) << o.out;
    EXPECT_NE(all.out.find(std::string("\n  ") + command.name + " "), std::string::npos) << command.name << " is listed";
  }
}

TEST(Cli, usage_mistakes_exit_with_2_and_print_nothing_on_standard_output) {
  const std::vector<std::vector<std::string>> mistakes = {{"run"},
                                                          {"run", "fable"},
                                                          {"run", "fable", "--promt", "x"},
                                                          {"run", "fable", "--prompt", "x", "-n", "many"},
                                                          {"run", "fable", "--prompt", "x", "--ids", "1"},
                                                          {"run", "fable", "--prompt", "x", "--greedy", "--seed", "1"},
                                                          {"run", "fable", "--prompt", "x", "--seed", "-1"},
                                                          {"run", "fable", "--prompt", "x", "--seed", "18446744073709551616"},
                                                          {"run", "fable", "--prompt", "x", "--seed", "010"},
                                                          {"run", "fable", "--prompt", "x", "--seed", ""},
                                                          {"run", "fable", "--prompt", "x", "--greedy", "--beam", "2"},
                                                          {"run", "fable", "--prompt", "x", "--beam", "2", "--temperature", "2"},
                                                          {"run", "fable", "--prompt", "x", "--beam", "0"},
                                                          {"run", "fable", "--prompt", "x", "--temperature", "inf"},
                                                          {"run", "fable", "--prompt", "x", "--temperature", "nan"},
                                                          {"run", "fable", "--prompt", "x", "--seed", "-1"},
                                                          {"run", "fable", "--prompt", "x", "--seed", "18446744073709551616"},
                                                          {"run", "fable", "--prompt", "x", "--threads", "100000"},
                                                          {"run", "fable", "--prompt", "x", "--recipe", ""},
                                                          {"run", "fable", "--prompt", "x", "--trace", ""},
                                                          {"run", "fable", "--prompt", "x", "--no-repeat-ngram", "-1"},
                                                          {"run", "fable", "--prompt", "x", "--backend", "tpu"},
                                                          {"run", "fable", "--prompt", "x", "--hooks", "logits"},
                                                          {"run", "fable", "more", "--prompt", "x"},
                                                          {"convert", "fable"},
                                                          {"convert", "fable", "out", "--dtype", "int4"},
                                                          {"info", "fable", "--activation", "silu"},
                                                          {"info", "fable", "--n-head", "0"},
                                                          {"models", "fable"},
                                                          {"run", "fable", "--prompt", "x", "--top-p", "1.5"},
                                                          {"tokenize"},
                                                          {"tokenize", "gpt2"},
                                                          {"tokenize", "gpt2", "a", "--decode", "1"},
                                                          {"info", "fable", "--tokens", "0"},
                                                          {"bench", "fable", "--only", "everything"}};
  for (const auto& arguments : mistakes) {
    const Outcome o = program(arguments);
    EXPECT_EQ(o.code, 2) << arguments.back();
    EXPECT_EQ(o.out, "") << arguments.back();
    EXPECT_TRUE(o.err.starts_with("glassformer: ")) << o.err;
    EXPECT_EQ(std::ranges::count(o.err, '\n'), 1) << o.err;
    EXPECT_LT(o.err.size(), 400U) << o.err;
    EXPECT_NE(o.err.find("--help' shows"), std::string::npos) << o.err;
  }
}

TEST(Cli, usage_mistakes_say_what_is_allowed) {
  const auto said = [](const std::string& option, const std::string& value) {
    const std::string err = program({"run", "fable", "--prompt", "x", option, value}).err;
    return err.substr(0, err.find(';'));
  };
  EXPECT_EQ(said("--temperature", "inf"), "glassformer: --temperature: 'inf' is not a number from 0 on");
  EXPECT_EQ(said("--temperature", "warm"), "glassformer: --temperature: 'warm' is not a number from 0 on");
  EXPECT_EQ(said("--top-p", "1.1"), "glassformer: --top-p: '1.1' is not a number from 0 to 1");
  EXPECT_EQ(said("--seed", "-1"), "glassformer: --seed: '-1' is not a whole number from 0 to 18446744073709551615");
  EXPECT_EQ(said("--beam", "1000"), "glassformer: --beam: '1000' is not a whole number from 1 to 256");
  EXPECT_EQ(program({"run", "fable", "--prompt", "x", "-n", "1", "--seed", "18446744073709551615"}).code, 0);
}

TEST(Cli, help_that_cannot_be_printed_is_a_failure) {
  const auto into_full = [](const std::string& arguments) {
    return std::system(("'" GLASSFORMER_BUILD_DIR "/glassformer' " + arguments + " >/dev/full 2>/dev/null").c_str());
  };
  for (const char* arguments : {"--help", "--version", "run --help", "models"})
    EXPECT_EQ(WEXITSTATUS(into_full(arguments)), 1) << arguments;
}

/// What is said where the program is asked to stop while it computes.
TEST(Cli, an_interrupted_command_says_so_and_leaves_no_file) {
  const auto trace = scratch_file("interrupted.safetensors");
  std::string ids = "1";
  for (int id = 2; id <= 250; ++id) ids += "," + std::to_string(id);
  const std::vector<std::vector<std::string>> all = {
      {"run", "fable", "--ids", "1", "-n", "250", "--beam", "64", "--trace", trace.string(), "--hooks", "full"},
      {"analyze", "fable", "--ids", ids, "--what", "importance,ablate-sweep", "--target", "#5"}};
  for (const auto& arguments : all) {
    const Outcome o = program(arguments, std::chrono::milliseconds(300));
    EXPECT_EQ(o.code, 1) << o.err << arguments.front();
    EXPECT_EQ(o.out, "");
    EXPECT_NE(o.err.find("was stopped."), std::string::npos) << o.err;
    EXPECT_FALSE(std::filesystem::exists(trace));
    EXPECT_FALSE(std::filesystem::exists(trace.string() + ".part"));
  }
}

struct Failure {
  std::vector<std::string> arguments;
  std::string says;
};

TEST(Cli, failures_exit_with_1_and_one_clear_line) {
  const std::string unknown = recipe_file(R"({"hook": "blocks.9.attn.hook_z", "op": "zero"})");
  const std::vector<Failure> failures = {
      {{"run", "nosuch", "--prompt", "x"}, "nosuch"},
      {{"info", "/nowhere/model"}, "/nowhere/model"},
      {{"run", "fable", "--prompt", ""}, "the prompt is empty"},
      {{"run", "fable", "--ids", "1,x"}, "'x' is not a token id"},
      {{"run", "fable", "--ids", "1,4096"}, "token id 4096 is not in the vocabulary"},
      {{"run", "fable", "--prompt", "x", "--recipe", unknown},
       "edit 1: there is no hook 'blocks.9.attn.hook_z' in this model; its blocks are 0 to 5"},
      {{"run", "fable", "--prompt", "x", "--recipe", "/nowhere.json"}, "/nowhere.json cannot be read"},
      {{"run", "fable", "--prompt", "x", "--trace", "/nowhere/t.safetensors"}, "/nowhere/t.safetensors"},
      {{"run", "fable", "--prompt", "x", "--trace", "t", "--hooks", "hook_zz"}, "no hook matches 'hook_zz'"},
      {{"run", "fable", "--prompt", "x", "--ban", " John and"}, "' John and' is 2 tokens"},
      {{"run", "fable", "--prompt", "x", "-n", "2", "--ban", "#7", "--force", "#7"}, "token 7 is both forced and banned"},
      {{"run", "fable", "--prompt", "x", "-n", "1", "--force", "#7", "--force", "#8"},
       "--force gives 2 tokens, but -n generates 1; raise -n"},
      {{"run", "fable", "--prompt", "x", "-n", "1", "--force", "#5000"}, "token id 5000 is not in the vocabulary"},
      {{"run", "fable", "--prompt", "x", "--top-p", "0"}, "top-p must be above 0"},
      {{"convert", "fable", ""}, "has no name; give it one"},
      {{"run", "llm", "--prompt", "x"}, "There is no file, folder or bundled model llm; the bundled models are fable, "},
      {{"run", "fable@3", "--prompt", "x"}, "fable has no training checkpoints"},
      {{"run", "hf:no/such", "--prompt", "x"}, "The model hf:no/such is not in Hugging Face's cache"},
      {{"convert", "fable", "/dev/null"}, "/dev/null is a file; name a folder to write to."},
      {{"convert", "fable", "/proc/nowhere"}, "Cannot make the folder /proc/nowhere"},
      {{"info", "fable", "--n-head", "7"}, "n_head 7 does not divide d_model 256"},
      {{"run", "sort-nano", "--prompt", "xyz"}, "x"},
      {{"info", "fable", "--tokens", "257"}, "context of 256"},
      {{"tokenize", "fable", "--decode", "4096"}, "token id 4096"},
      {{"tokenize", "gpt2", "--jsonl", "/nowhere.jsonl"}, "/nowhere.jsonl"}};
  for (const auto& [arguments, says] : failures) {
    const Outcome o = program(arguments);
    EXPECT_EQ(o.code, 1) << says;
    EXPECT_EQ(o.out, "") << says;
    EXPECT_NE(o.err.find(says), std::string::npos) << o.err;
    EXPECT_TRUE(o.err.starts_with("glassformer: ")) << o.err;
    EXPECT_EQ(std::ranges::count(o.err, '\n'), 1) << o.err;
  }
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

TEST(Cli, models_lists_the_bundled_models) {
  const Json models = program({"models", "--json"}).json()["models"];
  std::vector<std::string> names;
  for (const Json& m : models) names.push_back(m["name"]);
  EXPECT_EQ(names, (std::vector<std::string>{"fable", "induction-nano", "sort-nano"}));
  EXPECT_EQ(models[0]["parameters"], 5853184);
  EXPECT_EQ(models[0]["n_ctx"], 256);
  EXPECT_NE(program({"models"}).out.find("sort-nano"), std::string::npos);
}

TEST(Cli, info_gives_the_sizes_and_the_memory_of_a_model) {
  const Json r = program({"info", "fable", "--tokens", "32", "--json"}).json();
  EXPECT_EQ(r["format"], "huggingface-safetensors");
  EXPECT_EQ(r["name"], "fable");
  EXPECT_EQ(r["n_layer"], 6);
  EXPECT_EQ(r["n_head"], 8);
  EXPECT_EQ(r["d_model"], 256);
  EXPECT_EQ(r["d_mlp"], 1024);
  EXPECT_EQ(r["n_vocab"], 4096);
  EXPECT_EQ(r["activation"], "gelu_new");
  EXPECT_EQ(r["tied"], true);
  EXPECT_EQ(r["dtype"], "f16");
  EXPECT_EQ(r["file_dtype"], "f16");
  EXPECT_EQ(r["parameters"], 5853184);
  EXPECT_EQ(r["warnings"], Json::array());
  EXPECT_EQ(r["steps"], Json::array());
  EXPECT_EQ(r["memory"]["weights_bytes"], 2 * 5853184);
  EXPECT_EQ(r["memory"]["kv_bytes"], 2 * 6 * 256 * 32 * 4);
  EXPECT_GT(r["memory"]["capture_bytes"]["full"], r["memory"]["capture_bytes"]["default"]);
}

TEST(Cli, info_lists_training_steps_and_warnings) {
  const Json series = program({"info", "sort-nano", "--json"}).json();
  EXPECT_EQ(series["steps"], Json({0, 10, 25, 50, 75, 100, 150, 200, 300, 500, 800, 1200, 2000, 3000}));
  const Json step = program({"info", "sort-nano@150", "--json"}).json();
  EXPECT_EQ(step["name"], "sort-nano@150");
  EXPECT_EQ(step["steps"], series["steps"]) << "a checkpoint knows its series";
  EXPECT_NE(program({"info", "sort-nano"}).out.find("0, 10, 25"), std::string::npos);
  const std::string file = GLASSFORMER_SOURCE_DIR "/tests/golden/models/llmc-f32/model.bin";
  const Outcome odd = program({"info", file, "--activation", "relu", "--n-head", "2", "--json"});
  EXPECT_EQ(odd.json()["n_head"], 2);
  EXPECT_EQ(odd.json()["activation"], "relu");
  EXPECT_EQ(odd.json()["tokenizer"], "raw ids");
  ASSERT_EQ(odd.json()["warnings"].size(), 1U);
  EXPECT_NE(odd.err.find(odd.json()["warnings"][0].get<std::string>()), std::string::npos) << odd.err;
}

TEST(Cli, tokenize_gives_ids_texts_and_bytes_and_reads_them_back) {
  const Json r = program({"tokenize", "gpt2", "Hello w\xC3\xB6rld", "--json"}).json();
  EXPECT_EQ(r["ids"], Json({15496, 266, 30570, 335}));
  EXPECT_EQ(r["tokens"], Json({"Hello", " w", "\xC3\xB6r", "ld"}));
  EXPECT_EQ(r["bytes"][1], Json({32, 119}));
  EXPECT_EQ(r["offsets"][2], Json({7, 10}));
  const Json back = program({"tokenize", "gpt2", "--decode", "15496, 266", "--json"}).json();
  EXPECT_EQ(back["text"], "Hello w");
  EXPECT_EQ(back["bytes"].size(), 7U);
  const Json broken = program({"tokenize", "gpt2", "--decode", "127", "--json"}).json();
  EXPECT_EQ(broken["text"], "\xEF\xBF\xBD") << "half a character";
  EXPECT_EQ(program({"tokenize", "fable", "", "--json"}).json()["ids"], Json::array()) << "an empty text has no tokens";
}

TEST(Cli, bos_and_special_tokens_are_read_where_they_are_asked_for) {
  const auto ids = [](std::vector<std::string> more) {
    more.insert(more.begin(), {"run", "fable", "--json"});
    return program(more).json()["ids"];
  };
  const Json plain = ids({"--prompt", "Once"});
  Json with_bos = plain;
  with_bos.insert(with_bos.begin(), 0);
  EXPECT_EQ(ids({"--prompt", "Once", "--bos"}), with_bos);
  EXPECT_EQ(ids({"--ids", "7", "--bos"}), Json({0, 7}));
  EXPECT_EQ(ids({"--prompt", "<|endoftext|>Once", "--special"}), with_bos);
  EXPECT_GT(ids({"--prompt", "<|endoftext|>Once"}).size(), with_bos.size()) << "else it is text like any other";
  EXPECT_EQ(program({"tokenize", "fable", "<|endoftext|>", "--special", "--json"}).json()["ids"], Json::array({0}));
  const auto notices = [](std::vector<std::string> arguments) {
    const std::string err = program(std::move(arguments)).err;
    std::size_t count = 0;
    for (auto at = err.find("--special reads it"); at != std::string::npos; at = err.find("--special reads it", at + 1)) ++count;
    return count;
  };
  EXPECT_EQ(notices({"run", "fable", "--prompt", "<|endoftext|>Once<|endoftext|>"}), 1U) << "once";
  EXPECT_EQ(notices({"tokenize", "gpt2", "a<|endoftext|>"}), 1U);
  EXPECT_EQ(notices({"run", "fable", "--prompt", "<|endoftext|>Once", "--special"}), 0U);
  EXPECT_EQ(notices({"run", "fable", "--prompt", "Once <| upon |>"}), 0U);
  const Outcome none = program({"run", "sort-nano", "--prompt", "A", "--bos"});
  EXPECT_EQ(none.code, 1);
  EXPECT_NE(none.err.find("this model has no BOS token"), std::string::npos) << none.err;
}

TEST(Cli, tokenizes_files_line_by_line) {
  const auto path = scratch_file("texts.jsonl");
  std::ofstream(path) << "\"Hello\"\n\"\"\n\" \\u00f6\"\n";
  const Outcome o = program({"tokenize", "gpt2", "--jsonl", path.string()});
  EXPECT_EQ(o.code, 0) << o.err;
  std::istringstream lines(o.out);
  std::vector<Json> replies;
  for (std::string line; std::getline(lines, line);) replies.push_back(Json::parse(line));
  ASSERT_EQ(replies.size(), 3U);
  EXPECT_EQ(replies[0]["ids"], Json({15496}));
  EXPECT_EQ(replies[1]["ids"], Json::array());
  EXPECT_EQ(replies[2]["offsets"].back()[1], 3);
  std::ofstream(path) << "\"Hello\"\nHello\n";
  const Outcome bad = program({"tokenize", "gpt2", "--jsonl", path.string()});
  EXPECT_EQ(bad.code, 1);
  EXPECT_NE(bad.err.find("line 2: each line must be one JSON string"), std::string::npos) << bad.err;
}

TEST(Cli, devices_and_pipes_are_refused_as_inputs) {
  const auto pipe = scratch_file("pipe");
  mkfifo(pipe.c_str(), 0600);
  const auto folder = scratch_file("lesson");
  std::filesystem::create_directories(folder);
  std::filesystem::create_symlink("/dev/zero", folder / "lesson.json");
  for (const std::string& path : {std::string("/dev/zero"), pipe.string()}) {
    const auto lesson = path == pipe.string() ? scratch_file("no-lesson") : folder;
    const std::vector<std::vector<std::string>> all = {{"run", "sort-nano", "--prompt", "A", "--recipe", path},
                                                       {"tokenize", "gpt2", "--jsonl", path},
                                                       {"render", "--from", path, "-o", scratch_file("x.png").string()},
                                                       {"info", path},
                                                       {"lesson", lesson.string()}};
    for (const auto& arguments : all) {
      const Outcome o = program(arguments);
      EXPECT_EQ(o.code, 1) << arguments.front() << " " << path;
      EXPECT_EQ(std::ranges::count(o.err, '\n'), 1) << o.err;
      EXPECT_LT(o.peak_bytes, 3e8) << arguments.front();
    }
  }
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

TEST(Cli, the_log_says_how_each_token_was_chosen) {
  const auto run = [](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"run", "fable", "--prompt", "Once upon a time", "-n", "4"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return program(arguments);
  };
  const Json drawn = run({"--json", "--top-k", "3", "--seed", "2", "--ban", " the"}).json();
  ASSERT_EQ(drawn["log"].size(), 4U);
  EXPECT_EQ(keys_of(drawn["log"][0]),
            (std::vector<std::string>{"candidates", "cut", "cut_candidates", "id", "kept", "position", "text", "why"}));
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

TEST(Cli, converts_and_opens_what_it_wrote) {
  const auto folder = scratch_file("converted").string();
  const std::string source = GLASSFORMER_SOURCE_DIR "/tests/golden/models/nanogpt-char";
  const Outcome o = program({"convert", source, folder, "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  EXPECT_EQ(o.json()["format"], "nanogpt");
  EXPECT_EQ(o.json()["files"], Json({"model.safetensors", "config.json", "tokenizer.json"}));
  EXPECT_EQ(o.json()["tokenizer"], "characters (tokenizer.json)");
  const auto last = [](const std::string& model) {
    return program({"run", model, "--prompt", "To be, or not", "--json"}).json()["positions"].back();
  };
  const Json was = last(source), is = last(folder);
  EXPECT_EQ(is["id"], was["id"]);
  EXPECT_EQ(is["top"][0]["text"], was["top"][0]["text"]);
  EXPECT_NEAR(is["top"][0]["logit"].get<double>(), was["top"][0]["logit"].get<double>(), 1e-4);
  EXPECT_NEAR(is["entropy"].get<double>(), was["entropy"].get<double>(), 1e-5);
  const Outcome again = program({"convert", source, folder});
  EXPECT_EQ(again.code, 1);
  EXPECT_NE(again.err.find("is not empty"), std::string::npos) << again.err;
  EXPECT_EQ(program({"convert", source, folder, "--overwrite", "--dtype", "f16"}).code, 0);
  EXPECT_EQ(program({"info", folder, "--json"}).json()["dtype"], "f16");
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

TEST(Cli, bench_measures_the_parts_asked_for) {
  const Json r = program({"bench", "sort-nano", "--only", "load,head_toggle,ablate_sweep", "--json"}).json();
  EXPECT_EQ(r["model"], "sort-nano");
  EXPECT_GT(r["load_ms"], 0);
  EXPECT_GT(r["peak_rss_bytes"], r["file_bytes"]);
  EXPECT_EQ(r["head_toggle_ms"].size(), 3U);
  EXPECT_GT(r["ablate_sweep_ms"], 0);
  EXPECT_FALSE(r.contains("prefill"));
}

TEST(Cli, bench_reads_memory_beside_each_decode) {
  const Json r = program({"bench", "sort-nano", "--only", "decode", "--json"}).json();
  EXPECT_GT(r["memory_read_gb_per_s"], 0);
  ASSERT_EQ(r["decode"].size(), 3U);  // its context is shorter than 64
  for (const Json& row : r["decode"]) {
    EXPECT_GT(row["ms_per_token"], 0);
    EXPECT_GT(row["memory_read_gb_per_s"], 0);
    EXPECT_GT(row["share_of_memory_read"], 0);
  }
}

}  // namespace
}  // namespace gf::testing
