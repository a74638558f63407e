#include "model/bench/memory_read.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "model/cpu/kernels.h"

namespace gf::bench {
namespace {

/// Streams a thread; 0: the rows of a matrix, as a product of one row reads them.
constexpr std::array<std::size_t, 5> kReadPatterns{0, 1, 2, 4, 8};
constexpr std::size_t kReadColumns = 1024, kReadRows = 512;
constexpr std::size_t kReadMatrix = kReadColumns * kReadRows;
constexpr std::size_t kReadHugePage = std::size_t{2} << 20;

std::size_t bytes_to_read(std::size_t wanted) {
  constexpr std::size_t kLeast = std::size_t{4} << 20;
  const long pages = std::max(0L, sysconf(_SC_AVPHYS_PAGES)), page = sysconf(_SC_PAGESIZE);
  return std::max(kLeast, std::min(wanted, static_cast<std::size_t>(pages) * static_cast<std::size_t>(page) / 4));
}

}  // namespace

void MemoryRead::Free::operator()(float* memory) const { std::free(memory); }

MemoryRead::MemoryRead(int threads, std::size_t bytes, std::stop_token stop) : stop_(std::move(stop)), pool_(threads) {
  const auto parts = static_cast<std::size_t>(pool_.size());
  share_ = std::max<std::size_t>(1, bytes_to_read(bytes) / sizeof(float) / parts / kReadMatrix) * kReadMatrix;
  const std::size_t whole = (share_ * parts * sizeof(float) + kReadHugePage - 1) / kReadHugePage * kReadHugePage;
  memory_.reset(static_cast<float*>(std::aligned_alloc(kReadHugePage, whole)));
  if (!memory_) return;
  madvise(memory_.get(), whole, MADV_HUGEPAGE);  // only a hint
  pool_.parallel_for(parts, [this](std::size_t part) {
    for (std::size_t i = 0; i < share_ && !stop_.stop_requested(); i += kReadMatrix)
      std::fill_n(memory_.get() + part * share_ + i, kReadMatrix, 1.0F);
  });
}

void MemoryRead::read(std::size_t pattern, std::size_t part) {
  const cpu::Kernels& kernels = cpu::best_kernels();
  const float* mine = memory_.get() + part * share_;
  if (pattern > 0) return static_cast<void>(kernels.sum_streams(mine, share_, pattern));
  static const std::vector<float> ones(kReadRows, 1.0F);
  std::vector<float> sums(kReadColumns);
  for (std::size_t i = 0; i < share_; i += kReadMatrix) {
    const auto* matrix = reinterpret_cast<const std::byte*>(mine + i);
    kernels.gemv_in_major(matrix, DType::F32, kReadColumns, ones.data(), kReadRows, kReadColumns, nullptr, sums.data(),
                          matrix + kReadMatrix * sizeof(float));
  }
}

double MemoryRead::gb_per_s() {
  if (!memory_) return 0;
  // Little memory is read several times over, or the clock and the threads' first moments would count.
  constexpr std::size_t kLeastBytes = std::size_t{128} << 20;
  const auto parts = static_cast<std::size_t>(pool_.size());
  const std::size_t bytes = share_ * parts * sizeof(float), times = (kLeastBytes + bytes - 1) / bytes;
  double best = 0;
  for (const std::size_t pattern : kReadPatterns) {
    if (stop_.stop_requested()) return 0;
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < times; ++i) pool_.parallel_for(parts, [&](std::size_t part) { read(pattern, part); });
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    best = std::max(best, static_cast<double>(bytes * times) / seconds / 1e9);
  }
  return best;
}

double memory_read_gb_per_s(int threads, const std::stop_token& stop) {
  MemoryRead memory(threads, kMoreThanCaches, stop);
  double best = 0;
  for (int run = 0; run < 3 && !stop.stop_requested(); ++run) best = std::max(best, memory.gb_per_s());
  return stop.stop_requested() ? 0 : best;
}

}  // namespace gf::bench
