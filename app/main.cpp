// Chooses a front end: the command line, or the window.
#include <csignal>
#include <malloc.h>
#include <string>
#include <vector>

#include "app/cli/backend_choice.h"
#include "app/cli/options.h"
#include "app/cli/subcommands.h"
#include "app/cli/window_arguments.h"
#include "app/ui/shell/window_app.h"
#include "app/ui/shell/window_arguments.h"
#include "model/io/translations.h"

namespace {

/// glibc raises these limits with each large block that is freed, up to 32 MiB, and then keeps what analyses have given back: 70 MB for
/// GPT-2 small.
void give_back_large_blocks() {
  constexpr int kOwnMapping = 1 << 20, kKeptAtEnd = 4 << 20;
  mallopt(M_MMAP_THRESHOLD, kOwnMapping);
  mallopt(M_TRIM_THRESHOLD, kKeptAtEnd);
}

}  // namespace

int main(int argc, char** argv) {
  give_back_large_blocks();
  // A file that may not grow further (ulimit -f) is then an error of the write, as a full disk is. ffmpeg inherits this.
  static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
  if (const auto spoken = gf::speak(gf::locale_of_environment()); !spoken) gf::cli::say(spoken.error().message);
  gf::cli::offer_cuda();
  if (gf::cli::is_command(argc, argv)) return gf::cli::run(argc, argv);
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto taken = gf::ui::take_calls(words);
  if (!taken) {
    gf::cli::say(taken.error().message);
    return 2;
  }
  std::vector<const char*> others{argv[0]};
  for (const std::string& word : taken->others) others.push_back(word.c_str());
  const auto window = gf::cli::window_arguments(static_cast<int>(others.size()), others.data());
  return window ? gf::ui::run_window(argv[0], *window, taken->calls) : window.error();
}
