// The window as a program: what `glassformer` without a subcommand does.
#pragma once

#include <vector>

#include "app/cli/window_arguments.h"
#include "app/ui/actions/actions.h"

namespace gf::ui {

/// Opens the window and returns when it is closed: 0, or 1 (no display to open it on; one sentence on standard error).
/// `program`: argv[0]; `calls`: what --do asks for, in order.
/// Test aid: the environment variable GLASSFORMER_STATE_FILE names a JSON file that is rewritten, atomically, after
/// each change; see state_file.h.
int run_window(char* program, const cli::WindowArguments& arguments, const std::vector<ActionCall>& calls);

}  // namespace gf::ui
