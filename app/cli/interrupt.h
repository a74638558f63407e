// Ctrl+C as a request to stop, for work that has something to clear away.
#pragma once

#include <array>
#include <csignal>
#include <stop_token>
#include <thread>

namespace gf::cli {

/// While it lives, SIGINT and SIGTERM ask to stop in place of ending the program. One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  std::array<int, 2> ends_{-1, -1};
  std::array<struct sigaction, 2> before_{};
  std::thread watcher_;
};

}  // namespace gf::cli
