#include "app/cli/window_arguments.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <utility>
#include <vector>

#include "app/cli/options.h"
#include "app/cli/subcommands.h"
#include "app/cli/validators.h"
#include "app/document/document.h"
#include "model/base/nearest.h"
#include "model/base/text.h"
#include "model/io/loaders.h"

namespace gf::cli {

namespace {

tl::unexpected<int> wrong_window_usage(std::string message) { return tl::unexpected(wrong_usage(std::move(message), "glassformer")); }

/// Whether a word can only be a name, and not a path, a model of the hub or a training checkpoint.
bool is_bare_word(const std::string& word) { return word.find_first_of("/:@.") == std::string::npos; }

tl::expected<void, int> check_model_word(const std::string& word) {
  if (is_subcommand(word)) return wrong_window_usage(text("{0} is a command, which comes first: glassformer {0} ...", word));
  const auto path = resolve_model(word);
  if (path) return {};
  if (!is_bare_word(word)) return tl::unexpected(failed(path.error()));
  std::vector<std::string> known;
  for (const Subcommand& c : subcommands()) known.emplace_back(c.name);
  for (const BundledModel& model : bundled_models()) known.push_back(model.name);
  const auto near = nearest(word, known);
  return wrong_window_usage(near ? text("{0} is neither a command nor a model; did you mean {1}?", word, *near)
                                 : text("{0} is neither a command nor a model", word));
}

}  // namespace

tl::expected<WindowArguments, int> window_arguments(int argc, const char* const* argv) {
  WindowArguments arguments;
  CLI::App app{text("The window: the inside of GPT-2 class models, as a machine in 3D.")};
  app.name("glassformer");
  app.set_version_flag("--version", GLASSFORMER_VERSION);
  auto* model = app.add_option("MODEL", arguments.model, text("a directory, a file, or the name of a bundled model"));
  auto* config = add_config_option(app, arguments.model);
  auto* prompt = app.add_option("--prompt", arguments.prompt, text("text to run"));
  // A session brings its own model and prompt, so it excludes both arguments.
  app.add_option("--session", arguments.session, text("session file to open"))
      ->check(named())
      ->excludes(model)
      ->excludes(config)
      ->excludes(prompt);
  app.add_option("--dictionary", arguments.dictionary, text("a dictionary of features, for the Features dock"))->check(named());
  app.footer(text(
      "Then --do ACTION [ARGUMENTS], as often as wanted: what the window does at its start, by the ids of its commands (F1 lists them)."));
  try {
    app.parse(words_of(argc, argv));
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return tl::unexpected(app.exit(e));
    // Where the first word is not a model, the words after it were meant for a command: that word is the mistake to name.
    if (!arguments.model.empty() && arguments.model == argv[1])
      if (const auto checked = check_model_word(arguments.model); !checked) return tl::unexpected(checked.error());
    return wrong_window_usage(e.what());
  }
  std::error_code ignored;
  if (std::filesystem::is_regular_file(arguments.model, ignored)) {
    if (arguments.model.ends_with(doc::kSessionEnding)) arguments.session = std::exchange(arguments.model, {});
    else if (arguments.model.ends_with(doc::kRecipeEnding)) arguments.recipe = std::exchange(arguments.model, {});
  }
  if (!arguments.session.empty() && arguments.prompt)
    return wrong_window_usage(text("a session brings its own prompt; leave out --prompt"));
  if (!arguments.model.empty())
    if (const auto checked = check_model_word(arguments.model); !checked) return tl::unexpected(checked.error());
  if (!arguments.session.empty() && !std::filesystem::is_regular_file(arguments.session, ignored))
    return tl::unexpected(failed({ErrorCode::NotFound, text("There is no session file {0}; check the path.", arguments.session), {}}));
  return arguments;
}

}  // namespace gf::cli
