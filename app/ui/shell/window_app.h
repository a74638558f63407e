// The window as a program: what `glassformer` without a subcommand does.
#pragma once

namespace gf::ui {

/// `glassformer [MODEL] [--prompt P] [--session F]`. Opens the window and returns when it is closed: 0, 1 (no display
/// to open it on; one sentence on standard error) or 2 (usage).
/// Test aid: the environment variable GLASSFORMER_STATE_FILE names a JSON file that is rewritten, atomically, after
/// each change; see state_file.h.
int run_window(int argc, char** argv);

}  // namespace gf::ui
