#include "cuda/host/kernels.h"

#include "cuda/kernels/all.cuh"

namespace gf::cuda::host {

void run_kernel(Kernel kernel, const void* args) {
  switch (kernel) {
#define KERNEL(name, Args) \
  case Kernel::name: cuda::name(*static_cast<const Args*>(args)); return;
#include "cuda/kernels.def"
#undef KERNEL
  }
}

std::size_t args_bytes(Kernel kernel) {
  switch (kernel) {
#define KERNEL(name, Args) \
  case Kernel::name: return sizeof(Args);
#include "cuda/kernels.def"
#undef KERNEL
  }
  return 0;
}

}  // namespace gf::cuda::host
