// How fast oneDNN alone multiplies matrices of a model's shapes: what prefill is held against.
#pragma once

#include <stop_token>

#include "model/weights.h"

namespace gf::bench {

/// GFLOP/s over all blocks' four matrices and the unembedding for T rows, with oneDNN's own threads and plain layouts;
/// best of three. 0 in a program that was built without oneDNN, and so is the next one.
[[nodiscard]] double matmul_rate(const Weights& weights, int T, int threads);

/// GFLOP/s of one product that is large enough for all threads; best of five. Cancelled: what was best so far.
[[nodiscard]] double machine_matmul_rate(int threads, const std::stop_token& stop);

}  // namespace gf::bench
