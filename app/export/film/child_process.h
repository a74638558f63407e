// A program that is started without a shell and fed through its standard input. Internal to app/export.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <sys/types.h>
#include <vector>

#include "model/base/error.h"

namespace gf::exporting {

/// Its standard output goes nowhere; what it says on standard error is kept. Killed and waited for by the destructor.
/// Not thread safe.
class ChildProcess {
 public:
  /// words[0] is looked up in PATH. Errors: NotFound where there is no such program, Io.
  [[nodiscard]] static Result<ChildProcess> start(std::vector<std::string> words);
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Blocks until all is taken; false: it has stopped reading, and finish() says why. A request to stop kills it.
  [[nodiscard]] bool write(std::span<const std::uint8_t> bytes, const std::stop_token& stop);
  /// Closes its input and waits for its end. Errors: Cancelled; Io with the last line that it said.
  [[nodiscard]] Result<void> finish(const std::stop_token& stop);

 private:
  ChildProcess(std::string name, pid_t pid, int input, int said) : name_(std::move(name)), pid_(pid), input_(input), said_(said) {}
  void end() noexcept;
  [[nodiscard]] std::string last_line() const;

  std::string name_;
  pid_t pid_ = -1;
  int input_ = -1, said_ = -1;
};

}  // namespace gf::exporting
