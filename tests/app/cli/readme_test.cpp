// The README's walk: its commands are run, and what it shows of their output must be what they print.
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "model/hooks.h"
#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

struct Command {
  std::string text;                ///< what the shell gets
  std::vector<std::string> shown;  ///< lines of its output; "...": any number of lines
};

/// The commands of all ```console blocks: "$ " begins one, "> " continues it.
std::vector<Command> commands_of(const std::string& readme) {
  std::vector<Command> commands;
  std::istringstream lines(readme);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) inside = line == "```console";
    else if (!inside) continue;
    else if (line.starts_with("$ ")) commands.push_back({line.substr(2), {}});
    else if (line.starts_with("> ")) commands.back().text += "\n" + line.substr(2);
    else commands.back().shown.push_back(line);
  }
  return commands;
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  return {std::istream_iterator<std::string>(in), {}};
}

/// Numbers may differ by two in the last digit shown: machines sum in different orders.
bool same_word(const std::string& shown, const std::string& printed) {
  if (shown == printed) return true;
  double a = 0, b = 0;
  const auto read = [](const std::string& word, double& to) {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), to);
    return error == std::errc{} && end == word.data() + word.size();
  };
  const auto point = shown.find('.');
  if (point == std::string::npos || !read(shown, a) || !read(printed, b)) return false;
  return std::abs(a - b) <= 2.01 * std::pow(10.0, -static_cast<double>(shown.size() - point - 1));
}

bool same_line(const std::string& shown, const std::string& printed) {
  const auto a = words_of(shown), b = words_of(printed);
  return std::ranges::equal(a, b, same_word);
}

/// The first shown line that the output does not have where it should; empty: all are there.
std::string missing(const std::vector<std::string>& shown, const std::vector<std::string>& printed) {
  std::size_t at = 0;
  bool skips = false;
  for (const std::string& line : shown) {
    if (line == "...") {
      skips = true;
      continue;
    }
    while (skips && at < printed.size() && !same_line(line, printed[at])) ++at;
    if (at >= printed.size() || !same_line(line, printed[at]))
      return line + "\n   but there is: " + (at < printed.size() ? printed[at] : "nothing more");
    ++at;
    skips = false;
  }
  return skips || at == printed.size() ? "" : "(the end), but there is: " + printed[at];
}

/// Runs all commands in one shell, in a folder of their own, and gives each one's lines.
std::vector<std::vector<std::string>> run(const std::vector<Command>& commands) {
  const auto folder = scratch_file("readme");
  std::filesystem::create_directories(folder);
  std::string script =
      "set -eu\nexport PATH='" GLASSFORMER_BUILD_DIR "':$PATH\ncd '" + folder.string() + "'\nunset DISPLAY WAYLAND_DISPLAY\n";
  for (const Command& command : commands) script += "echo @@@\n" + command.text + "\n";
  const auto file = folder / "walk.sh", out = folder / "out";
  std::ofstream(file) << script;
  EXPECT_EQ(std::system(("bash " + file.string() + " > " + out.string()).c_str()), 0);
  std::vector<std::vector<std::string>> outputs;
  std::istringstream lines(content(out));
  for (std::string line; std::getline(lines, line);)
    if (line == "@@@") outputs.emplace_back();
    else outputs.back().push_back(line);
  return outputs;
}

TEST(Readme, shows_what_its_commands_print) {
  const auto commands = commands_of(content(GLASSFORMER_SOURCE_DIR "/README.md"));
  ASSERT_GE(commands.size(), 9U);
  const auto outputs = run(commands);
  ASSERT_EQ(outputs.size(), commands.size());
  std::size_t compared = 0;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    EXPECT_EQ(missing(commands[i].shown, outputs[i]), "") << "$ " << commands[i].text;
    compared += commands[i].shown.size();
  }
  EXPECT_GT(compared, 50U);
  EXPECT_TRUE(std::filesystem::exists(scratch_file("readme") / "run.safetensors"));
}

/// The ```python block that contains this word.
std::string python_of(const std::string& readme, const std::string& word) {
  const std::string begin = "```python\n";
  for (auto at = readme.find(begin); at != std::string::npos; at = readme.find(begin, at + 1)) {
    const auto end = readme.find("```", at + begin.size());
    const std::string block = readme.substr(at + begin.size(), end - at - begin.size());
    if (block.find(word) != std::string::npos) return block;
  }
  return {};
}

