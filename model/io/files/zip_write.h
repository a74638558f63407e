// Writing a zip file of stored entries, as NumPy and PyTorch read it. Source: PKWARE, APPNOTE 6.3.10.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/files/whole_file.h"

namespace gf {

template <class T>
void put_little_endian(std::string& to, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i) to += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i));
}

/// Entries one after the other; the file outlives the writer, and is kept by the caller after finish().
class ZipWriter {
 public:
  struct Entry {
    std::string name;
    std::uint64_t bytes = 0, begin = 0;
    std::uint32_t checksum = 0;
  };
  /// Gives the bytes of an entry in pieces. It is called twice: for the checksum, which stands before the bytes, and for the bytes.
  using Bytes = std::function<Result<void>(const std::function<Result<void>(std::string_view)>& write)>;

  explicit ZipWriter(WholeFile& file) : file_(file) {}
  /// Errors: Io, those of `make`.
  Result<void> add(const std::string& name, std::uint64_t bytes, const Bytes& make);
  /// The table at the end. Errors: Io.
  Result<void> finish();

 private:
  Result<void> put(std::string_view bytes);

  WholeFile& file_;
  std::uint64_t at_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace gf
