// The zip files that PyTorch writes: stored entries, one after the other, with a table at the end.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/base/error.h"

namespace gf {

struct ZipEntry {
  std::string name;
  std::span<const std::byte> bytes;  ///< inside the file
};

/// The entries, in the order of the table. Safe to use on untrusted files: every entry lies inside the file and has the
/// checksum that the table says (a checksum of 0 is not compared: PyTorch writes it where it was told to compute none).
/// Errors: Corrupt, Unsupported (compressed or encrypted entries, by name).
/// Source: PKWARE, APPNOTE 6.3.10, 4.3 and 4.5.3.
[[nodiscard]] Result<std::vector<ZipEntry>> read_stored_zip(std::span<const std::byte> file, const std::string& path);

}  // namespace gf
