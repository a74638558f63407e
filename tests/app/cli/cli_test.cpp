// Help, usage, exit codes and failures of the subcommands; models, info and convert.
#include <sys/stat.h>

#include "app/cli/subcommands.h"
#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

TEST(Cli, every_command_has_help_with_an_example) {
  const Outcome all = program({"--help"});
  EXPECT_EQ(all.code, 0);
  EXPECT_NE(all.out.find("Example: glassformer "), std::string::npos) << all.out;
  EXPECT_EQ(program({"--version"}).code, 0);
  EXPECT_GE(gf::cli::subcommands().size(), 8U);
  for (const auto& command : gf::cli::subcommands()) {
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
                                                          {"run", "fable", "--prompt", "x", "--seed", "1"},
                                                          {"run", "fable", "--prompt", "x", "--ban", "#7"},
                                                          {"analyze", "fable", "--prompt", "x", "--what", "entropy", "--target", "#7"},
                                                          {"lesson", "first-look", "--check", "--language", "en"},
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
                                                          {"info", ""},
                                                          {"run", "fable", "--prompt", "x", "--trace", "t.json", "--hooks", ""},
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
  EXPECT_EQ(said("--top-p", "1.1"), "glassformer: --top-p: '1.1' is not a number above 0, at most 1");
  EXPECT_EQ(said("--top-p", "0"), "glassformer: --top-p: '0' is not a number above 0, at most 1");
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
    const Outcome o = program(arguments, Interrupted::AtWork);
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
      {{"run", "fable", "--prompt", "x", "-n", "1", "--ban", " John and"}, "' John and' is 2 tokens"},
      {{"run", "fable", "--prompt", "x", "-n", "2", "--ban", "#7", "--force", "#7"}, "token 7 is both forced and banned"},
      {{"run", "fable", "--prompt", "x", "-n", "1", "--force", "#7", "--force", "#8"},
       "--force gives 2 tokens, but -n generates 1; raise -n"},
      {{"run", "fable", "--prompt", "x", "-n", "1", "--force", "#5000"}, "token id 5000 is not in the vocabulary"},
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

TEST(Cli, info_checks_the_numbers_of_a_model) {
  const Json parity = program({"info", "sort-nano", "--check", "--json"}).json()["parity"];
  EXPECT_EQ(parity["holds"], true);
  ASSERT_EQ(parity["checks"].size(), 3U);
  EXPECT_EQ(parity["checks"][0]["with"], "reference");
  EXPECT_EQ(parity["checks"][0]["source"], "PyTorch 2.13");
  EXPECT_LT(parity["checks"][1]["largest"], 1e-4);
  EXPECT_NE(program({"info", "sort-nano", "--check"}).out.find("equals PyTorch to "), std::string::npos);
  EXPECT_FALSE(program({"info", "sort-nano", "--json"}).json().contains("parity"));
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

}  // namespace
}  // namespace gf::testing
