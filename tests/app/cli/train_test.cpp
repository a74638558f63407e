// `glassformer train`: its folder, going on after it was ended, and what it refuses.
#include <algorithm>
#include <cstring>

#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

namespace fs = std::filesystem;

std::string text_file(const std::string& name, int sentences = 200) {
  const fs::path path = scratch_file(name);
  std::ofstream out(path);
  for (int i = 0; i < sentences; ++i) out << "The number " << i * i % 97 << " follows the number " << i << ".\n";
  return path.string();
}

fs::path fresh_folder(const std::string& name) {
  const fs::path folder = scratch_file(name);
  fs::remove_all(folder);
  return folder;
}

std::vector<Json> json_lines(const std::string& out) {
  std::vector<Json> lines;
  std::istringstream in(out);
  for (std::string line; std::getline(in, line);) lines.push_back(Json::parse(line, nullptr, false));
  return lines;
}

std::vector<std::string> train_arguments(const std::string& data, const fs::path& folder, int steps) {
  return {"train",   "tiny", "--data", data, "--steps", std::to_string(steps), "--batch", "2", "--context", "32",
          "--every", "5",    "--seed", "3",  "-o",      folder.string()};
}

TEST(Train, writes_a_model_directory_with_its_series) {
  const fs::path folder = fresh_folder("trained");
  auto arguments = train_arguments(text_file("numbers.txt"), folder, 20);
  arguments.emplace_back("--json");
  const Outcome o = program(arguments);
  ASSERT_EQ(o.code, 0) << o.err;
  auto lines = json_lines(o.out);
  ASSERT_EQ(lines.size(), 21U);
  EXPECT_EQ(lines.back()["step"], 20) << "after the last step";
  EXPECT_TRUE(lines.back().contains("held_out_loss"));
  lines.pop_back();
  for (std::size_t s = 0; s < lines.size(); ++s) {
    EXPECT_EQ(lines[s]["step"], s);
    EXPECT_GT(lines[s]["gradient_norm"].get<double>(), 0);
    EXPECT_EQ(lines[s].contains("held_out_loss"), s % 5 == 0);
    EXPECT_TRUE(lines[s].contains("lr") && lines[s].contains("tokens_per_s"));
  }
  EXPECT_LT(lines.back()["loss"].get<double>(), lines.front()["loss"].get<double>() - 0.2);
  const Json info = program({"info", folder.string(), "--json"}).json();
  EXPECT_EQ(info["steps"], Json({0, 5, 10, 15, 20}));
  EXPECT_EQ(info["dtype"], "f32");
  EXPECT_EQ(info["warnings"], Json::array());
  EXPECT_EQ(info["tokenizer"].get<std::string>().substr(0, 10), "characters");
  for (const char* step : {"", "@0", "@15"})
    EXPECT_EQ(program({"run", folder.string() + step, "--prompt", "The ", "-n", "2"}).code, 0) << step;
  const Json record = Json::parse(content(folder / "training.json"));
  EXPECT_EQ(record["curve"].size(), 5U);
  EXPECT_LT(record["curve"][4]["held_out_loss_nats"], record["curve"][0]["held_out_loss_nats"]);
  EXPECT_EQ(content(folder / "model.safetensors"), content(folder / "checkpoints" / "step-20.safetensors"));
}

