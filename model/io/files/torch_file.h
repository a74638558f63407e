// Files of torch.save: a pickle, and the storages of numbers to which it refers; a zip file, or the form before PyTorch 1.6.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/error.h"
#include "model/io/files/mapped_file.h"
#include "model/io/files/pickle.h"
#include "model/tensor.h"

namespace gf {

/// An open file. Safe to use on untrusted files: the program runs nothing of them, and every tensor is inside its storage.
class TorchFile {
 public:
  /// Errors: NotFound, Io, Corrupt, Unsupported (big-endian files).
  [[nodiscard]] static Result<TorchFile> open(const std::string& path);

  [[nodiscard]] const Pickle& pickle() const { return pickle_; }
  [[nodiscard]] const PickleNode& root() const { return pickle_.at(pickle_.root()); }
  [[nodiscard]] const std::shared_ptr<const MappedFile>& file() const { return file_; }

  /// A view of a Tensor node of rank <= 4 in F32, F16 or BF16; float64 is narrowed to F32. A tensor that is narrowed, or
  /// does not lie dense and aligned, is copied, and the copy is appended to `storage`. Errors: Corrupt (beyond its storage),
  /// Unsupported (other types, by name).
  [[nodiscard]] Result<TensorView> view(const std::string& name, const PickleNode& tensor,
                                        std::vector<std::shared_ptr<const void>>& storage) const;
  [[nodiscard]] bool is_f64(const PickleNode& tensor) const;

 private:
  Result<void> open_zip();
  Result<void> open_legacy();
  std::shared_ptr<const MappedFile> file_;
  Pickle pickle_;
  std::map<std::string, std::span<const std::byte>, std::less<>> storages_;
};

/// Whether the bytes begin like torch.save's: a zip file, or a pickle of protocol 2 or later.
[[nodiscard]] bool looks_like_torch(std::span<const std::byte> bytes);

/// The file at a path that may be torch.save's: the path itself, or in a folder a file with a usual name. Empty: none.
[[nodiscard]] std::string torch_path(const std::string& path);

}  // namespace gf
