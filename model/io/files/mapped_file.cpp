#include "model/io/files/mapped_file.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gf {

namespace mapped_file {

// What the signal handler may look at: lock-free, never freed. A model in more files than this is refused.
struct Range {
  std::atomic<std::uintptr_t> begin{0}, end{0};
  std::atomic<bool> cut{false};
};
constexpr std::size_t kRanges = 1024;
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

std::array<Range, kRanges> ranges;
std::mutex ranges_mutex;  // for taking and returning slots; the handler only reads
struct sigaction previous_action;

void on_sigbus(int signal, siginfo_t* info, void* context) {
  const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (Range& range : ranges) {
    const std::uintptr_t begin = range.begin.load(std::memory_order_acquire);
    const std::uintptr_t end = range.end.load(std::memory_order_acquire);
    if (begin == 0 || at < begin || at >= end) continue;
    const int saved_errno = errno;
    const std::uintptr_t page = at & ~(static_cast<std::uintptr_t>(getpagesize()) - 1);
    void* zeros = mmap(reinterpret_cast<void*>(page), end - page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    errno = saved_errno;
    if (zeros == MAP_FAILED) break;
    range.cut.store(true, std::memory_order_release);
    return;
  }
  if ((previous_action.sa_flags & SA_SIGINFO) != 0 && previous_action.sa_sigaction != nullptr) {
    previous_action.sa_sigaction(signal, info, context);
  } else if (previous_action.sa_handler != SIG_DFL && previous_action.sa_handler != SIG_IGN) {
    previous_action.sa_handler(signal);
  } else {
    // The faulting access is repeated on return, and then ends the process as it would have without us.
    struct sigaction fatal = {};
    fatal.sa_handler = SIG_DFL;
    sigaction(signal, &fatal, nullptr);
  }
}

// -1 where every slot is taken.
int take_slot(const void* data, std::size_t bytes) {
  const std::lock_guard lock(ranges_mutex);
  static const bool installed = [] {
    struct sigaction action = {};
    action.sa_sigaction = on_sigbus;
    action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;  // see signal_stack.h
    sigemptyset(&action.sa_mask);
    return sigaction(SIGBUS, &action, &previous_action) == 0;
  }();
  static_cast<void>(installed);
  for (std::size_t i = 0; i < kRanges; ++i) {
    if (ranges[i].begin.load(std::memory_order_relaxed) != 0) continue;
    const auto begin = reinterpret_cast<std::uintptr_t>(data);
    ranges[i].cut.store(false, std::memory_order_relaxed);
    ranges[i].end.store(begin + bytes, std::memory_order_release);
    ranges[i].begin.store(begin, std::memory_order_release);
    return static_cast<int>(i);
  }
  return -1;
}

void return_slot(int slot) {
  const std::lock_guard lock(ranges_mutex);
  Range& range = ranges[static_cast<std::size_t>(slot)];
  range.begin.store(0, std::memory_order_release);
  range.end.store(0, std::memory_order_release);
}

tl::unexpected<Error> refused(const std::string& path, const char* doing) {
  const int reason = errno;
  if (reason == ENOENT || reason == ENOTDIR) return fail(ErrorCode::NotFound, "There is no file " + path + ".", "MappedFile");
  return fail(ErrorCode::Io, std::string("Cannot ") + doing + " " + path + ": " + std::strerror(reason) + ".", "MappedFile");
}

struct Descriptor {
  explicit Descriptor(int opened) : fd(opened) {}
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int fd;
};

}  // namespace mapped_file

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::string& path) {
  const mapped_file::Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) return mapped_file::refused(path, "open");
  struct stat status = {};
  if (fstat(file.fd, &status) != 0) return mapped_file::refused(path, "look at");
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::Io, path + " is not a file.", "MappedFile");
  std::shared_ptr<MappedFile> mapped(new MappedFile);
  mapped->path_ = path;
  mapped->protected_ = InputFile(identity_of(status));
  if (status.st_size == 0) return mapped;
  const auto size = static_cast<std::size_t>(status.st_size);
  void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (data == MAP_FAILED) return mapped_file::refused(path, "map");
  mapped->data_ = static_cast<const std::byte*>(data);
  mapped->size_ = size;
  // The kernel maps whole pages, so the handler's range ends with one.
  const auto page = static_cast<std::size_t>(getpagesize());
  mapped->slot_ = mapped_file::take_slot(data, (size + page - 1) / page * page);
  if (mapped->slot_ < 0)
    return fail(ErrorCode::Unsupported, "More than " + std::to_string(mapped_file::kRanges) + " files would be open at once with " + path +
                                            "; close other models first.");
  return mapped;
}

MappedFile::~MappedFile() {
  if (data_ == nullptr) return;
  if (slot_ >= 0) mapped_file::return_slot(slot_);
  munmap(const_cast<std::byte*>(data_), size_);
}

bool MappedFile::truncated() const {
  return slot_ >= 0 && mapped_file::ranges[static_cast<std::size_t>(slot_)].cut.load(std::memory_order_acquire);
}

Result<std::string> read_file(const std::string& path, std::size_t limit_bytes) {
  const mapped_file::Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) return mapped_file::refused(path, "open");
  struct stat status = {};
  if (fstat(file.fd, &status) != 0) return mapped_file::refused(path, "look at");
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::Io, path + " is not a file.", "read_file");
  if (static_cast<std::size_t>(status.st_size) > limit_bytes)
    return fail(ErrorCode::Unsupported, path + " has " + std::to_string(status.st_size) + " bytes, more than the " +
                                            std::to_string(limit_bytes) + " that such a file can need.");
  note_input(identity_of(status));
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t got = ::read(file.fd, text.data() + done, text.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return mapped_file::refused(path, "read");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  text.resize(done);
  return text;
}

}  // namespace gf
