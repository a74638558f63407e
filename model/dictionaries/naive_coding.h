// The twins of encode() and decode(): written as the formulas, slow, for tests.
#pragma once

#include <span>
#include <vector>

#include "model/dictionaries/fitted.h"

namespace gf {

/// All activations of one row, [n].
[[nodiscard]] std::vector<float> naive_encode(const FittedDictionary& fitted, std::span<const float> x);
/// The row that is written for all activations, [d_out].
[[nodiscard]] std::vector<float> naive_decode(const FittedDictionary& fitted, std::span<const float> activations, std::span<const float> x);

}  // namespace gf
