// Hugging Face's older form: pytorch_model.bin beside config.json.
#pragma once

#include <memory>
#include <string>

#include "model/io/loaders.h"

namespace gf {

[[nodiscard]] bool probe_pytorch(const std::string& path);
/// Errors: as load_weights.
[[nodiscard]] Result<std::shared_ptr<const Weights>> load_pytorch(const std::string& path, const LoadOptions& options);

}  // namespace gf
