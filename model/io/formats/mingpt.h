// State dicts of Linear weights: minGPT's model.pt, and those of programs like it, which lack nanoGPT's model_args.
// Source: github.com/karpathy/minGPT, mingpt/model.py; github.com/karpathy/build-nanogpt, train_gpt2.py.
#pragma once

#include "model/io/loaders.h"
#include "model/io/state_dict.h"

namespace gf {

/// Whether the matrices are [n_out, n_in]; in Hugging Face's state dicts they are [n_in, n_out].
[[nodiscard]] bool is_linear(const TorchFile& file, const StateDict& state);
/// Fills `weights`, whose path and name are known. The sizes follow from the shapes. The number of heads comes from
/// config.json beside the file, or from heads_beside(). Errors: as load_weights.
[[nodiscard]] Result<void> load_linear(const TorchFile& file, const StateDict& state, const LoadOptions& options, Weights& weights);

}  // namespace gf
