#include "app/ui/shell/end_signals.h"

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include "model/base/signal_stack.h"

namespace gf::ui {
namespace {

std::atomic<int> end_listener{-1};

/// A signal handler may do no more than this.
void tell_end_listener(int /*signal*/) {
  const int kept = errno;
  const char byte = 'e';
  [[maybe_unused]] const auto written = write(end_listener.load(), &byte, 1);
  errno = kept;
}

}  // namespace

EndSignals::EndSignals(std::function<void()> end) {
  if (pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK) != 0) return;  // a signal then ends the program, as without this
  end_listener = ends_[1];
  notifier_ = std::make_unique<QSocketNotifier>(ends_[0], QSocketNotifier::Read);
  QObject::connect(notifier_.get(), &QSocketNotifier::activated, notifier_.get(), [this, end = std::move(end)] {
    char byte = 0;
    if (read(ends_[0], &byte, 1) == 1) end();
  });
  have_signal_stack();
  struct sigaction action{};
  action.sa_handler = tell_end_listener;
  action.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND | SA_ONSTACK);
  for (std::size_t i = 0; i < kEndSignals.size(); ++i) {
    sigaction(kEndSignals[i], nullptr, &before_[i]);
    // nohup, and a shell's background jobs, ignore some of them on purpose.
    if (before_[i].sa_handler != SIG_IGN) sigaction(kEndSignals[i], &action, nullptr);
  }
}

EndSignals::~EndSignals() {
  if (!notifier_) return;
  for (std::size_t i = 0; i < kEndSignals.size(); ++i) sigaction(kEndSignals[i], &before_[i], nullptr);
  end_listener = -1;
  notifier_.reset();
  for (const int end : ends_) close(end);
}

}  // namespace gf::ui
