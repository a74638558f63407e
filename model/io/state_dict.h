// Finds the weights in a file that a training script saved.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/error.h"
#include "model/io/assemble.h"
#include "model/io/files/torch_file.h"

namespace gf {

/// A dict of tensors, with the embedding.
struct StateDict {
  const PickleNode* dict = nullptr;  ///< into the file's pickle
  std::string place;                 ///< the keys that lead there, as in "state_dict"; empty: the file is the dict
};

/// Looks at the top and up to three levels down, first under model, state_dict, model_state_dict and module.
/// Errors: Unsupported (a module that was saved whole; an adapter; no such dict, with the keys that were found).
[[nodiscard]] Result<StateDict> find_state_dict(const TorchFile& file);

/// Adds the tensors of a state dict under Hugging Face's names, without mask buffers, and the file to `weights`.
/// Errors: as TorchFile::view(); Corrupt (a name twice), Unsupported (a parameter that is not a tensor).
[[nodiscard]] Result<void> add_state_dict(const TorchFile& file, const PickleNode& dict, FoundTensors& found, Weights& weights);

/// The sizes of a tensor of a state dict, looked up by its name without prefixes; empty: no such tensor.
[[nodiscard]] std::vector<std::int64_t> state_dict_sizes(const TorchFile& file, const PickleNode& dict, std::string_view name);

/// The number of heads, from a config, hyperparameters or arguments that were saved with the weights, as objects of any class.
[[nodiscard]] std::optional<int> heads_beside(const TorchFile& file);

}  // namespace gf
