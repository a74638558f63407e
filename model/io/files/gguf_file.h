// The GGUF container: key-value pairs, a table of tensors, then their blocks. Source: github.com/ggml-org/ggml, docs/gguf.md.
#pragma once

#include <cstdint>
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

struct GgufValue {
  enum class Kind : std::uint8_t { Int, Float, Text, Texts, Other };
  Kind kind = Kind::Other;
  std::int64_t integer = 0;               ///< Int; a bool is 0 or 1
  double real = 0;                        ///< Float
  std::string_view text{};                ///< Text; into the file
  std::vector<std::string_view> texts{};  ///< Texts: an array of texts. Other arrays are Other.
  std::vector<std::int32_t> numbers{};    ///< of an array of int32, which is Other too
};

struct GgufTensor {
  std::string name;
  std::vector<std::uint64_t> extents;  ///< outermost first; the file has them the other way round
  std::uint32_t type = 0;              ///< ggml_type
  std::uint64_t begin = 0;             ///< bytes from the start of the file
};

/// An open file. Safe to use on untrusted files: every count is compared with the bytes that are left.
class GgufFile {
 public:
  /// Errors: NotFound, Io, Corrupt, Unsupported (versions other than 2 and 3).
  [[nodiscard]] static Result<GgufFile> open(const std::string& path);

  [[nodiscard]] const GgufValue* find(std::string_view key) const;  ///< nullptr: none
  [[nodiscard]] std::span<const GgufTensor> tensors() const { return tensors_; }
  [[nodiscard]] const std::shared_ptr<const MappedFile>& file() const { return file_; }

  /// A view of a tensor whose type gguf_blocks.h has; quantised ones are widened to F32. A tensor that is widened or lies
  /// misaligned is copied, and the copy is appended to `storage`. Errors: Corrupt (beyond the file), Unsupported (other types, by name).
  [[nodiscard]] Result<TensorView> view(const GgufTensor& tensor, std::vector<std::shared_ptr<const void>>& storage) const;

 private:
  std::shared_ptr<const MappedFile> file_;
  std::map<std::string, GgufValue, std::less<>> values_;
  std::vector<GgufTensor> tensors_;
};

[[nodiscard]] bool looks_like_gguf(std::span<const std::byte> bytes);

}  // namespace gf
