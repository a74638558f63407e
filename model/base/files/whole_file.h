// Atomic writing: a file is there under its name whole or not at all.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "model/base/error.h"
#include "model/base/files/file_part.h"

namespace gf {

struct WholeFileOptions {
  bool owner_only = false;  ///< nobody else may read a new file (mode 0600): it holds what the user has typed
  /// The bytes are on the disk before the old file is gone. Off for one of many files; sync_folder_of() once at their end.
  bool to_disk = true;
};

/// A file that is written beside its name (file_part.h) and takes it at the end, with the permissions of the file that it
/// replaces. A link is followed. Pipes and devices, such as /dev/null or /dev/stdout, are written to directly: a rename
/// would replace them by a file. A file that the program reads from is never written over (input_files.h).
/// Lifetime: what was not kept is removed by the destructor.
class WholeFile {
 public:
  /// Errors: Io, with the system's reason and what to do; InvalidArgument, as check_output().
  [[nodiscard]] static Result<WholeFile> create(const std::string& path, const WholeFileOptions& options = {});
  WholeFile(WholeFile&& other) noexcept = default;
  WholeFile& operator=(WholeFile&&) = delete;
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;
  ~WholeFile() = default;

  /// Errors: Io.
  [[nodiscard]] Result<void> write(std::string_view bytes);
  /// The last call: all is on the disk, and the file has its name. Errors: Io.
  [[nodiscard]] Result<void> keep();

 private:
  struct Close {
    void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
  };
  WholeFile(std::string path, std::string target, FilePart part, bool to_disk) noexcept;
  [[nodiscard]] tl::unexpected<Error> refused(int error_number) const;

  std::string path_;    ///< as it was asked for
  std::string target_;  ///< what a link leads to
  FilePart part_;       ///< none: written in place, or kept
  bool to_disk_ = true;
  std::unique_ptr<std::FILE, Close> file_;
};

/// The same in one call.
[[nodiscard]] Result<void> write_whole_file(const std::string& path, std::string_view bytes, const WholeFileOptions& options = {});

}  // namespace gf
