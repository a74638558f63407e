// Ctrl+C as a request to stop, for work that has to remove what it began.
#pragma once

#include <array>
#include <csignal>
#include <stop_token>
#include <string>
#include <thread>

#include "model/base/error.h"
#include "model/base/text.h"

namespace gf::cli {

/// While it lives, the first SIGINT or SIGTERM requests a stop and does not end the program; a second one ends it, in case
/// the work does not stop. There is one object at a time, on the main thread, to which the system gives the signals.
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

/// Cancelled means here that the user stopped the work: the error says `sentence`.
template <class T>
[[nodiscard]] Result<T> stopped(Result<T> result, const char* sentence) {
  if (!result && result.error().code == ErrorCode::Cancelled) result.error().message = text(sentence);
  return result;
}

}  // namespace gf::cli
