// What a launch has to read, write and compute, from its arguments. The executor counts the same from what its kernels
// really do, and a test holds the two against each other.
#pragma once

#include <cstdint>

#include "cuda/cuda_api.h"

namespace gf::cuda {

struct Cost {
  std::uint64_t bytes = 0;  ///< of device memory: each value that is read or written, once
  std::uint64_t flops = 0;
};
/// `args` is the kernel's struct of args.h. How many rows, heads or tiles a launch covers follows from the grid.
[[nodiscard]] Cost cost_of(Kernel kernel, Grid grid, const void* args);
[[nodiscard]] Cost cost_of(const Gemm& gemm);

}  // namespace gf::cuda
