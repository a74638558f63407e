// The program where it is built without its window: the command line alone.
#include <csignal>

#include "app/cli/backend_choice.h"
#include "app/cli/options.h"
#include "app/cli/subcommands.h"
#include "model/io/translations.h"

int main(int argc, char** argv) {
  // A file that may not grow further (ulimit -f) is then an error of the write, as a full disk is.
  static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
  if (const auto spoken = gf::speak(gf::locale_of_environment()); !spoken) gf::cli::say(spoken.error().message);
  gf::cli::offer_cuda();
  return gf::cli::run(argc, argv);
}
