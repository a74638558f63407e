// Chooses a front end: the command line, or the window.
#include "app/cli/commands.h"
#include "app/ui/window_app.h"

int main(int argc, char** argv) {
  if (!gf::cli::is_command(argc, argv)) return gf::ui::run_window(argc, argv);
  return gf::cli::run(argc, argv);
}
