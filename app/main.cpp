// Chooses a front end: the command line, or the window.
#include "app/cli/commands.h"
#ifdef GLASSFORMER_WINDOW
#include "app/ui/window_app.h"
#endif

int main(int argc, char** argv) {
#ifdef GLASSFORMER_WINDOW
  if (!gf::cli::is_command(argc, argv)) return gf::ui::run_window(argc, argv);
#endif
  return gf::cli::run(argc, argv);
}
