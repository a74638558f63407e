// nanoGPT's ckpt.pt: a state dict with the sizes beside it. Source: github.com/karpathy/nanoGPT, train.py and model.py.
#pragma once

#include <memory>
#include <string>

#include "model/io/loaders.h"

namespace gf {

[[nodiscard]] bool probe_nanogpt(const std::string& path);
/// Errors: as load_weights.
[[nodiscard]] Result<std::shared_ptr<const Weights>> load_nanogpt(const std::string& path, const LoadOptions& options);

}  // namespace gf
