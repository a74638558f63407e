// How fast oneDNN alone multiplies matrices of a model's shapes: what prefill is held against.
#pragma once

#include "model/weights.h"

namespace gf::bench {

/// GFLOP/s over all blocks' four matrices and the unembedding for T rows, with oneDNN's own threads and plain layouts;
/// best of three.
[[nodiscard]] double matmul_rate(const Weights& weights, int T, int threads);

}  // namespace gf::bench
