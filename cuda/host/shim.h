// CUDA's words for a host compiler: what platform.cuh needs to run the kernels on the executor.
#pragma once

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <source_location>

#include "cuda/host/executor.h"
#include "model/tensor.h"

// NOLINTBEGIN(bugprone-reserved-identifier): the names are CUDA's
#define __global__ inline
#define __device__
// NOLINTEND(bugprone-reserved-identifier)
#define threadIdx (::gf::cuda::host::place.thread)
#define blockIdx (::gf::cuda::host::place.block)
#define blockDim (::gf::cuda::host::place.block_size)
#define DYN_SHARED(T, name) const ::gf::cuda::Shared<T> name(0)

namespace gf::cuda {

namespace host {

/// One element of shared memory: reads and writes of it are seen by the race checker.
template <class T>
class SharedElement {
 public:
  explicit SharedElement(std::size_t offset) : offset_(offset) {}
  operator T() const {  // reads as a plain element does
    place.executor->shared_access(offset_, sizeof(T), false);
    T value;
    std::memcpy(&value, place.executor->shared_memory() + offset_, sizeof(T));
    return value;
  }
  const SharedElement& operator=(T value) const {
    place.executor->shared_access(offset_, sizeof(T), true);
    std::memcpy(place.executor->shared_memory() + offset_, &value, sizeof(T));
    return *this;
  }

 private:
  std::size_t offset_;
};

}  // namespace host

/// A pointer into the block's shared memory.
template <class T>
class Shared {
 public:
  explicit Shared(std::size_t offset) : offset_(offset) {}
  host::SharedElement<T> operator[](int i) const {
    return host::SharedElement<T>(offset_ + static_cast<std::size_t>(static_cast<std::ptrdiff_t>(i)) * sizeof(T));
  }
  Shared operator+(int n) const { return Shared(offset_ + static_cast<std::size_t>(static_cast<std::ptrdiff_t>(n)) * sizeof(T)); }
  [[nodiscard]] std::size_t offset() const { return offset_; }

 private:
  std::size_t offset_;
};
template <class To, class From>
Shared<To> shared_cast(Shared<From> from) {
  return Shared<To>(from.offset());
}

struct alignas(16) Words4 {
  std::uint32_t word[4];
};

template <class T>
T load(const T* from) {
  if (!host::place.executor->memory().touch(from, sizeof(T), false)) host::place.executor->give_up("a load outside of device memory");
  return *from;
}
inline Words4 load_streaming(const Words4* from) {
  if (std::bit_cast<std::uintptr_t>(from) % 16 != 0) host::place.executor->give_up("a load of 16 bytes that is not aligned");
  return load(from);
}
template <class T>
void store(T* to, std::type_identity_t<T> value) {
  if (!host::place.executor->memory().touch(to, sizeof(T), true)) host::place.executor->give_up("a store outside of device memory");
  *to = value;
}
inline void count_flops(long n) { host::place.executor->memory().count_flops(static_cast<std::uint64_t>(n)); }

inline float bits_to_float(std::uint32_t bits) { return std::bit_cast<float>(bits); }
inline float f16_to_float(std::uint16_t bits) { return f16_to_f32(bits); }
inline float infinity() { return std::numeric_limits<float>::infinity(); }

inline void syncthreads(std::source_location where = std::source_location::current()) {
  host::place.executor->barrier(where.file_name(), where.line());
}
template <class T>
T shuffle_xor(T value, int mask) {
  static_assert(sizeof(T) <= sizeof(std::uint64_t));
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  bits = host::place.executor->exchange(bits, static_cast<unsigned>(mask));
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

}  // namespace gf::cuda

// NOLINTBEGIN(bugprone-reserved-identifier): the names are CUDA's
#define __syncthreads() ::gf::cuda::syncthreads()
#define __shfl_xor_sync(all, value, mask) ::gf::cuda::shuffle_xor(value, mask)
// NOLINTEND(bugprone-reserved-identifier)
