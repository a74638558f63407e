// Hugging Face's older form: pytorch_model.bin beside config.json, in one file or in shards.
#pragma once

#include <string>

#include "model/io/loaders.h"
#include "model/io/state_dict.h"

namespace gf {

/// Fills `weights`, whose path and name are known. Errors: as load_weights.
[[nodiscard]] Result<void> load_pytorch(const TorchFile& file, const StateDict& state, const LoadOptions& options, Weights& weights);
/// The same from pytorch_model.bin.index.json.
[[nodiscard]] Result<void> load_pytorch_shards(const std::string& index, const LoadOptions& options, Weights& weights);

}  // namespace gf
