// A plugin without a GPU: the executor in a card's place, so that a whole program can be tried through the door that a card
// comes in by (GLASSFORMER_CUDA_PLUGIN). Its matrices are multiplied by the kernel that GPUs without cuBLAS use.
#include <cstdio>
#include <new>

#include "cuda/host/host_api.h"

extern "C" __attribute__((visibility("default"))) gf::cuda::Api* glassformer_cuda_open(int abi, char* message, std::size_t bytes) {
  using gf::cuda::host::HostApi;
  if (abi != gf::cuda::kAbi) {
    std::snprintf(message, bytes, "this plugin belongs to another version of the program");
    return nullptr;
  }
  auto* api = new (std::nothrow) HostApi({.seed = 1, .memory_bytes = std::size_t{1} << 30, .own_products = true});
  if (api == nullptr) std::snprintf(message, bytes, "no memory for the executor");
  return api;
}
