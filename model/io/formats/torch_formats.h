// Files of torch.save, from any program: a file is opened and read once, and given to the format that knows it.
#pragma once

#include <memory>
#include <string>

#include "model/io/loaders.h"

namespace gf {

/// A file of torch.save's, a folder with one of the usual names in it, or pytorch_model.bin.index.json with its shards.
[[nodiscard]] bool probe_torch(const std::string& path);
/// Errors: as load_weights.
[[nodiscard]] Result<std::shared_ptr<const Weights>> load_torch(const std::string& path, const LoadOptions& options);

}  // namespace gf
