// How fast oneDNN alone multiplies matrices of a model's shapes: what prefill is held against.
#pragma once

#include <stop_token>

#include "model/weights.h"

namespace gf::bench {

/// The least time that oneDNN takes for the products of a pass over T tokens. Each kind of matrix is timed on its own, over all
/// blocks as they lie in memory, in the ways that oneDNN can be asked: weights as they lie and packed into its own layout, one
/// call on all threads and one call for each thread's share of the columns.
struct MatmulLimit {
  double blocks_seconds = 0;               ///< qkv, o, in, out of all blocks, for T rows
  double unembed_seconds = 0;              ///< for T rows
  double one_row_seconds = 0;              ///< of the unembedding, for one row
  double blocks_flops = 0, row_flops = 0;  ///< the latter: of one row of logits

  /// GFLOP/s of a pass that makes the logits of all T rows, or of the last one alone.
  [[nodiscard]] double gflops_of_all(int T) const;
  [[nodiscard]] double gflops_of_last() const;
};
/// All zero in a program that was built without oneDNN, and so is the next one. threads 0: all.
[[nodiscard]] MatmulLimit matmul_limit(const Weights& weights, int T, int threads);

/// GFLOP/s of one product that is large enough for all threads, in the same ways. Cancelled: what was best so far.
[[nodiscard]] double machine_matmul_rate(int threads, const std::stop_token& stop);

}  // namespace gf::bench
