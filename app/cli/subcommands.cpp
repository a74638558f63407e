#include "app/cli/subcommands.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/cli/help_words.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "model/base/files/input_files.h"
#include "model/base/text.h"

namespace gf::cli {

std::span<const Subcommand> subcommands() {
  static constexpr std::array kSubcommands{
      Subcommand{"models", phrase("the bundled models"), setup_models},
      Subcommand{"info", phrase("what a model is: format, sizes, tokenizer, memory"), setup_info},
      Subcommand{"tokenize", phrase("text to tokens and back"), setup_tokenize},
      Subcommand{"convert", phrase("a model as a Hugging Face directory"), setup_convert},
      Subcommand{"train", phrase("trains a new model, or one that is there, on a text"), setup_train},
      Subcommand{"dictionary", phrase("dictionaries of features: what one is, and training one"), setup_dictionary},
      Subcommand{"lens", phrase("lenses: fitting one to a model"), setup_lens},
      Subcommand{"run", phrase("runs a prompt, generates, edits, and writes what was captured"), setup_run},
#ifndef GLASSFORMER_NO_PICTURES
      Subcommand{"render", phrase("pictures of a run, without a display"), setup_render},
      Subcommand{"notebook", phrase("a notebook that redoes a run with TransformerLens and checks its numbers"), setup_notebook},
#endif
      Subcommand{"analyze", phrase("questions about a run: attribution, lens, sweeps, circuits"), setup_analyze},
      Subcommand{"merge", phrase("one reply or index of all shards of a set of prompts or a text"), setup_merge},
      Subcommand{"corpus", phrase("indexes of texts: what excites each neuron, head and feature"), setup_corpus},
#ifndef GLASSFORMER_NO_PICTURES
      Subcommand{"lesson", phrase("lessons: their list, their text, and whether they are true"), setup_lesson},
      Subcommand{"fetch", phrase("a model from Hugging Face into its cache"), setup_fetch},
      Subcommand{"doctor", phrase("what this machine has, what is used, and what to do about the rest"), setup_doctor},
#endif
      Subcommand{"bench", phrase("load, prefill, decode, capture and frame times"), setup_bench},
  };
  return kSubcommands;
}

bool is_subcommand(std::string_view word) {
  return std::ranges::any_of(subcommands(), [word](const Subcommand& c) { return word == c.name; });
}

bool is_command(int argc, const char* const* argv) {
  if (argc < 2) return false;
  const std::string_view first = argv[1];
  if (first == "--help" || first == "-h" || first == "--version") return true;
  return is_subcommand(first);
}

std::vector<std::string> words_of(int argc, const char* const* argv) {
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    const bool unvalued = word.size() > 3 && word.starts_with("--") && word.find('=') == word.size() - 1;
    if (unvalued) word.pop_back();
    words.push_back(std::move(word));
    if (unvalued) words.emplace_back();
  }
  std::ranges::reverse(words);
  return words;
}

namespace {

std::string command_of(const CLI::App& app) {
  std::string command = "glassformer";
  for (const CLI::App* sub : app.get_subcommands()) command += " " + sub->get_name();
  return command;
}

/// The exit code, or 1 where standard output could not be written.
int checked_output(int code) {
  std::cout.flush();
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout) return code;
  say(text("standard output could not be written; is the disk full or the reader gone?"));
  return 1;
}

}  // namespace

int run(int argc, const char* const* argv) {
  protect_all_inputs();
  const TerminalGuard guard;
#ifdef GLASSFORMER_NO_PICTURES
  CLI::App app{text("Glassformer: a laboratory for the inside of GPT-2 class models. This build has no window and draws no pictures.")};
#else
  CLI::App app{text("Glassformer: a laboratory for the inside of GPT-2 class models. Without a subcommand: the window.")};
#endif
  app.name("glassformer");
  give_help_words(app);
  app.set_version_flag("--version", GLASSFORMER_VERSION, text("print the version, and end"));
#ifdef GLASSFORMER_NO_PICTURES
  app.footer(text("Example: glassformer run fable --prompt \"The capital of France is\" -n 5"));
#else
  app.footer(
      text("The window: glassformer [MODEL] [--prompt P] [--session F] [--dictionary D] [--do ACTION [ARGS]]...\n"
           "Example: glassformer run fable --prompt \"The capital of France is\" -n 5"));
#endif
  app.require_subcommand(1);
  std::vector<std::pair<CLI::App*, Runner>> runners;
  for (const Subcommand& c : subcommands()) {
    CLI::App* sub = app.add_subcommand(c.name, text(c.description))->group(text("Commands"));
    runners.emplace_back(sub, c.setup(*sub));
  }
  try {
    app.parse(words_of(argc, argv));
  } catch (const CLI::ParseError& e) {
    // CLI11 throws for --help and --version too; those exit with 0, unless there is a word beside them that was not read.
    if (e.get_exit_code() != 0) return wrong_usage(e.what(), command_of(app));
    if (const auto unread = app.remaining(true); !unread.empty())
      return wrong_usage(text("{0} is not expected here; leave it out", unread.front()), command_of(app));
    return checked_output(app.exit(e));
  }
  for (const auto& [sub, run_it] : runners)
    if (sub->parsed()) return checked_output(run_it());
  return 2;
}

}  // namespace gf::cli
