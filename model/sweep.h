// Sweeps without batches, and what they cost.
#pragma once

#include <cstdint>

#include "model/backend.h"
#include "model/config.h"

namespace gf {

/// The naive twin of Backend::sweep(), and what serves where a backend has no batches: each variant is a forward pass
/// from the block of its cut on, or from the first token that differs. Errors: those of Backend::forward().
[[nodiscard]] Result<std::uint64_t> sweep_one_by_one(Backend& backend, const Sweep& sweep);

/// Multiply-adds of one run of T tokens, blocks [first_block, n_layer) and the last row's logits: products with the
/// weights, and those of attention as squares.
[[nodiscard]] std::uint64_t full_pass_work(const ModelConfig& config, int T, int first_block = 0);

}  // namespace gf