TEST(Readme, its_comparison_with_transformer_lens_holds) {
  const std::string block = python_of(content(GLASSFORMER_SOURCE_DIR "/README.md"), "TransformerBridge");
  ASSERT_NE(block, "");
  const char* given = std::getenv("GLASSFORMER_PYTHON");
  const std::string python = given != nullptr ? given : "python3";
  if (std::system((python + " -c 'import transformer_lens, numpy' >/dev/null 2>&1").c_str()) != 0)
    GTEST_SKIP() << "TransformerLens is not installed (GLASSFORMER_PYTHON names another Python)";
  const auto folder = scratch_file("lens");
  std::filesystem::create_directories(folder);
  std::filesystem::create_directory_symlink(GLASSFORMER_SOURCE_DIR "/assets", folder / "assets");
  const Outcome trace = program({"run", "fable", "--prompt", "The capital of France is", "--trace", (folder / "france.npz").string()});
  ASSERT_EQ(trace.code, 0) << trace.err;
  std::ofstream(folder / "compare.py") << block << "assert len(ours.files) > 80\n";
  EXPECT_EQ(std::system(("cd '" + folder.string() + "' && HF_HUB_OFFLINE=1 " + python + " compare.py 2>compare.err").c_str()), 0)
      << content(folder / "compare.err");
}

TEST(Readme, transformer_lens_has_the_other_names_of_hooks_for_the_same_values) {
  const char* given = std::getenv("GLASSFORMER_PYTHON");
  const std::string python = given != nullptr ? given : "python3";
  if (std::system((python + " -c 'from transformer_lens.model_bridge import TransformerBridge' >/dev/null 2>&1").c_str()) != 0)
    GTEST_SKIP() << "TransformerLens's bridge is not installed (GLASSFORMER_PYTHON names another Python)";
  const auto folder = scratch_file("names");
  std::filesystem::create_directories(folder);
  std::string names;
  for (const HookInfo& hook : hook_table())
    if (!hook.other_name.empty() && hook.kind != HookKind::Logits) {
      const std::string scope = hook.scope == HookScope::Block ? "blocks.2." : "";
      names += "('" + scope + std::string(hook.name) + "', '" + scope + std::string(hook.other_name) + "'), ";
    }
  std::ofstream(folder / "names.py") << "import numpy\n"
                                        "from transformer_lens.model_bridge import TransformerBridge\n"
                                        "model = TransformerBridge.boot_transformers('" GLASSFORMER_SOURCE_DIR
                                        "/assets/models/fable')\n"
                                        "logits, cache = model.run_with_cache('The capital of France is', prepend_bos=False)\n"
                                        "for ours, theirs in ["
                                     << names
                                     << "]:\n"
                                        "    a, b = cache[ours].detach().numpy(), cache[theirs].detach().numpy()\n"
                                        "    assert numpy.array_equal(a.ravel(), b.ravel()), (ours, theirs)\n"
                                        "assert numpy.array_equal(logits.detach().numpy(), cache['unembed.hook_out'].detach().numpy())\n";
  EXPECT_EQ(std::system(("cd '" + folder.string() + "' && HF_HUB_OFFLINE=1 " + python + " names.py 2>names.err").c_str()), 0)
      << content(folder / "names.err");
}

TEST(Readme, its_shards_under_dask_make_the_reply_of_one_run) {
  const std::string block = python_of(content(GLASSFORMER_SOURCE_DIR "/README.md"), "dask.distributed");
  ASSERT_NE(block, "");
  const char* given = std::getenv("GLASSFORMER_PYTHON");
  const std::string python = given != nullptr ? given : "python3";
  if (std::system((python + " -c 'import dask.distributed' >/dev/null 2>&1").c_str()) != 0)
    GTEST_SKIP() << "Dask is not installed (GLASSFORMER_PYTHON names another Python)";
  const auto folder = scratch_file("dask");
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "parts.py") << block;
  EXPECT_EQ(std::system(
                ("cd '" + folder.string() + "' && PATH='" GLASSFORMER_BUILD_DIR "':$PATH " + python + " parts.py >dask.log 2>&1").c_str()),
            0)
      << content(folder / "dask.log");
  const std::string whole = (folder / "whole.json").string();
  ASSERT_EQ(program({"analyze", "fable", "--prompts", "capitals", "--what", "dla", "-o", whole}).code, 0);
  EXPECT_EQ(content(folder / "reply.json"), content(whole));
}

TEST(Readme, the_comparison_sees_what_differs) {
  EXPECT_TRUE(same_line("4  0.8484   -1.0", "4 0.8486 -1.1"));
  EXPECT_FALSE(same_line("4  0.8484", "4 0.8490"));
  EXPECT_FALSE(same_line("4  0.8484", "5 0.8484")) << "indices are no measurements";
  EXPECT_FALSE(same_line("4  0.8484", "4 0.8484 1"));
  EXPECT_EQ(missing({"a", "...", "c"}, {"a", "b", "c"}), "");
  EXPECT_NE(missing({"a", "c"}, {"a", "b", "c"}), "");
  EXPECT_NE(missing({"a"}, {"a", "b"}), "");
  EXPECT_NE(missing({"a", "...", "d"}, {"a", "b", "c"}), "");
}

}  // namespace
}  // namespace gf::testing
