// Logits of a model as another implementation computes them: reference.json beside the weights.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/base/error.h"
#include "model/base/ids.h"
#include "model/weights.h"

namespace gf {

struct ReferenceLogits {
  std::string source;                      ///< "PyTorch 2.13"
  std::vector<TokenId> ids;                ///< of the pass; at least one
  std::vector<TokenId> columns;            ///< the tokens whose logits the file has; at least one
  std::vector<std::vector<float>> logits;  ///< [ids][columns]
};

/// nullopt where the model's folder has no such file. The weights of a training step, which lie in a folder below, have none.
/// Errors: Io; Corrupt for a file that does not fit the model. Safe to use for untrusted input.
[[nodiscard]] Result<std::optional<ReferenceLogits>> read_reference(const Weights& weights);
/// The same from its text; `path` is for messages.
[[nodiscard]] Result<ReferenceLogits> parse_reference(const std::string& json, const ModelConfig& config, const std::string& path);

}  // namespace gf
