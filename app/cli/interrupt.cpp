#include "app/cli/interrupt.h"

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include "model/base/signal_stack.h"

namespace gf::cli {
namespace interrupt {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM};
constexpr char kStop = 's', kEnd = 'e';
std::atomic<int> listener{-1};

/// All that a handler may do.
void tell(int /*signal*/) {
  const int kept = errno;
  [[maybe_unused]] const auto written = write(listener.load(), &kStop, 1);
  errno = kept;
}

}  // namespace
}  // namespace interrupt

Interrupt::Interrupt() {
  if (pipe2(ends_.data(), O_CLOEXEC) != 0) return;  // then a signal ends the program, as ever
  interrupt::listener = ends_[1];
  watcher_ = std::thread([this] {
    char said = 0;
    while (true) {
      const auto n = read(ends_[0], &said, 1);
      if (n < 0 && errno == EINTR) continue;
      if (n != 1 || said == interrupt::kEnd) return;
      source_.request_stop();
    }
  });
  have_signal_stack();
  struct sigaction action{};
  action.sa_handler = interrupt::tell;
  action.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND | SA_ONSTACK);
  for (std::size_t i = 0; i < interrupt::kSignals.size(); ++i) sigaction(interrupt::kSignals[i], &action, &before_[i]);
}

Interrupt::~Interrupt() {
  if (!watcher_.joinable()) return;
  for (std::size_t i = 0; i < interrupt::kSignals.size(); ++i) sigaction(interrupt::kSignals[i], &before_[i], nullptr);
  [[maybe_unused]] const auto written = write(ends_[1], &interrupt::kEnd, 1);
  watcher_.join();
  interrupt::listener = -1;
  for (const int end : ends_) close(end);
}

}  // namespace gf::cli