/// Starts the program, sends the signal when it has written the file, and waits for its end. Its exit code, or minus the signal.
int signal_when_written(std::vector<std::string> arguments, const fs::path& file, int signal) {
  arguments.insert(arguments.begin(), std::string(GLASSFORMER_BUILD_DIR) + "/glassformer");
  std::vector<char*> argv;
  for (std::string& a : arguments) argv.push_back(a.data());
  argv.push_back(nullptr);
  const auto err = scratch_file("signalled");
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGINT, SIG_DFL);
    dup2(open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  bool ended = false;
  while (!ended && !fs::exists(file)) ended = waitpid(child, &status, WNOHANG) == child;
  if (!ended) {
    kill(child, signal);
    waitpid(child, &status, 0);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void resumes_bit_for_bit(int signal, int code) {
  constexpr int kSteps = 150;
  const std::string data = text_file("long.txt");
  const fs::path whole = fresh_folder("whole"), ended = fresh_folder("ended");
  ASSERT_EQ(program(train_arguments(data, whole, kSteps)).code, 0);
  auto arguments = train_arguments(data, ended, kSteps);
  EXPECT_EQ(signal_when_written(arguments, ended / "checkpoints" / "step-20.safetensors", signal), code);
  EXPECT_FALSE(fs::exists(ended / "checkpoints" / "step-150.safetensors"));
  const Outcome resumed = program({"train", "--resume", "-o", ended.string(), "--threads", "1"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  for (const char* file : {"model.safetensors", "checkpoints/step-25.safetensors", "checkpoints/step-145.safetensors"})
    EXPECT_TRUE(content(whole / file) == content(ended / file)) << file;
}

TEST(Train, goes_on_after_kill_9_as_if_it_had_not_been_ended) { resumes_bit_for_bit(SIGKILL, -SIGKILL); }

TEST(Train, keeps_the_step_that_ctrl_c_ends) {
  resumes_bit_for_bit(SIGINT, 1);
  EXPECT_NE(content(scratch_file("signalled")).find("go on with --resume"), std::string::npos);
}

TEST(Train, takes_a_config_a_model_bytes_and_token_files) {
  const std::string data = text_file("kinds.txt");
  const fs::path config = scratch_file("config-only.json"), ids = scratch_file("ids.bin");
  std::ofstream(config) << R"({"n_layer": 1, "n_head": 2, "n_embd": 8, "n_positions": 24, "activation_function": "relu"})";
  std::string raw;
  for (int i = 0; i < 500; ++i) raw += {static_cast<char>(i % 7), '\0'};
  std::ofstream(ids, std::ios::binary) << raw;
  const auto trained = [&](const std::string& start, const std::string& from, const std::vector<std::string>& more = {}) {
    const fs::path folder = fresh_folder("kind");
    std::vector<std::string> arguments{"train", start, "--data", from, "--steps", "2", "--batch", "2", "-o", folder.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome o = program(arguments);
    EXPECT_EQ(o.code, 0) << o.err;
    return program({"info", folder.string(), "--json"}).json();
  };
  const Json bytes = trained(config.string(), data, {"--tokenizer", "bytes"});
  EXPECT_EQ(bytes["n_vocab"], 256);
  EXPECT_EQ(bytes["activation"], "relu");
  EXPECT_EQ(bytes["n_ctx"], 24);
  EXPECT_EQ(trained("tiny", ids.string())["n_vocab"], 7);
  const Json tuned = trained("fable", data, {"--context", "16"});
  EXPECT_EQ(tuned["n_vocab"], 4096);
  EXPECT_EQ(tuned["steps"], Json({0, 1, 2}));
}

// Batches in order and a constant rate: what PyTorch gives from the same start, see model_training_test.
TEST(Train, has_the_losses_of_pytorch) {
  const std::string golden = GLASSFORMER_SOURCE_DIR "/tests/golden/";
  const Json reference = Json::parse(content(golden + "training/tiny/case.json"))["cases"][0];
  const Outcome o = program({"train", golden + "models/hf-bin-legacy", "--data", golden + "training/tiny/train.bin", "--order",
                             "sequential", "--schedule", "constant", "--lr", "0.003", "--batch", "4", "--context", "32", "--steps", "100",
                             "--json", "-o", fresh_folder("reference").string()});
  ASSERT_EQ(o.code, 0) << o.err;
  const auto lines = json_lines(o.out);
  ASSERT_EQ(lines.size(), 100U);
  for (std::size_t s = 0; s < 100; ++s) EXPECT_NEAR(lines[s]["loss"], reference["losses"][s], 2e-4) << s;
}

/// One line on standard error.
void refused(const std::vector<std::string>& arguments, const std::string& why, int code = 1) {
  const Outcome o = program(arguments);
  EXPECT_EQ(o.code, code) << o.err;
  EXPECT_NE(o.err.find(why), std::string::npos) << o.err;
  EXPECT_EQ(std::ranges::count(o.err, '\n'), 1) << o.err;
}

TEST(Train, says_in_one_sentence_what_is_wrong) {
  const std::string data = text_file("good.txt"), small = text_file("short.txt", 1), out = fresh_folder("refused").string();
  const fs::path odd = scratch_file("odd.bin"), wide = scratch_file("wide.bin"), binary = scratch_file("latin1.txt");
  std::ofstream(odd) << "abc";
  std::ofstream(wide) << std::string(400, '\xFF');
  std::ofstream(binary) << "caf\xE9";
  refused({"train", "tiny", "--data", "nowhere.txt", "-o", out}, "nowhere.txt");
  refused({"train", "nothing", "--data", data, "-o", out}, "sizes tiny, small, medium");
  refused({"train", "tiny", "--data", small, "--context", "60", "-o", out}, "--context");
  refused({"train", "tiny", "--data", data, "--context", "65", "-o", out}, "65 tokens");
  refused({"train", "tiny", "--data", odd.string(), "-o", out}, "3 bytes");
  refused({"train", "fable", "--data", wide.string(), "-o", out}, "65535");
  refused({"train", "tiny", "--data", binary.string(), "-o", out}, "--tokenizer bytes");
  refused({"train", "fable", "--data", data, "--tokenizer", "chars", "-o", out}, "--tokenizer");
  refused({"train", "tiny", "--data", data, "--batch", "1000000", "-o", out}, "memory");
  refused({"train", "--resume", "-o", out}, "no training");
  refused({"train", "tiny", "-o", out}, "--data", 2);
  refused({"train", "--data", data, "-o", out}, "MODEL", 2);
  refused({"train", "tiny", "--data", data, "--lr", "0", "-o", out}, "above 0", 2);
  EXPECT_FALSE(fs::exists(out));
  const fs::path config = scratch_file("vast.json");
  std::ofstream(config) << R"({"n_layer": 2000000000, "n_head": 1, "n_embd": 200000000})";
  refused({"train", config.string(), "--data", data, "-o", out}, "smaller");
  std::ofstream(config) << R"({"n_layer": 1, "n_head": 3, "n_embd": 8})";
  refused({"train", config.string(), "--data", data, "-o", out}, "n_head 3");
  std::ofstream(config) << R"({"n_layer": 1, "n_head": 2, "n_embd": 8, "vocab_size": 4})";
  refused({"train", config.string(), "--data", data, "-o", out}, "vocab_size 4");
}

TEST(Train, never_writes_over_what_it_reads_and_goes_on_with_what_it_began_with) {
  const std::string data = text_file("own.txt");
  const fs::path folder = fresh_folder("own");
  ASSERT_EQ(program(train_arguments(data, folder, 5)).code, 0);
  const std::string before = content(folder / "model.safetensors"), o = folder.string();
  refused({"train", o, "--data", data, "-o", o}, "--resume");
  refused({"train", "tiny", "--data", data, "-o", data}, "is a file");
  refused({"train", "--resume", "-o", o, "--seed", "4"}, "begun with --seed 3");
  refused({"train", "--resume", "-o", o, "--lr", "0.5"}, "begun with --lr");
  refused({"train", "--resume", "-o", o}, "--steps", 0);
  EXPECT_TRUE(content(folder / "model.safetensors") == before);
  EXPECT_EQ(program({"train", "--resume", "-o", o, "--steps", "7", "--data", data}).code, 0);
  EXPECT_TRUE(fs::exists(folder / "checkpoints" / "step-7.safetensors"));
  text_file("own.txt", 100);
  refused({"train", "--resume", "-o", o, "--steps", "9"}, "is not what the training");
  std::ofstream(folder / "training-state.safetensors", std::ios::binary) << "broken";
  refused({"train", "--resume", "-o", o}, "training-state.safetensors");
}

TEST(DictionaryTrain, goes_on_in_its_own_folder) {
  const std::string data = text_file("dictionary.txt"), folder = fresh_folder("dictionary").string();
  const Outcome first = program({"dictionary", "train",   "fable",      "--site",  "blocks.1.hook_resid_post",
                                 "--corpus",   data,      "--features", "32",      "--k",
                                 "4",          "--steps", "4",          "--every", "2",
                                 "--batch",    "2",       "--context",  "16",      "-o",
                                 folder});
  ASSERT_EQ(first.code, 0) << first.err;
  const Outcome more = program({"dictionary", "train", "--resume", "--steps", "8", "-o", folder});
  ASSERT_EQ(more.code, 0) << more.err;
  const Json record = Json::parse(content(fs::path(folder) / "training.json"));
  EXPECT_EQ(record["curve"].back()["step"], 8);
  EXPECT_EQ(record["call"]["steps"], 8);
  EXPECT_EQ(program({"dictionary", "info", folder, "--json"}).json()["features"], 32);
}

}  // namespace
}  // namespace gf::testing
