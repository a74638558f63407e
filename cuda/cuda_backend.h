// The backend that computes on a device. It knows the device through Api alone, so the same code runs on a GPU (the
// plugin's Api) and in tests (host/host_api.h).
#pragma once

#include <memory>
#include <string>

#include "cuda/cuda_api.h"
#include "model/backend.h"

namespace gf::cuda {

/// "NVIDIA H100 80GB HBM3, 84.93 GB, compute capability 9.0, driver for CUDA 13.0, products: cuBLAS 13.0"
[[nodiscard]] std::string text_of(const Card& card);

/// `api` may live in a plugin: `keep_loaded` is held until after it is gone. Nothing is asked of the device before load().
[[nodiscard]] std::unique_ptr<Backend> make_cuda_backend(std::unique_ptr<Api> api, std::shared_ptr<void> keep_loaded = nullptr);

}  // namespace gf::cuda
