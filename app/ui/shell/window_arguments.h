// The --do options, which tell the window what to do when it starts.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/ui/actions/actions.h"

namespace gf::ui {

struct WindowCalls {
  std::vector<ActionCall> calls;    ///< one for each --do, in order
  std::vector<std::string> others;  ///< the other words, for cli::window_arguments()
};

/// Reads `[--do ID [ARGS]]...`. The arguments of an action end before the next word that begins with "--". Errors:
/// InvalidArgument for a missing id, an unknown action and a missing argument.
[[nodiscard]] Result<WindowCalls> take_calls(std::span<const std::string> words);

}  // namespace gf::ui
