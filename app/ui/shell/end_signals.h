// The signals that ask a program to end, as an event of the window.
#pragma once

#include <QSocketNotifier>
#include <array>
#include <csignal>
#include <functional>
#include <memory>

namespace gf::ui {

/// While it lives, the first SIGTERM, SIGINT or SIGHUP calls `end` on the GUI thread; a second one ends the program at once, in
/// case the window does not. There is one object at a time.
class EndSignals {
 public:
  explicit EndSignals(std::function<void()> end);
  ~EndSignals();
  EndSignals(const EndSignals&) = delete;
  EndSignals& operator=(const EndSignals&) = delete;

 private:
  static constexpr std::array kEndSignals{SIGTERM, SIGINT, SIGHUP};
  std::array<int, 2> ends_{-1, -1};
  std::array<struct sigaction, kEndSignals.size()> before_{};
  std::unique_ptr<QSocketNotifier> notifier_;
};

}  // namespace gf::ui
