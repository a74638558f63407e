// A plugin as one finds it on a machine whose driver is older than what the plugin was built with.
#include "cuda/cuda_api.h"
#include "cuda/plugin/refusal.h"

extern "C" __attribute__((visibility("default"))) gf::cuda::Api* glassformer_cuda_open(int /*abi*/, char* message, std::size_t bytes) {
  using gf::cuda::DeviceSearch;
  gf::cuda::refuse({.answer = DeviceSearch::Answer::InsufficientDriver, .driver = 11040, .needed = 13000}, message, bytes);
  return nullptr;
}
