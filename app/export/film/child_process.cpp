#include "app/export/film/child_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "model/base/text.h"

extern char** environ;

namespace gf::exporting {

Result<ChildProcess> ChildProcess::start(std::vector<std::string> words) {
  EXPECTS(!words.empty(), "a program has a name");
  // A socket for its input: writing to one that has ended gives an error and not a signal.
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return fail(ErrorCode::Io, text("Cannot start {0}: {1}.", words[0], std::strerror(errno)), "socketpair");
  const int said = memfd_create("said", MFD_CLOEXEC);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  if (said >= 0) posix_spawn_file_actions_adddup2(&actions, said, STDERR_FILENO);
  // The child gets a process group of its own, so that Ctrl+C in a terminal reaches only Glassformer, which then ends the child.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, words[0].c_str(), &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[0]);
  ChildProcess child(words[0], error == 0 ? pid : -1, ends[1], said);
  if (error != 0)
    return fail(error == ENOENT ? ErrorCode::NotFound : ErrorCode::Io, text("Cannot start {0}: {1}.", words[0], std::strerror(error)),
                "posix_spawnp");
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : name_(std::move(other.name_)),
      pid_(std::exchange(other.pid_, -1)),
      input_(std::exchange(other.input_, -1)),
      said_(std::exchange(other.said_, -1)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this != &other) {
    end();
    name_ = std::move(other.name_);
    pid_ = std::exchange(other.pid_, -1);
    input_ = std::exchange(other.input_, -1);
    said_ = std::exchange(other.said_, -1);
  }
  return *this;
}

ChildProcess::~ChildProcess() { end(); }

void ChildProcess::end() noexcept {
  if (input_ >= 0) close(std::exchange(input_, -1));
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(std::exchange(pid_, -1), nullptr, 0);
  }
  if (said_ >= 0) close(std::exchange(said_, -1));
}

bool ChildProcess::write(std::span<const std::uint8_t> bytes, const std::stop_token& stop) {
  const std::stop_callback killed(stop, [pid = pid_] { kill(pid, SIGKILL); });
  while (!bytes.empty()) {
    const ssize_t n = send(input_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

Result<void> ChildProcess::finish(const std::stop_token& stop) {
  EXPECTS(pid_ > 0, "a process ends once");
  close(std::exchange(input_, -1));
  {
    // The child is not reaped yet, so its process id cannot belong to another process when it is killed.
    const std::stop_callback killed(stop, [pid = pid_] { kill(pid, SIGKILL); });
    siginfo_t info{};
    while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) continue;
  }
  int status = 0;
  waitpid(std::exchange(pid_, -1), &status, 0);
  if (stop.stop_requested()) return fail(ErrorCode::Cancelled, text("Stopped."), "ChildProcess");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const std::string line = last_line();
  if (!line.empty()) return fail(ErrorCode::Io, text("{0} says: {1}", name_, line), "ChildProcess");
  if (WIFSIGNALED(status)) return fail(ErrorCode::Io, text("{0} was ended by signal {1}.", name_, WTERMSIG(status)), "ChildProcess");
  return fail(ErrorCode::Io, text("{0} ended with status {1}.", name_, WEXITSTATUS(status)), "ChildProcess");
}

std::string ChildProcess::last_line() const {
  constexpr off_t kMost = 4096;
  const off_t size = said_ < 0 ? 0 : lseek(said_, 0, SEEK_END);
  if (size <= 0) return {};
  std::string text(static_cast<std::size_t>(std::min(size, kMost)), '\0');
  const ssize_t n = pread(said_, text.data(), text.size(), size - static_cast<off_t>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  const auto last = [&text] {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
    const auto line = text.find_last_of("\r\n");
    return line == std::string::npos ? text : text.substr(line + 1);
  };
  std::string line = last();
  // ffmpeg 5 ends "Error initializing output stream 0:0 --" without the reason, which is in the line above.
  if (!line.ends_with("--")) return line;
  text.resize(text.size() - line.size());
  const std::string above = last();
  return above.empty() ? line : above;
}

}  // namespace gf::exporting
