// The arguments of the window, read before anything of a display is looked for.
#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>

namespace gf::cli {

/// `glassformer [MODEL] [--prompt P] [--session F]`
struct WindowArguments {
  std::string model;    ///< as it was typed; empty: the default
  std::string session;  ///< empty: none
  std::optional<std::string> prompt;
};

/// The error is the exit code; what was wrong (or the help) has been printed then. 1: the session file is not there;
/// 2: an unknown argument, or a first word that is neither a command nor a model.
[[nodiscard]] tl::expected<WindowArguments, int> window_arguments(int argc, const char* const* argv);

}  // namespace gf::cli
