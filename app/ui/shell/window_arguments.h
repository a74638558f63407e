// What the window is told to do at its start: the --do of its arguments.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/ui/actions/actions.h"

namespace gf::ui {

struct WindowCalls {
  std::vector<ActionCall> calls;    ///< of each --do, in their order
  std::vector<std::string> others;  ///< the words that are left, for cli::window_arguments()
};

/// `[--do ID [ARGS]]...`: what follows a --do up to the next word that begins with "--" are its arguments. Errors:
/// InvalidArgument, one sentence: no id, an action that is none, an argument that is missing.
[[nodiscard]] Result<WindowCalls> take_calls(std::span<const std::string> words);

}  // namespace gf::ui
