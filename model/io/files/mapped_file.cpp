#include "model/io/files/mapped_file.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/base/files/read_descriptor.h"
#include "model/base/text.h"

namespace gf {

namespace {

// The signal handler may look at these: they are lock-free and never freed. A model in more files than this is refused.
struct MappedRange {
  std::atomic<std::uintptr_t> begin{0}, end{0};
  std::atomic<bool> cut{false};
};
constexpr std::size_t kMappedRanges = 1024;
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

std::array<MappedRange, kMappedRanges> mapped_ranges;
std::mutex mapped_ranges_mutex;  // for taking and returning slots; the handler only reads
struct sigaction previous_sigbus_action;

void on_sigbus(int signal, siginfo_t* info, void* context) {
  const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (MappedRange& range : mapped_ranges) {
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
  if ((previous_sigbus_action.sa_flags & SA_SIGINFO) != 0 && previous_sigbus_action.sa_sigaction != nullptr) {
    previous_sigbus_action.sa_sigaction(signal, info, context);
  } else if (previous_sigbus_action.sa_handler != SIG_DFL && previous_sigbus_action.sa_handler != SIG_IGN) {
    previous_sigbus_action.sa_handler(signal);
  } else {
    // On return the faulting access is repeated, and then ends the process as it would have done without this handler.
    struct sigaction fatal = {};
    fatal.sa_handler = SIG_DFL;
    sigaction(signal, &fatal, nullptr);
  }
}

// -1 where every slot is taken.
int take_mapped_slot(const void* data, std::size_t bytes) {
  const std::lock_guard lock(mapped_ranges_mutex);
  static const bool installed = [] {
    struct sigaction action = {};
    action.sa_sigaction = on_sigbus;
    action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;  // see signal_stack.h
    sigemptyset(&action.sa_mask);
    return sigaction(SIGBUS, &action, &previous_sigbus_action) == 0;
  }();
  static_cast<void>(installed);
  for (std::size_t i = 0; i < kMappedRanges; ++i) {
    if (mapped_ranges[i].begin.load(std::memory_order_relaxed) != 0) continue;
    const auto begin = reinterpret_cast<std::uintptr_t>(data);
    mapped_ranges[i].cut.store(false, std::memory_order_relaxed);
    mapped_ranges[i].end.store(begin + bytes, std::memory_order_release);
    mapped_ranges[i].begin.store(begin, std::memory_order_release);
    return static_cast<int>(i);
  }
  return -1;
}

void return_mapped_slot(int slot) {
  const std::lock_guard lock(mapped_ranges_mutex);
  MappedRange& range = mapped_ranges[static_cast<std::size_t>(slot)];
  range.begin.store(0, std::memory_order_release);
  range.end.store(0, std::memory_order_release);
}

/// `sentence` has places for the path and the system's reason.
tl::unexpected<Error> mapped_refused(const std::string& path, const char* sentence) {
  const int reason = errno;
  if (reason == ENOENT || reason == ENOTDIR) return fail(ErrorCode::NotFound, text("There is no file {0}.", path), "MappedFile");
  return fail(ErrorCode::Io, text(sentence, path, std::strerror(reason)), "MappedFile");
}

}  // namespace

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::string& path) {
  const ReadDescriptor file(path);
  if (file.get() < 0) return mapped_refused(path, phrase("Cannot open {0}: {1}."));
  struct stat status = {};
  if (fstat(file.get(), &status) != 0) return mapped_refused(path, phrase("Cannot look at {0}: {1}."));
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::Io, text("{0} is not a file.", path), "MappedFile");
  std::shared_ptr<MappedFile> mapped(new MappedFile);
  mapped->path_ = path;
  mapped->identity_ = identity_of(status);
  mapped->protected_ = InputFile(mapped->identity_);
  mapped->written_s_ = status.st_mtim.tv_sec;
  mapped->written_ns_ = status.st_mtim.tv_nsec;
  if (status.st_size == 0) return mapped;
  const auto size = static_cast<std::size_t>(status.st_size);
  void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (data == MAP_FAILED) return mapped_refused(path, phrase("Cannot map {0}: {1}."));
  mapped->data_ = static_cast<const std::byte*>(data);
  mapped->size_ = size;
  // The kernel maps whole pages, so the handler's range ends with one.
  const auto page = static_cast<std::size_t>(getpagesize());
  mapped->slot_ = take_mapped_slot(data, (size + page - 1) / page * page);
  if (mapped->slot_ < 0)
    return fail(ErrorCode::Unsupported,
                text("More than {0} files would be open at once with {1}; close other models first.", kMappedRanges, path));
  return mapped;
}

MappedFile::~MappedFile() {
  if (data_ == nullptr) return;
  if (slot_ >= 0) return_mapped_slot(slot_);
  munmap(const_cast<std::byte*>(data_), size_);
}

bool MappedFile::truncated() const {
  return slot_ >= 0 && mapped_ranges[static_cast<std::size_t>(slot_)].cut.load(std::memory_order_acquire);
}

bool MappedFile::overwritten() const {
  struct stat status = {};
  if (stat(path_.c_str(), &status) != 0 || identity_of(status) != identity_) return false;
  return status.st_mtim.tv_sec != written_s_ || status.st_mtim.tv_nsec != written_ns_;
}

Result<std::string> read_file(const std::string& path, std::size_t limit_bytes) {
  const ReadDescriptor file(path);
  if (file.get() < 0) return mapped_refused(path, phrase("Cannot open {0}: {1}."));
  struct stat status = {};
  if (fstat(file.get(), &status) != 0) return mapped_refused(path, phrase("Cannot look at {0}: {1}."));
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::Io, gf::text("{0} is not a file.", path), "read_file");
  if (static_cast<std::size_t>(status.st_size) > limit_bytes)
    return fail(ErrorCode::Unsupported,
                gf::text("{0} has {1} bytes, more than the {2} that such a file can need.", path, status.st_size, limit_bytes));
  note_input(identity_of(status));
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t got = file.read(text.data() + done, text.size() - done);
    if (got < 0) return mapped_refused(path, phrase("Cannot read {0}: {1}."));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  text.resize(done);
  return text;
}

}  // namespace gf
