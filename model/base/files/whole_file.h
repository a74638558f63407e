// Files that stand under their name whole or not at all.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "model/base/error.h"

namespace gf {

/// A file that is written beside its name (PATH.part) and takes it at the end, with the permissions of the file that it
/// replaces. A link is followed. Pipes and devices, such as /dev/null or /dev/stdout, are written to directly: a rename
/// would replace them by a file. A file that the program reads from is never written over (input_files.h).
/// Lifetime: what was not kept is removed by the destructor.
class WholeFile {
 public:
  /// Errors: Io, with the system's reason and what to do; InvalidArgument, as check_output().
  [[nodiscard]] static Result<WholeFile> create(const std::string& path);
  WholeFile(WholeFile&& other) noexcept;
  WholeFile& operator=(WholeFile&&) = delete;
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;
  ~WholeFile();

  /// Errors: Io.
  [[nodiscard]] Result<void> write(std::string_view bytes);
  /// The last call: all is on its way to the disk, and the file has its name. Errors: Io.
  [[nodiscard]] Result<void> keep();

 private:
  struct Close {
    void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
  };
  WholeFile(std::string path, std::string target, std::string part) noexcept;
  [[nodiscard]] tl::unexpected<Error> refused(int error_number) const;

  std::string path_;    ///< as it was asked for
  std::string target_;  ///< what a link leads to
  std::string part_;    ///< to be removed; empty: written in place, or kept
  std::unique_ptr<std::FILE, Close> file_;
};

/// The same in one call.
[[nodiscard]] Result<void> write_whole_file(const std::string& path, std::string_view bytes);

}  // namespace gf
