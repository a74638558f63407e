// What kernels are written against: on a device CUDA itself, elsewhere the shim. Global memory is reached through load
// and store alone, shared memory through Shared<T> alone, so that the executor can count the one and watch the other.
#pragma once

#include <cstdint>

#include "cuda/args.h"

#if defined(__CUDACC__)
#include <cuda_fp16.h>
#define GF_UNROLL _Pragma("unroll")
#define CUDA_LAUNCH(kernel, grid, block, shared, stream, ...) kernel<<<grid, block, shared, stream>>>(__VA_ARGS__)
#define DYN_SHARED(T, name)                                          \
  extern __shared__ __align__(16) unsigned char gf_shared_memory_[]; \
  ::gf::cuda::Shared<T> name = reinterpret_cast<T*>(gf_shared_memory_)

namespace gf::cuda {

template <class T>
using Shared = T*;
template <class To, class From>
__device__ __forceinline__ Shared<To> shared_cast(From* from) {
  return reinterpret_cast<To*>(from);
}

struct alignas(16) Words4 {
  std::uint32_t word[4];
};

template <class T>
__device__ __forceinline__ T load(const T* from) {
  return *from;
}
/// Weights pass once: they go around the first cache.
__device__ __forceinline__ Words4 load_streaming(const Words4* from) {
  const uint4 v = __ldcs(reinterpret_cast<const uint4*>(from));
  return {{v.x, v.y, v.z, v.w}};
}
template <class T>
__device__ __forceinline__ void store(T* to, T value) {
  *to = value;
}
__device__ __forceinline__ void count_flops(long) {}
__device__ __forceinline__ float bits_to_float(std::uint32_t bits) { return __uint_as_float(bits); }
__device__ __forceinline__ float f16_to_float(std::uint16_t bits) { return __half2float(__ushort_as_half(bits)); }
__device__ __forceinline__ float infinity() { return __uint_as_float(0x7f800000U); }

}  // namespace gf::cuda
#else
#define GF_UNROLL
#include "cuda/host/shim.h"
#endif

namespace gf::cuda {

__device__ inline int thread_index() { return static_cast<int>(threadIdx.x); }
__device__ inline int thread_count() { return static_cast<int>(blockDim.x); }
__device__ inline int block_x() { return static_cast<int>(blockIdx.x); }
__device__ inline int block_y() { return static_cast<int>(blockIdx.y); }
__device__ inline int block_z() { return static_cast<int>(blockIdx.z); }
__device__ inline int lane_index() { return thread_index() % 32; }
__device__ inline int warp_index() { return thread_index() / 32; }
__device__ inline int warp_count() { return thread_count() / 32; }

__device__ inline float bf16_to_float(std::uint16_t bits) { return bits_to_float(static_cast<std::uint32_t>(bits) << 16); }

/// Element i of weights, widened exactly.
__device__ inline float weight_at(const void* weights, int type, std::int64_t i) {
  if (type == kF32) return load(static_cast<const float*>(weights) + i);
  const std::uint16_t bits = load(static_cast<const std::uint16_t*>(weights) + i);
  return type == kF16 ? f16_to_float(bits) : bf16_to_float(bits);
}

template <class T>
__device__ inline T warp_sum(T v) {
  for (int step = 16; step > 0; step /= 2) v += __shfl_xor_sync(0xffffffffU, v, step);
  return v;
}
__device__ inline float warp_max(float v) {
  for (int step = 16; step > 0; step /= 2) v = fmaxf(v, __shfl_xor_sync(0xffffffffU, v, step));
  return v;
}

/// Sum over the block, the same for every thread. `slots` has one place for each warp.
template <class T>
__device__ inline T block_sum(T v, Shared<T> slots) {
  v = warp_sum(v);
  if (lane_index() == 0) slots[warp_index()] = v;
  __syncthreads();
  T total = 0;
  for (int w = 0; w < warp_count(); ++w) total += slots[w];
  __syncthreads();
  return total;
}
__device__ inline float block_max(float v, Shared<float> slots) {
  v = warp_max(v);
  if (lane_index() == 0) slots[warp_index()] = v;
  __syncthreads();
  float top = slots[0];
  for (int w = 1; w < warp_count(); ++w) top = fmaxf(top, slots[w]);
  __syncthreads();
  return top;
}

/// Floats before row r of packed causal rows.
__device__ inline std::int64_t causal_offset(CausalRows rows, int r) {
  const std::int64_t position = rows.first + r, first = rows.first;
  return rows.n_head * (position * (position + 1) / 2 - first * (first + 1) / 2);
}

}  // namespace gf::cuda
