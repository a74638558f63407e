// bench --plan cuda: what the GPU's kernels have to do. bench --backend cuda: how long a GPU takes.
#pragma once

#include "app/cli/options.h"

namespace gf::cli {

/// Counts on the CPU, for GPT-2 small, what each kernel moves and computes for a prompt of T tokens and
/// for one token at that context, and prints it with the time that known devices need at least. Returns the exit code.
int print_cuda_plan(int T, bool json);

struct CudaBench {
  ModelOptions model;
  std::string shape;  ///< of random weights, instead of a model; empty: the model
  std::string dtype;  ///< of random weights: "f32", "f16"
  int T = 1024;
};
/// Runs the model on the GPU and prints for each kernel its time by events, what it moves and computes, and the share of
/// the device's limits; and by the clock: copying, launches, prompts, tokens, a head that is cut. Returns the exit code;
/// without a GPU it fails with the reason.
int print_cuda_times(const CudaBench& bench, bool json);

}  // namespace gf::cli
