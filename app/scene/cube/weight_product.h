// Products with a weight: which input, which columns, which bias make a hook. Shared by animations and cubes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/scene/cards/explain_parts.h"

namespace gf::scene {

/// y = x W + b of one hook. Lifetime: views into the pass's weights.
struct WeightProduct {
  HookKind from = HookKind::Z;             ///< the input, of the same block as the hook
  const LayerNormWeights* norm = nullptr;  ///< whose gain and shift the input gets first; null: none
  const Matrix* matrix = nullptr;
  const TensorView* bias = nullptr;  ///< null or empty: none
  std::string weight;                ///< the matrix's name in the table
  int column0 = 0, outputs = 0;      ///< the matrix's columns
  std::string words, factor;         ///< "attention out" and "W_O"
};
/// nullopt: the hook is not made by a product with a weight.
[[nodiscard]] std::optional<WeightProduct> weight_product(const explaining::Pass& pass, HookId hook);
/// What the product reads at a position, gain and shift included. Empty where the run did not keep it.
[[nodiscard]] std::vector<double> input_of(const explaining::Pass& pass, const WeightProduct& product, HookId hook, int position);

}  // namespace gf::scene
