#include "cuda/cuda_api.h"

namespace gf::cuda {

const char* name_of(Kernel kernel) {
  switch (kernel) {
#define KERNEL(name, Args) \
  case Kernel::name: return #name;
#include "cuda/kernels.def"
#undef KERNEL
  }
  return "";
}

}  // namespace gf::cuda
