// The kernels as functions of one thread, for the executor.
#pragma once

#include "cuda/cuda_api.h"

namespace gf::cuda::host {

/// What the current lane of the current executor does. `args` is the kernel's struct of args.h.
void run_kernel(Kernel kernel, const void* args);
[[nodiscard]] std::size_t args_bytes(Kernel kernel);

}  // namespace gf::cuda::host
