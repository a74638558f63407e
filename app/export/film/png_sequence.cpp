// A film as a folder of PNG frames. They are gathered in a folder inside it and moved up when all are written.
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "app/export/film/frame_sink.h"
#include "model/base/files/input_files.h"
#include "model/base/text.h"

namespace gf::exporting {
namespace {

namespace fs = std::filesystem;

/// Random letters follow, so that films that are made at the same time do not share a folder.
constexpr std::string_view kGatheredFrames = ".frames.part.";

bool is_gathered_folder(const fs::path& path) { return path.filename().string().starts_with(kGatheredFrames); }

/// A folder that is open and locked for as long as this lives; the system unlocks it when the program ends, however it ends.
class LockedFolder {
 public:
  /// none() where the folder cannot be opened, or another film is made in it.
  explicit LockedFolder(const fs::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) {
    if (fd_ >= 0 && ::flock(fd_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) ::close(std::exchange(fd_, -1));
  }
  LockedFolder(const LockedFolder&) = delete;
  LockedFolder& operator=(const LockedFolder&) = delete;
  ~LockedFolder() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] bool none() const { return fd_ < 0; }
  /// Waits until all that its file system holds is on the disk.
  [[nodiscard]] std::error_code sync() const {
    return ::syncfs(fd_) == 0 ? std::error_code() : std::error_code(errno, std::generic_category());
  }

 private:
  int fd_ = -1;
};

std::string frame_name(int n) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "frame_%06d.png", n);
  return text.data();
}

bool is_frame_file(const fs::path& path) {
  const std::string name = path.filename().string();
  constexpr std::string_view kFront = "frame_", kBack = ".png";
  if (!name.starts_with(kFront) || !name.ends_with(kBack)) return false;
  const std::string digits = name.substr(kFront.size(), name.size() - kFront.size() - kBack.size());
  return digits.size() >= 6 && digits.find_first_not_of("0123456789") == std::string::npos;
}

tl::unexpected<Error> frames_refused(const std::string& folder, const std::error_code& error) {
  return fail(ErrorCode::Io, text("Cannot write frames to {0}: {1}.", folder, error.message()), "frames");
}

class FrameFolder final : public FrameSink {
 public:
  FrameFolder(std::string folder, fs::path gathered, bool fresh)
      : folder_(std::move(folder)), gathered_(std::move(gathered)), lock_(gathered_), fresh_(fresh) {}
  ~FrameFolder() override {
    std::error_code ignored;
    fs::remove_all(gathered_, ignored);
    if (fresh_ && !done_) fs::remove(folder_, ignored);
  }
  FrameFolder(const FrameFolder&) = delete;
  FrameFolder& operator=(const FrameFolder&) = delete;
  Result<void> add(const render::Image& frame, const std::stop_token& stop) override {
    if (stop.stop_requested()) return fail(ErrorCode::Cancelled, text("The film {0} was stopped.", folder_), "frames");
    return write_png(frame, (gathered_ / frame_name(++count_)).string(), {.to_disk = false});
  }
  Result<void> finish(const std::stop_token& stop) override {
    if (stop.stop_requested()) return fail(ErrorCode::Cancelled, text("The film {0} was stopped.", folder_), "frames");
    std::error_code error = lock_.sync();  // before the old film is removed
    std::vector<fs::path> old;
    if (error) return frames_refused(folder_, error);
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_, error))
      if (is_frame_file(entry.path())) old.push_back(entry.path());
    for (auto frame = old.begin(); frame != old.end() && !error; ++frame) fs::remove(*frame, error);
    for (int n = 1; n <= count_ && !error; ++n) fs::rename(gathered_ / frame_name(n), fs::path(folder_) / frame_name(n), error);
    if (error) return frames_refused(folder_, error);
    done_ = true;
    return {};
  }

 private:
  std::string folder_;
  fs::path gathered_;
  LockedFolder lock_;
  bool fresh_, done_ = false;
  int count_ = 0;
};

}  // namespace

Result<void> check_folder(const std::string& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (status.type() == fs::file_type::not_found) return {};
  if (status.type() != fs::file_type::directory)
    return fail(ErrorCode::InvalidArgument, text("{0} is not a folder; name a new one for the frames, with a / at its end.", folder),
                "frames");
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
    if (!is_frame_file(entry.path()) && !is_gathered_folder(entry.path()))
      return fail(ErrorCode::InvalidArgument,
                  text("The folder {0} has files that are no frames, such as {1}; name a new or empty folder.", folder,
                       entry.path().filename().string()),
                  "frames");
  if (error) return frames_refused(folder, error);
  // finish() replaces everything in the folder, so nothing in it may be a file that the program reads.
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder, error)) GF_TRY(check_output(entry.path().string()));
  if (error) return frames_refused(folder, error);
  return {};
}

Result<std::unique_ptr<FrameSink>> open_frames(const std::string& folder) {
  GF_TRY(check_folder(folder));
  std::error_code error;
  const bool fresh = fs::create_directory(folder, error);
  if (error) return frames_refused(folder, error);
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    // Of a program that was killed: nobody holds its lock.
    if (is_gathered_folder(entry.path()) && !LockedFolder(entry.path()).none()) fs::remove_all(entry.path(), error);
  }
  std::string gathered = (fs::path(folder) / kGatheredFrames).string() + "XXXXXX";
  if (mkdtemp(gathered.data()) == nullptr) error.assign(errno, std::generic_category());
  if (error) return frames_refused(folder, error);
  return std::make_unique<FrameFolder>(folder, gathered, fresh);
}

}  // namespace gf::exporting
