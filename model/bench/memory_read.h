// How fast this machine reads memory: what a decode step is measured against.
#pragma once

#include <cstddef>
#include <memory>
#include <stop_token>

#include "model/base/parallel.h"

namespace gf::bench {

/// More than a cache holds.
inline constexpr std::size_t kMoreThanCaches = std::size_t{2} << 30;

/// Memory of `bytes`, or a quarter of what is free where that is less, that several threads read. As large as a model's
/// weights, it finds as much of itself in the caches as decoding finds of the weights.
class MemoryRead {
 public:
  explicit MemoryRead(int threads, std::size_t bytes = kMoreThanCaches, std::stop_token stop = {});
  /// All of it is read once by each of several patterns: 1, 2, 4 and 8 streams a thread, and as a product of one row reads a
  /// matrix. The fastest counts. Cancelled, or without memory: 0.
  [[nodiscard]] double gb_per_s();

 private:
  struct Free {
    void operator()(float* memory) const;
  };
  /// Thread `part` reads its share.
  void read(std::size_t pattern, std::size_t part);

  std::stop_token stop_;
  ThreadPool pool_;
  std::size_t share_ = 0;  ///< floats of each thread
  std::unique_ptr<float[], Free> memory_;
};

/// Best of 3 by so many threads. Cancelled: 0.
[[nodiscard]] double memory_read_gb_per_s(int threads = 2, const std::stop_token& stop = {});

}  // namespace gf::bench
