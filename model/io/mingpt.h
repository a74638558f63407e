// State dicts of Linear weights: minGPT's model.pt, and what programs after its example save without nanoGPT's model_args.
// Source: github.com/karpathy/minGPT, mingpt/model.py; github.com/karpathy/build-nanogpt, train_gpt2.py.
#pragma once

#include "model/io/loaders.h"
#include "model/io/state_dict.h"

namespace gf {

/// What tells it from Hugging Face's is how the matrices lie: [n_out, n_in].
[[nodiscard]] bool is_linear(const TorchFile& file, const StateDict& state);
/// Fills `weights`, whose path and name are known. The sizes follow from the shapes; the number of heads from config.json
/// beside the file, or what stands beside the weights in it. Errors: as load_weights.
[[nodiscard]] Result<void> load_linear(const TorchFile& file, const StateDict& state, const LoadOptions& options, Weights& weights);

}  // namespace gf
