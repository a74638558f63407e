// A small pool of parked threads. No long spinning, no work stealing: a call splits its outputs once and waits.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace gf {

/// Threads that sleep until parallel_for gives them a share; the calling thread works with them. Between calls that
/// follow each other closely a thread looks for the next one for some microseconds before it sleeps: waking one up
/// costs as much as a matrix-vector product.
/// Thread safety: one caller at a time; a body must not call parallel_for of the same pool, and must not throw.
/// Workers and the calling thread get omp_set_num_threads(1), so that oneDNN inside a share is single-threaded.
class ThreadPool {
 public:
  /// threads >= 1 counts the caller; 0 means std::thread::hardware_concurrency().
  explicit ThreadPool(int threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  [[nodiscard]] int size() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls body(i) for each i in [0, count) and returns when all are done. Indices are handed out one after
  /// the other to whichever thread is free, so the result must not depend on who computes what.
  /// A worker that wakes after the last index was taken is not waited for.
  void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body);

 private:
  void work();
  void take_shares(const std::function<void(std::size_t)>& body, std::size_t count);

  std::mutex mutex_;
  std::condition_variable wake_, done_;
  // Guarded by mutex_. body_ is null while no call is open.
  const std::function<void(std::size_t)>* body_ = nullptr;
  std::size_t count_ = 0;
  bool stopping_ = false;
  // Changed under mutex_; also looked at without it, for the short while before a thread goes to sleep.
  std::atomic<std::size_t> active_{0}, generation_{0};
  std::atomic<std::size_t> next_{0};
  std::vector<std::thread> workers_;
};

}  // namespace gf
