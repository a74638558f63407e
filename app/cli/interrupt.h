// Ctrl+C as a request to stop, for work that has something to clear away.
#pragma once

#include <array>
#include <csignal>
#include <stop_token>
#include <string>
#include <thread>

#include "model/base/error.h"

namespace gf::cli {

/// While it lives, SIGINT and SIGTERM ask to stop in place of ending the program; a second one ends it, should nobody
/// listen. One at a time, on the main thread, which the system gives them to.
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

/// What was cancelled here was stopped by the user: `what` begins the sentence.
template <class T>
[[nodiscard]] Result<T> stopped(Result<T> result, const char* what) {
  if (!result && result.error().code == ErrorCode::Cancelled) result.error().message = std::string(what) + " was stopped.";
  return result;
}

}  // namespace gf::cli
