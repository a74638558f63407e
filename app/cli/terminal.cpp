#include "app/cli/terminal.h"

#include <cerrno>
#include <unistd.h>
#include <utility>

#include "model/base/printable.h"

namespace gf::cli {
namespace {

/// A control character of two bytes begins with this one, see printable().
constexpr char kHighControls = '\xC2';

bool write_to_terminal(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

ssize_t write_printable(void* held, const char* bytes, std::size_t count) {
  auto& before = *static_cast<std::string*>(held);
  std::string text = std::exchange(before, {}) + std::string(bytes, count);
  if (text.ends_with(kHighControls)) {
    before = kHighControls;
    text.pop_back();
  }
  return write_to_terminal(printable(text)) ? static_cast<ssize_t>(count) : 0;
}

}  // namespace

TerminalGuard::TerminalGuard() {
  if (isatty(STDOUT_FILENO) != 1) return;
  std::fflush(stdout);
  own_ = fopencookie(&held_, "w", {.read = nullptr, .write = write_printable, .seek = nullptr, .close = nullptr});
  if (own_ == nullptr) return;
  std::setvbuf(own_, nullptr, _IOLBF, BUFSIZ);
  before_ = std::exchange(stdout, own_);
}

TerminalGuard::~TerminalGuard() {
  if (own_ == nullptr) return;
  stdout = before_;
  std::fclose(own_);
}

}  // namespace gf::cli
