// A file as read-only memory.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "model/base/error.h"
#include "model/base/files/input_files.h"

namespace gf {

/// Maps a whole file. Nothing is read until it is touched. The bytes are untrusted, and may change while they are mapped.
///
/// A file that is cut short while it is mapped raises SIGBUS where its lost pages are touched. A process-wide handler,
/// installed with the first mapping, puts zeros in their place and notes it: truncated() is then true, and callers
/// throw away what they computed from the bytes. A SIGBUS anywhere else goes to the handler that was there before.
/// While a file is mapped, the program does not write over it (input_files.h).
/// Thread safe. Lifetime: views into bytes() end with the last pointer to this object.
class MappedFile {
 public:
  /// Errors: NotFound, Io (with the system's reason).
  [[nodiscard]] static Result<std::shared_ptr<const MappedFile>> open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  [[nodiscard]] std::span<const std::byte> bytes() const { return {data_, size_}; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool truncated() const;
  /// Whether another program has written into the file since it was opened, so that its bytes are neither the old nor the new
  /// ones. Not so where the file was replaced by another one: the mapping is that of the old one. Asks the system.
  [[nodiscard]] bool overwritten() const;

 private:
  MappedFile() = default;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  int slot_ = -1;  ///< in the handler's table; -1: empty file
  std::string path_;
  InputFile protected_;
  FileIdentity identity_;
  std::int64_t written_s_ = 0, written_ns_ = 0;  ///< when the file was last written to before it was opened
};

/// The bytes of a small file, which is noted as an input. Errors: NotFound, Io; Unsupported if it is larger than limit_bytes.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t limit_bytes);

}  // namespace gf
