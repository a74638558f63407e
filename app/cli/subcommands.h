// The command line: one file for each subcommand, all listed in subcommands.cpp.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace gf::cli {

/// What a subcommand does once its arguments are parsed; returns 0 or 1. A setup function declares the options of its
/// subcommand, with a footer that shows an example, and returns this.
using Runner = std::function<int()>;

struct Subcommand {
  const char* name;
  const char* description;
  Runner (*setup)(CLI::App& app);
};

Runner setup_models(CLI::App& app);
Runner setup_info(CLI::App& app);
Runner setup_tokenize(CLI::App& app);
Runner setup_convert(CLI::App& app);
Runner setup_merge(CLI::App& app);
Runner setup_corpus(CLI::App& app);
Runner setup_train(CLI::App& app);
Runner setup_dictionary(CLI::App& app);
Runner setup_lens(CLI::App& app);
Runner setup_run(CLI::App& app);
Runner setup_analyze(CLI::App& app);
Runner setup_lesson(CLI::App& app);
Runner setup_bench(CLI::App& app);
Runner setup_doctor(CLI::App& app);
Runner setup_fetch(CLI::App& app);
Runner setup_render(CLI::App& app);
Runner setup_notebook(CLI::App& app);

/// All subcommands, in the order of `--help`. To add one: a file, a declaration above, a line in subcommands.cpp.
[[nodiscard]] std::span<const Subcommand> subcommands();

[[nodiscard]] bool is_subcommand(std::string_view word);
/// Whether these arguments are for run() rather than for the window: a subcommand, --help or --version comes first.
[[nodiscard]] bool is_command(int argc, const char* const* argv);
/// The words after the program's name, the last first, as CLI11 reads them. "--name=" becomes a name and an empty word:
/// CLI11 would take the next word for its value.
[[nodiscard]] std::vector<std::string> words_of(int argc, const char* const* argv);
/// Runs the whole command line. 0: done; 1: it failed, and one line on standard error says why; 2: wrong usage.
[[nodiscard]] int run(int argc, const char* const* argv);

}  // namespace gf::cli
