// Sweeps without batches, what they cost, and how their answers are compared.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/backend.h"
#include "model/config.h"

namespace gf {

/// The naive twin of Backend::sweep(), and what serves where a backend has no batches: each variant is a forward pass
/// from the block of its cut on, or from the first token that differs. Errors: those of Backend::forward().
[[nodiscard]] Result<std::uint64_t> sweep_one_by_one(Backend& backend, const Sweep& sweep);

/// Multiply-adds of one run of T tokens, blocks [first_block, n_layer) and the last row's logits: products with the
/// weights, and those of attention as squares.
[[nodiscard]] std::uint64_t full_pass_work(const ModelConfig& config, int T, int first_block = 0);

/// KL(base || other) in nats for many others: what depends on the base alone is computed once.
class KlFrom {
 public:
  explicit KlFrom(std::span<const float> base_logits);
  [[nodiscard]] double to(std::span<const float> other_logits) const;

 private:
  std::vector<double> p_, log_p_;
};

}  // namespace gf
