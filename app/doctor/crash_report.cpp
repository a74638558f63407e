// Before the crash all is prepared; in the handler only what POSIX allows there is called (and backtrace(), which is loaded
// beforehand). Names of functions are looked up at the next start, in a healthy process.
#include "app/doctor/crash_report.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <filesystem>
#include <link.h>
#include <memory>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "model/base/broken_contract.h"
#include "model/base/files/text_file.h"
#include "model/base/signal_stack.h"
#include "model/base/text.h"

namespace gf::doctor {
namespace {

namespace fs = std::filesystem;

constexpr std::array kCrashSignals{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr std::size_t kCommands = 16, kFrames = 64, kMapsBytes = 1 << 20, kKeptReports = 10, kMostReportBytes = 1 << 20;
constexpr const char *kCrashNew = "crash-", *kCrashSeen = "seen-", *kCrashEnding = ".txt";

// What the handler uses. Filled by report_crashes(), but for the commands.
char crash_folder[4096], crash_file[4096], crash_program[64];
std::array<std::atomic<const char*>, kCommands> crash_commands{};
std::atomic<std::uint64_t> crash_command_count{0};
std::atomic_flag crash_begun = ATOMIC_FLAG_INIT;
char crash_maps[kMapsBytes];

void crash_write(int to, const char* text, std::size_t length) {
  while (length > 0) {
    const ssize_t written = ::write(to, text, length);
    if (written <= 0) return;
    text += written;
    length -= static_cast<std::size_t>(written);
  }
}
void crash_write(int to, const char* text) { crash_write(to, text, std::strlen(text)); }

void crash_write_number(int to, std::uintptr_t number, unsigned base) {
  char digits[20];
  std::size_t at = sizeof digits;
  do digits[--at] = "0123456789abcdef"[number % base];
  while ((number /= base) > 0);
  crash_write(to, digits + at, sizeof digits - at);
}

std::uintptr_t crash_hex(const char*& at, const char* end) {
  std::uintptr_t number = 0;
  for (; at < end; ++at) {
    const char c = *at;
    if (c >= '0' && c <= '9') number = number * 16 + static_cast<std::uintptr_t>(c - '0');
    else if (c >= 'a' && c <= 'f') number = number * 16 + static_cast<std::uintptr_t>(c - 'a' + 10);
    else break;
  }
  return number;
}

/// Writes "MODULE+0xOFFSET" of an address, by the text of /proc/self/maps.
void crash_write_place(int to, std::uintptr_t address, const char* maps, const char* end) {
  std::uintptr_t base = 0;
  const char* base_path = nullptr;
  std::size_t base_length = 0;
  for (const char* line = maps; line < end;) {
    const char* next = line;
    while (next < end && *next != '\n') ++next;
    const char* at = line;
    const std::uintptr_t from = crash_hex(at, next);
    if (at < next) ++at;
    const std::uintptr_t until = crash_hex(at, next);
    const char* path = at;
    while (path < next && *path != '/') ++path;
    const auto length = static_cast<std::size_t>(next - path);
    if (base_path == nullptr || length != base_length || std::memcmp(path, base_path, length) != 0) {
      base = from;
      base_path = path;
      base_length = length;
    }
    if (address >= from && address < until && length > 0) {
      const char* name = next;
      while (name > path && name[-1] != '/') --name;
      crash_write(to, name, static_cast<std::size_t>(next - name));
      crash_write(to, "+0x");
      crash_write_number(to, address - base, 16);
      return;
    }
    line = next + 1;
  }
  crash_write(to, "?");
}

void write_report(int to, int signal) {
  crash_write(to, "glassformer " GLASSFORMER_VERSION "\nprogram ");
  crash_write(to, crash_program);
  crash_write(to, "\nsignal ");
  crash_write_number(to, static_cast<std::uintptr_t>(signal), 10);
  crash_write(to, "\n");
  if (*broken_contract() != '\0') {
    crash_write(to, "contract ");
    crash_write(to, broken_contract());
    crash_write(to, "\n");
  }
  const std::uint64_t count = crash_command_count.load();
  for (std::uint64_t i = count > kCommands ? count - kCommands : 0; i < count; ++i)
    if (const char* id = crash_commands[i % kCommands].load()) {
      crash_write(to, "command ");
      crash_write(to, id);
      crash_write(to, "\n");
    }
  void* frames[kFrames];
  const int n = backtrace(frames, static_cast<int>(kFrames));
  std::size_t bytes = 0;
  if (const int maps = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC); maps >= 0) {
    for (ssize_t got = 0; bytes < kMapsBytes && (got = ::read(maps, crash_maps + bytes, kMapsBytes - bytes)) > 0;)
      bytes += static_cast<std::size_t>(got);
    ::close(maps);
  }
  for (int i = 0; i < n; ++i) {
    crash_write(to, "frame ");
    crash_write_place(to, reinterpret_cast<std::uintptr_t>(frames[i]), crash_maps, crash_maps + bytes);
    crash_write(to, "\n");
  }
}

void on_crash(int signal, siginfo_t* /*info*/, void* /*context*/) {
  // A second crash, in the handler or on another thread, ends the program at once.
  if (!crash_begun.test_and_set()) {
    ::mkdir(crash_folder, S_IRWXU);
    const int to = ::open(crash_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (to >= 0) {
      write_report(to, signal);
      ::fsync(to);
      ::close(to);
    }
  }
  struct sigaction fatal = {};
  fatal.sa_handler = SIG_DFL;
  sigaction(signal, &fatal, nullptr);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  raise(signal);
}

/// Tells one build of the program from another.
std::string program_stamp() {
  struct stat status = {};
  if (::stat("/proc/self/exe", &status) != 0) return "?";
  return std::to_string(status.st_size) + "-" + std::to_string(status.st_mtim.tv_sec);
}

bool copy_path(char* to, std::size_t room, const std::string& path) {
  if (path.size() >= room) return false;
  std::memcpy(to, path.c_str(), path.size() + 1);
  return true;
}

/// Where a module lies in this process, by the last part of its name; 0: it is not loaded.
std::uintptr_t base_of(const std::string& module) {
  struct Wanted {
    std::string module, own;
    std::uintptr_t base = 0;
  } wanted{module, {}, 0};
  std::error_code error;
  wanted.own = fs::read_symlink("/proc/self/exe", error).filename().string();
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* data) {
        auto& w = *static_cast<Wanted*>(data);
        const std::string name = *info->dlpi_name == '\0' ? w.own : fs::path(info->dlpi_name).filename().string();
        if (name != w.module) return 0;
        w.base = info->dlpi_addr;
        return 1;
      },
      &wanted);
  return wanted.base;
}

/// "MODULE+0xOFFSET" with the function's name behind it, where it is known.
std::string with_name(const std::string& place) {
  const auto plus = place.rfind("+0x");
  if (plus == std::string::npos) return place;
  const std::uintptr_t base = base_of(place.substr(0, plus));
  if (base == 0) return place;
  Dl_info info = {};
  // A frame is where a call returns to; one byte before is in the call.
  const std::uintptr_t address = base + std::strtoull(place.c_str() + plus + 3, nullptr, 16) - 1;
  if (dladdr(reinterpret_cast<void*>(address), &info) == 0 || info.dli_sname == nullptr) return place;
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> plain(abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status), &std::free);
  return place + "  " + (plain ? plain.get() : info.dli_sname);
}

