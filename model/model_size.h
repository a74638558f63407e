// How large a model is, from its shapes alone: parameters by part, the work of a pass, and memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/weights.h"

namespace gf {

/// A part of a model with the tensors that belong to it alone.
struct ModelPart {
  const char* name;       ///< a phrase: "attention"
  std::string shape;      ///< of its one matrix, "50,257 × 768"; empty where it has several tensors
  bool in_block = false;  ///< each block has one
  int copies = 1;
  std::int64_t parameters = 0;  ///< of one copy
};

/// The parts in the order of a pass. Their parameters times copies add up to Weights::parameters(). A tied unembedding has none.
[[nodiscard]] std::vector<ModelPart> parts_of(const Weights& weights);
/// Parameters of one block: of all its parts.
[[nodiscard]] std::int64_t parameters_of_block(const std::vector<ModelPart>& parts);

/// FLOPs of a pass over T tokens with the logits of each, a multiplication and an addition counted as two:
/// 2T(matrix parameters + d_model n_vocab) + 2 n_layer d_model T(T+1), the scores and sums of values being causal.
[[nodiscard]] double pass_flops(const ModelConfig& config, int T);
/// The same with the logits of so many tokens only.
[[nodiscard]] double pass_flops(const ModelConfig& config, int T, int logit_rows);

/// Of all tensors, as they lie in memory.
[[nodiscard]] std::uint64_t weights_bytes(const Weights& weights);
/// Keys and values of T tokens in float32.
[[nodiscard]] std::uint64_t kv_bytes(const ModelConfig& config, int T);

}  // namespace gf
