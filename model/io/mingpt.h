// minGPT's model.pt: a bare state dict. Source: github.com/karpathy/minGPT, mingpt/model.py.
#pragma once

#include <memory>
#include <string>

#include "model/io/loaders.h"

namespace gf {

[[nodiscard]] bool probe_mingpt(const std::string& path);
/// The sizes follow from the shapes; the number of heads from config.json beside the file. Errors: as load_weights.
[[nodiscard]] Result<std::shared_ptr<const Weights>> load_mingpt(const std::string& path, const LoadOptions& options);

}  // namespace gf
