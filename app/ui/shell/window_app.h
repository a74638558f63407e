// `glassformer` without a subcommand: the window as a program.
#pragma once

#include <vector>

#include "app/cli/window_arguments.h"
#include "app/ui/actions/actions.h"

namespace gf::ui {

/// Opens the window and returns when it is closed: 0, or 1 where there is no display, with a sentence on standard error.
/// `program`: argv[0]; `calls`: those of --do, in order. Test aid: GLASSFORMER_STATE_FILE, see state_file.h.
int run_window(char* program, const cli::WindowArguments& arguments, const std::vector<ActionCall>& calls);

}  // namespace gf::ui
