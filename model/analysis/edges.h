// Edge attribution patching: which writer matters to which reader.
#pragma once

#include <string>
#include <vector>

#include "model/analysis/gradient_runs.h"

namespace gf {

/// What a sender writes to the stream, as a receiver reads it before its LayerNorm.
struct EdgeScore {
  std::string from, to;  ///< "embed", "2.7", "mlp.3"; "4.0.q", "mlp.4", "logits"
  double score = 0;      ///< (clean - corrupt) of what is sent, along the gradient at the receiver's input
};

/// Every edge, strongest first; of equal ones in the order of the pass. `steps`: as for each_gradient().
[[nodiscard]] Result<std::vector<EdgeScore>> edge_scores(const Asking& asking, const PromptPair& pair, int steps);
/// m of the corrupt run in which `edges` alone carry what the circuit itself computes from the clean prompt: every other edge
/// carries its corrupt value.
[[nodiscard]] Result<double> circuit_value(const Asking& asking, const PromptPair& pair, std::span<const EdgeScore> edges);
/// Edges are those of the unedited model. Errors: InvalidArgument where a recipe has an enabled edit.
[[nodiscard]] Result<void> check_unedited(const Recipe& recipe);
/// The hooks that both need of the pair's runs.
[[nodiscard]] CapturePlan edge_plan();

}  // namespace gf
