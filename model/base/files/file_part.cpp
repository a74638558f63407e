#include "model/base/files/file_part.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <sys/random.h>
#include <unistd.h>
#include <utility>

namespace gf {

namespace {

constexpr std::size_t kLongestPartStem = 230;  // with the letters after it a name has at most 255 bytes

std::string random_part_letters() {
  std::uint64_t bits = 0;
  if (getrandom(&bits, sizeof bits, 0) != static_cast<ssize_t>(sizeof bits)) bits = static_cast<std::uint64_t>(getpid());
  constexpr const char* kLetters = "0123456789abcdefghijklmnopqrstuv";
  std::string letters;
  for (int i = 0; i < 10; ++i, bits >>= 5) letters += kLetters[bits & 31];
  return letters;
}

/// Some file systems cannot do this, and say so.
bool cannot_sync(int error_number) { return error_number == EINVAL || error_number == ENOTSUP || error_number == EROFS; }

std::filesystem::path folder_of_part(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? std::filesystem::path(".") : folder;
}

}  // namespace

tl::expected<FilePart, int> FilePart::beside(const std::string& target, mode_t mode) {
  const std::string stem = std::filesystem::path(target).filename().string().substr(0, kLongestPartStem);
  constexpr int kMostTries = 100;
  for (int tries = 0;; ++tries) {
    FilePart part;
    std::string path = (folder_of_part(target) / (stem + "." + random_part_letters() + ".part")).string();
    part.fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (part.fd_ >= 0) {
      part.path_ = std::move(path);
      return part;
    }
    if (errno != EEXIST || tries == kMostTries) return tl::unexpected(errno);
  }
}

FilePart::FilePart(FilePart&& other) noexcept : path_(std::exchange(other.path_, {})), fd_(std::exchange(other.fd_, -1)) {}

FilePart& FilePart::operator=(FilePart&& other) noexcept {
  if (this == &other) return *this;
  drop();
  path_ = std::exchange(other.path_, {});
  fd_ = std::exchange(other.fd_, -1);
  return *this;
}

FilePart::~FilePart() { drop(); }

void FilePart::drop() noexcept {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  if (!path_.empty()) ::unlink(path_.c_str());
  path_.clear();
}

tl::expected<void, int> FilePart::keep_as(const std::string& target, bool to_disk) {
  if (to_disk && ::fsync(fd_) != 0 && !cannot_sync(errno)) return tl::unexpected(errno);
  // Over a network the last bytes may find no room when the file is closed.
  if (::close(std::exchange(fd_, -1)) != 0 && errno != EINTR) return tl::unexpected(errno);
  if (::rename(path_.c_str(), target.c_str()) != 0) return tl::unexpected(errno);
  path_.clear();
  if (to_disk) sync_folder_of(target);
  return {};
}

void sync_folder_of(const std::string& path) {
  const int folder = ::open(folder_of_part(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  static_cast<void>(::fsync(folder));
  ::close(folder);
}

}  // namespace gf
