// The safetensors container: an 8-byte length, a JSON table, then raw little-endian tensors.
// Source: github.com/huggingface/safetensors, "Format".
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/error.h"
#include "model/io/files/mapped_file.h"
#include "model/tensor.h"

namespace gf {

/// One row of the table, checked: begin <= end <= file size, end - begin = elements * size of dtype, no overlap.
struct SafetensorsEntry {
  std::string name;
  std::string dtype;                 ///< as written: "F32", "BOOL", ...
  std::vector<std::int64_t> shape;   ///< as long as the file says
  std::uint64_t begin = 0, end = 0;  ///< bytes from the start of the file
};

/// An open file. Safe to use on untrusted files: the whole table is checked before any tensor is touched.
class SafetensorsFile {
 public:
  /// Errors: NotFound, Io, Corrupt (what is wrong, with its tensor), Unsupported (an unknown dtype).
  [[nodiscard]] static Result<SafetensorsFile> open(const std::string& path);

  [[nodiscard]] std::span<const SafetensorsEntry> entries() const { return entries_; }  ///< in the order of the data
  [[nodiscard]] const SafetensorsEntry* find(std::string_view name) const;              ///< nullptr: none
  [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return metadata_; }
  [[nodiscard]] const std::shared_ptr<const MappedFile>& file() const { return file_; }

  /// A view of an F32, F16 or BF16 tensor of rank <= 4; F64 is narrowed to F32. A tensor that is narrowed or isn't aligned
  /// to its element is copied, and the copy is appended to `storage`. Errors: Unsupported (other dtypes and ranks, by name).
  [[nodiscard]] Result<TensorView> view(const SafetensorsEntry& entry, std::vector<std::shared_ptr<const void>>& storage) const;

 private:
  std::shared_ptr<const MappedFile> file_;
  std::vector<SafetensorsEntry> entries_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::map<std::string, std::string> metadata_;
};

/// Whether the bytes begin like a safetensors file: a length, then an object.
[[nodiscard]] bool looks_like_safetensors(std::span<const std::byte> bytes);

/// A tensor to write.
struct SafetensorsTensor {
  std::string name;
  TensorView view;
};
using SafetensorsSink = std::function<Result<void>(std::span<const std::byte>)>;
/// Hands the bytes of tensor i to the sink when its turn comes, in pieces of any size, so that the tensors need not stand in
/// memory all at once. An error ends the writing.
using SafetensorsMaker = std::function<Result<void>(std::size_t i, const SafetensorsSink& write)>;
/// Writes the tensors in the order given, without gaps, because the reference reader refuses gaps. Replaces an existing file
/// when all tensors are written; if it fails, the path holds what it held before. With `make` the views need no data.
/// Errors: Io, InvalidArgument (a name twice), those of `make`.
[[nodiscard]] Result<void> write_safetensors(const std::string& path, std::span<const SafetensorsTensor> tensors,
                                             const std::map<std::string, std::string>& metadata = {}, const SafetensorsMaker& make = {});

}  // namespace gf
