// A file that is open for reading.
#pragma once

#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <string>
#include <sys/types.h>
#include <unistd.h>
#include <utility>

namespace gf {

/// The system's descriptor of an open file, which the destructor closes, or that of standard input, which stays open.
class ReadDescriptor {
 public:
  /// Opens the file. O_NONBLOCK: the open() of a pipe would wait for a writer.
  explicit ReadDescriptor(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  [[nodiscard]] static ReadDescriptor standard_input() { return ReadDescriptor(); }
  ReadDescriptor(ReadDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)), closes_(other.closes_) {}
  ReadDescriptor& operator=(ReadDescriptor&&) = delete;
  ReadDescriptor(const ReadDescriptor&) = delete;
  ReadDescriptor& operator=(const ReadDescriptor&) = delete;
  ~ReadDescriptor() {
    if (closes_ && fd_ >= 0) ::close(fd_);
  }

  /// -1: the file could not be opened, and errno said why.
  [[nodiscard]] int get() const { return fd_; }
  /// Reads up to `count` bytes. 0: the file has ended; -1: errno says why. Signals do not end it.
  [[nodiscard]] ssize_t read(char* to, std::size_t count) const {
    ssize_t got = -1;
    do got = ::read(fd_, to, count);
    while (got < 0 && errno == EINTR);
    return got;
  }

 private:
  ReadDescriptor() : fd_(STDIN_FILENO), closes_(false) {}
  int fd_;
  bool closes_ = true;
};

}  // namespace gf
