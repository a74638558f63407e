// The window as a program: what `glassformer` without a subcommand does.
#pragma once

#include "app/cli/window_arguments.h"

namespace gf::ui {

/// Opens the window and returns when it is closed: 0, or 1 (no display to open it on; one sentence on standard error).
/// `program`: argv[0].
/// Test aid: the environment variable GLASSFORMER_STATE_FILE names a JSON file that is rewritten, atomically, after
/// each change; see state_file.h.
int run_window(char* program, const cli::WindowArguments& arguments);

}  // namespace gf::ui
