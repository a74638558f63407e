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
/// follow each other closely a thread looks for the next one for a tenth of a millisecond before it sleeps: waking one
/// up costs as much as a matrix-vector product, and more on a virtual machine.
/// Thread safety: one caller at a time; a body must not call parallel_for of the same pool, and must not throw.
/// Workers and the calling thread get omp_set_num_threads(1), so that oneDNN inside a share is single-threaded.
class ThreadPool {
 public:
  /// threads >= 1 counts the caller; 0 means std::thread::hardware_concurrency(). Fewer where the system gives no more.
  explicit ThreadPool(int threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  [[nodiscard]] int size() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls body(i) for each i in [0, count) and returns when all are done. Indices are handed out one after
  /// the other to whichever thread is free, so the result must not depend on who computes what.
  /// A worker that wakes after the last index was taken is not waited for.
  void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body);
  /// body(i) for each i in [0, count), and when all of these are done then(i) for each i in [0, then_count): two calls
  /// in one, where the second is too short to be worth another.
  void parallel_for_then(std::size_t count, const std::function<void(std::size_t)>& body, std::size_t then_count,
                         const std::function<void(std::size_t)>& then);

 private:
  void work();
  void take_shares(const std::function<void(std::size_t)>& body, std::size_t count);
  /// Wakes the threads that sleep on `sleepers`; costs nothing where none does.
  void wake(std::condition_variable& sleepers, const std::atomic<int>& asleep);

  // What the open call asks for: written while no worker is inside a call.
  const std::function<void(std::size_t)>* body_ = nullptr;
  std::size_t count_ = 0;
  std::atomic<std::size_t> next_{0};
  /// Odd while a call is open. A worker counts itself in before it looks at this, the caller closes the call before it
  /// looks who is inside; all of that is sequentially consistent, so that one of the two sees the other.
  std::atomic<std::size_t> calls_{0};
  std::atomic<std::size_t> inside_{0};
  std::atomic<bool> stopping_{false};

  // For threads that go to sleep. They count themselves asleep before they look for a call for the last time.
  std::mutex mutex_;
  std::condition_variable call_opened_, all_left_;
  std::atomic<int> workers_asleep_{0}, caller_asleep_{0};
  std::vector<std::thread> workers_;
};

}  // namespace gf
