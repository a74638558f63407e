// nanoGPT's ckpt.pt: a state dict with the sizes beside it. Source: github.com/karpathy/nanoGPT, train.py and model.py.
#pragma once

#include "model/io/loaders.h"
#include "model/io/state_dict.h"

namespace gf {

[[nodiscard]] bool is_nanogpt(const TorchFile& file);
/// Fills `weights`, whose path and name are known. Errors: as load_weights.
[[nodiscard]] Result<void> load_nanogpt(const TorchFile& file, const StateDict& state, const LoadOptions& options, Weights& weights);

}  // namespace gf