std::vector<fs::path> reports_in(const fs::path& folder, const char* begin) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::directory_iterator at(folder, error);
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with(begin) && name.ends_with(kCrashEnding)) files.push_back(at->path());
  }
  std::ranges::sort(files);  // by time, which their names begin with
  return files;
}

}  // namespace

void report_crashes(const std::string& folder) {
  const std::string file =
      (fs::path(folder) / (kCrashNew + std::to_string(std::time(nullptr)) + "-" + std::to_string(getpid()) + kCrashEnding)).string();
  if (!copy_path(crash_folder, sizeof crash_folder, folder) || !copy_path(crash_file, sizeof crash_file, file)) return;
  std::error_code error;
  fs::create_directories(fs::path(folder).parent_path(), error);
  copy_path(crash_program, sizeof crash_program, program_stamp());
  void* first[1];
  static_cast<void>(backtrace(first, 1));  // loads what it needs
  have_signal_stack();
  struct sigaction action = {};
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (const int signal : kCrashSignals) sigaction(signal, &action, nullptr);
}

void note_command(const char* id) {
  const std::uint64_t at = crash_command_count.fetch_add(1);
  crash_commands[at % kCommands].store(id);
}

std::optional<CrashReport> newest_crash(const std::string& folder) {
  const auto files = reports_in(folder, kCrashNew);
  if (files.empty()) return {};
  CrashReport report;
  report.file = files.back().string();
  const auto written = read_text_file(report.file, phrase("report"), kMostReportBytes);
  if (!written) return {};
  std::istringstream lines(*written);
  bool same = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("program ")) same = line == "program " + program_stamp();
    if (same && line.starts_with("frame ")) line = "frame " + with_name(line.substr(6));
    if (line.starts_with("signal "))
      if (const int signal = std::atoi(line.c_str() + 7); signal > 0 && signal < NSIG) line += std::string(" ") + strsignal(signal);
    report.text += line + "\n";
  }
  return report;
}

std::string put_aside(const CrashReport& report) {
  const fs::path file(report.file), aside = file.parent_path() / (kCrashSeen + file.filename().string().substr(std::strlen(kCrashNew)));
  std::error_code error, ignored;
  fs::rename(file, aside, error);
  auto seen = reports_in(file.parent_path(), kCrashSeen);
  for (std::size_t i = 0; i + kKeptReports < seen.size(); ++i) fs::remove(seen[i], ignored);
  return error ? report.file : aside.string();
}

}  // namespace gf::doctor
