// Files that are not what they say: each ends in a sentence, and none steers the terminal.
#include <cstdlib>

#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

namespace fs = std::filesystem;

/// What the program says with a terminal as its standard output and error.
std::string on_terminal(std::vector<std::string> arguments) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  EXPECT_TRUE(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
  arguments.insert(arguments.begin(), std::string(GLASSFORMER_BUILD_DIR) + "/glassformer");
  std::vector<char*> argv;
  for (std::string& a : arguments) argv.push_back(a.data());
  argv.push_back(nullptr);
  const std::string name = ptsname(terminal);
  const pid_t child = fork();
  if (child == 0) {
    const int end = open(name.c_str(), O_RDWR | O_NOCTTY);
    dup2(end, STDOUT_FILENO);
    dup2(end, STDERR_FILENO);
    close(end);
    execv(argv[0], argv.data());
    _exit(127);
  }
  std::string said;
  std::array<char, 4096> piece{};
  // Reading fails once the program has ended and all is read; before it has opened its end, it fails too.
  int status = 0;
  for (bool over = false;;) {
    const ssize_t n = read(terminal, piece.data(), piece.size());
    if (n > 0) {
      said.append(piece.data(), static_cast<std::size_t>(n));
      continue;
    }
    if (over) break;
    over = waitpid(child, &status, 0) == child;
  }
  close(terminal);
  EXPECT_TRUE(WIFEXITED(status)) << said;
  return said;
}

/// No control characters but those that the terminal itself puts at the ends of lines, and the program's own bar of progress.
void expect_harmless(std::string said) {
  for (std::size_t at = 0; (at = said.find("\r\033[K", at)) != std::string::npos;) said.erase(at, 4);
  for (const char c : said) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\r' || c == '\t') << said;
  EXPECT_EQ(said.find('\x7f'), std::string::npos) << said;
  EXPECT_EQ(said.find("\xC2\x9B"), std::string::npos) << said;
}

TEST(Foreign, tokens_cannot_steer_the_terminal) {
  const std::string evil =
      "\x1b]0;owned\x07\xC2\x9B"
      "2J\x7f ok";
  const Json ids = program({"tokenize", "gpt2", evil, "--json"}).json()["ids"];
  std::string list;
  for (const Json& id : ids) list += (list.empty() ? "" : ",") + id.dump();
  EXPECT_EQ(program({"tokenize", "gpt2", "--decode", list}).out, evil + "\n") << "a pipe gets every byte";
  const std::string said = on_terminal({"tokenize", "gpt2", "--decode", list});
  expect_harmless(said);
  EXPECT_EQ(said, "\\x1b]0;owned\\x07\\x9b2J\\x7f ok\r\n");
  expect_harmless(on_terminal({"run", "fable", "--prompt", evil}));
}

TEST(Foreign, names_in_files_cannot_steer_the_terminal) {
  const fs::path folder = scratch_file("evil\x1b[2J");
  fs::create_directories(folder);
  std::ofstream(folder / "lesson.json") << R"({"version": 1, "steps": [{"id": "a\u001b[2J", "model": "\u001b[2J\u009b2J"}]})";
  std::ofstream(folder / "recipe.json") << R"({"version": 1, "edits": [{"hook": "\u001b[2J", "op": "zero"}], "\u009b2J": 1})";
  std::ofstream(folder / "sidecar.json") << R"({"size": [9, 9], "document": {"version": 1, "mode": "\u001b[2J"}})";
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"info", folder.string()},
           {"lesson", folder.string(), "--check"},
           {"lesson", folder.string()},
           {"run", "sort-nano", "--prompt", "CBA", "--recipe", (folder / "recipe.json").string()},
           {"render", "--from", (folder / "sidecar.json").string(), "-o", scratch_file("a.scene.json").string()},
           {"render", "\x1b[2J", "--prompt", "x", "-o", scratch_file("a.scene.json").string()}})
    expect_harmless(on_terminal(arguments));
}

TEST(Foreign, what_nests_too_deep_is_refused) {
  std::string deep(200'000, '[');
  std::ofstream(scratch_file("deep.json")) << R"({"size": [9, 9], "document": )" << deep;
  std::ofstream(scratch_file("deep.jsonl")) << deep << "\n";
  std::ofstream(scratch_file("deep-recipe.json")) << R"({"version": 1, "edits": )" << deep;
  const std::string out = scratch_file("deep.scene.json").string();
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"render", "--from", scratch_file("deep.json").string(), "-o", out},
                                             {"run", "sort-nano", "--prompt", "CBA", "--recipe", scratch_file("deep-recipe.json").string()},
                                             {"tokenize", "gpt2", "--jsonl", scratch_file("deep.jsonl").string()}}) {
    const Outcome o = program(arguments);
    EXPECT_EQ(o.code, 1) << o.err;
    EXPECT_NE(o.err.find("nests more than 100 values"), std::string::npos) << o.err;
  }
}

TEST(Foreign, what_is_no_file_is_refused_and_nothing_waits_for_it) {
  const fs::path pipe = scratch_file("pipe");
  fs::remove(pipe);
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string out = scratch_file("no.scene.json").string();
  for (const std::string& path : {std::string("/dev/zero"), pipe.string(), fs::temp_directory_path().string()})
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"run", "sort-nano", "--prompt", "CBA", "--recipe", path},
                                               {"render", "--from", path, "-o", out},
                                               {"tokenize", "gpt2", "--jsonl", path},
                                               {"--session", path}}) {
      const Outcome o = program(arguments);
      EXPECT_EQ(o.code, 1) << arguments[0] << " " << path;
      EXPECT_EQ(std::ranges::count(o.err, '\n'), 1) << o.err;
      EXPECT_NE(o.err.find(path), std::string::npos) << o.err;
    }
}

TEST(Foreign, a_display_without_a_server_is_one_sentence) {
  const auto err = scratch_file("err");
  const std::string call = "DISPLAY=:98765 QT_QPA_PLATFORM=xcb " + std::string(GLASSFORMER_BUILD_DIR) + "/glassformer 2> " + err.string();
  const int status = std::system(call.c_str());
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1);
  EXPECT_EQ(content(err),
            "glassformer: the display :98765 does not answer; set DISPLAY to one that does. `glassformer render` draws without one.\n");
}

TEST(Foreign, a_file_that_may_not_grow_is_an_error_like_any_other) {
  const std::string out = scratch_file("no-room.safetensors").string(), err = scratch_file("err").string();
  const std::string call = "ulimit -f 1; " + std::string(GLASSFORMER_BUILD_DIR) + "/glassformer run fable --prompt 'Once upon' --trace '" +
                           out + "' > /dev/null 2> " + err;
  const int status = std::system(call.c_str());
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << status;
  EXPECT_EQ(content(err), "glassformer: Cannot write " + out + ": File too large; make room, or name another place.\n");
  EXPECT_FALSE(fs::exists(out));
}

}  // namespace
}  // namespace gf::testing
