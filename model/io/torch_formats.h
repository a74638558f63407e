// What torch.save wrote, whoever saved it: opened and read once, then given to the one who knows it.
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
