// minGPT's model.pt: a bare state dict. Source: github.com/karpathy/minGPT, mingpt/model.py.
#pragma once

#include "model/io/loaders.h"

namespace gf {

class TorchFile;

[[nodiscard]] bool is_mingpt(const TorchFile& file);
/// Fills `weights`, whose path and name are known. The sizes follow from the shapes; the number of heads from config.json
/// beside the file. Errors: as load_weights.
[[nodiscard]] Result<void> load_mingpt(const TorchFile& file, const LoadOptions& options, Weights& weights);

}  // namespace gf
