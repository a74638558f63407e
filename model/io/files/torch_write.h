// Writing tensors as torch.save does, so that torch.load gives a dict of them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/base/error.h"

namespace gf {

/// A float32 tensor under its key. Lifetime: `values` outlives the call that writes it.
struct TorchTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::span<const float> values;
};

/// {name: tensor}: a zip file with a pickle (protocol 2) and one storage a tensor, for torch.load with weights_only too.
/// Errors: Io.
/// Source: torch/serialization.py of PyTorch 2, _save().
[[nodiscard]] Result<void> write_torch_tensors(const std::string& path, std::span<const TorchTensor> tensors);

}  // namespace gf
