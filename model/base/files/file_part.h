// A new file that is filled beside another one, and takes its name when it is whole.
#pragma once

#include <string>
#include <sys/types.h>
#include <tl/expected.hpp>

namespace gf {

/// A file NAME.RANDOM.part in the folder of `target`. It is always a new file: a link or a file that has this name already is
/// neither followed nor touched, and two writers never share one.
/// Lifetime: what was not kept is removed by the destructor. Errors are the system's numbers (errno).
class FilePart {
 public:
  /// `mode`: the permissions, less the process's umask.
  [[nodiscard]] static tl::expected<FilePart, int> beside(const std::string& target, mode_t mode);
  FilePart() = default;  ///< none
  FilePart(FilePart&& other) noexcept;
  FilePart& operator=(FilePart&& other) noexcept;
  FilePart(const FilePart&) = delete;
  FilePart& operator=(const FilePart&) = delete;
  ~FilePart();

  [[nodiscard]] bool none() const { return path_.empty(); }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] int descriptor() const { return fd_; }
  /// Renames the file to `target`, which must be in its folder. `to_disk`: the bytes are on the disk before the old file is
  /// gone, and so is the new name when this returns; a loss of power leaves the old file or the new one.
  [[nodiscard]] tl::expected<void, int> keep_as(const std::string& target, bool to_disk);

 private:
  void drop() noexcept;
  std::string path_;  ///< empty: none, or kept
  int fd_ = -1;
};

/// Waits until the names in the folder of `path` are on the disk. What the system cannot do is not an error.
void sync_folder_of(const std::string& path);

}  // namespace gf
