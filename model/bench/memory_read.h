// How fast this machine reads memory: what a decode step is measured against.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>

namespace gf::bench {

/// Holds 2 GiB of memory, which no cache can hold, or a quarter of the free memory where that is less.
class MemoryRead {
 public:
  explicit MemoryRead(int threads, std::stop_token stop = {});
  /// All of it is read once, each thread its share. Cancelled: 0.
  [[nodiscard]] double gb_per_s() const;

 private:
  std::stop_token stop_;
  std::size_t share_ = 0, threads_;  ///< 64-bit words of each thread
  std::unique_ptr<std::uint64_t[]> words_;
};

/// Best of 7 by so many threads. Cancelled: 0.
[[nodiscard]] double memory_read_gb_per_s(int threads = 2, const std::stop_token& stop = {});

}  // namespace gf::bench
