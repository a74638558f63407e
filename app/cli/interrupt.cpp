#include "app/cli/interrupt.h"

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include "model/base/signal_stack.h"

namespace gf::cli {
namespace {

constexpr std::array kInterruptSignals{SIGINT, SIGTERM};
constexpr char kInterruptStop = 's', kInterruptEnd = 'e';
std::atomic<int> interrupt_listener{-1};

/// A signal handler may do no more than this.
void tell_listener(int /*signal*/) {
  const int kept = errno;
  [[maybe_unused]] const auto written = write(interrupt_listener.load(), &kInterruptStop, 1);
  errno = kept;
}

}  // namespace

Interrupt::Interrupt() {
  if (pipe2(ends_.data(), O_CLOEXEC) != 0) return;  // a signal then ends the program, as without this
  interrupt_listener = ends_[1];
  watcher_ = std::thread([this] {
    char said = 0;
    while (true) {
      const auto n = read(ends_[0], &said, 1);
      if (n < 0 && errno == EINTR) continue;
      if (n != 1 || said == kInterruptEnd) return;
      source_.request_stop();
    }
  });
  have_signal_stack();
  struct sigaction action{};
  action.sa_handler = tell_listener;
  action.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND | SA_ONSTACK);
  for (std::size_t i = 0; i < kInterruptSignals.size(); ++i) sigaction(kInterruptSignals[i], &action, &before_[i]);
}

Interrupt::~Interrupt() {
  if (!watcher_.joinable()) return;
  for (std::size_t i = 0; i < kInterruptSignals.size(); ++i) sigaction(kInterruptSignals[i], &before_[i], nullptr);
  [[maybe_unused]] const auto written = write(ends_[1], &kInterruptEnd, 1);
  watcher_.join();
  interrupt_listener = -1;
  for (const int end : ends_) close(end);
}

}  // namespace gf::cli
