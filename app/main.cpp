// Chooses a front end: the command line, or the window.
#include "app/cli/backend_choice.h"
#include "app/cli/commands.h"
#include "app/cli/window_arguments.h"
#include "app/ui/shell/window_app.h"

int main(int argc, char** argv) {
  gf::cli::offer_cuda();
  if (gf::cli::is_command(argc, argv)) return gf::cli::run(argc, argv);
  const auto window = gf::cli::window_arguments(argc, argv);
  return window ? gf::ui::run_window(argv[0], *window) : window.error();
}
