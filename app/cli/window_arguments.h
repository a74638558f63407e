// The arguments of the window. They are read before a display is looked for.
#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>

namespace gf::cli {

/// `glassformer [MODEL] [--prompt P] [--session F] [--dictionary D]`. A desktop passes the file that the user opened as MODEL, so MODEL may
/// also be a session or a recipe, told by the endings under which the window saves them.
struct WindowArguments {
  std::string model;    ///< as it was typed; empty: the default
  std::string session;  ///< empty: none
  std::string recipe;   ///< a recipe in the place of MODEL, for the default model; empty: none
  std::optional<std::string> prompt;
  std::string dictionary;  ///< of features, as `analyze` takes it; empty: none
};

/// The error is the exit code, and the help or what is wrong has been printed. 0: help or version; 1: the session file or
/// the model is not there; 2: an unknown argument, or a word that is neither a command nor a model.
[[nodiscard]] tl::expected<WindowArguments, int> window_arguments(int argc, const char* const* argv);

}  // namespace gf::cli
