#include "model/bench/memory_read.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <numeric>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gf::bench {
namespace {

constexpr std::size_t kBlock = 8;

std::size_t bytes_to_read() {
  constexpr std::size_t kWanted = std::size_t{2} << 30, kLeast = std::size_t{64} << 20;
  const long pages = std::max(0L, sysconf(_SC_AVPHYS_PAGES)), page = sysconf(_SC_PAGESIZE);
  return std::clamp(static_cast<std::size_t>(pages) * static_cast<std::size_t>(page) / 4, kLeast, kWanted);
}

/// The sum of what body(thread) gives, each on a thread of its own.
std::uint64_t on_threads(std::size_t threads, const std::function<std::uint64_t(std::size_t thread)>& body) {
  std::vector<std::uint64_t> answers(threads);
  {
    std::vector<std::jthread> others;
    for (std::size_t t = 1; t < threads; ++t) others.emplace_back([&, t] { answers[t] = body(t); });
    answers[0] = body(0);
  }
  return std::accumulate(answers.begin(), answers.end(), std::uint64_t{0});
}

}  // namespace

MemoryRead::MemoryRead(int threads, std::stop_token stop) : stop_(std::move(stop)), threads_(static_cast<std::size_t>(threads)) {
  share_ = bytes_to_read() / sizeof(std::uint64_t) / threads_ / kBlock * kBlock;
  words_ = std::make_unique_for_overwrite<std::uint64_t[]>(share_ * threads_);
  on_threads(threads_, [this](std::size_t thread) {  // each touches first what it will read
    constexpr std::size_t kPiece = std::size_t{1} << 20;
    std::uint64_t* first = words_.get() + thread * share_;
    for (std::size_t i = 0; i < share_ && !stop_.stop_requested(); i += kPiece) std::fill_n(first + i, std::min(kPiece, share_ - i), 1);
    return std::uint64_t{0};
  });
}

double MemoryRead::gb_per_s() const {
  if (stop_.stop_requested()) return 0;
  const auto start = std::chrono::steady_clock::now();
  const std::uint64_t sum = on_threads(threads_, [this](std::size_t thread) {
    const std::uint64_t* first = words_.get() + thread * share_;
    std::uint64_t sums[kBlock] = {};
    for (std::size_t i = 0; i < share_; i += kBlock)
      for (std::size_t j = 0; j < kBlock; ++j) sums[j] += first[i + j];
    return std::accumulate(std::begin(sums), std::end(sums), std::uint64_t{0});
  });
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const std::size_t words = share_ * threads_;
  if (sum != words) return 0;  // cut short while it was filled; also keeps the reads from being left out
  return static_cast<double>(words * sizeof(std::uint64_t)) / seconds / 1e9;
}

double memory_read_gb_per_s(int threads, const std::stop_token& stop) {
  const MemoryRead memory(threads, stop);
  double best = 0;
  for (int run = 0; run < 7; ++run) best = std::max(best, memory.gb_per_s());
  return best;
}

}  // namespace gf::bench
