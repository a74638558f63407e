#include "model/base/parallel.h"

#include <algorithm>
#include <chrono>
#include <omp.h>
#include <system_error>

#include "model/base/error.h"
#include "model/base/signal_stack.h"

namespace gf {

namespace {
// What oneDNN needs of each thread: OpenMP's number of threads, and a stack for signal handlers. The number is set each time: a
// pass on the calling thread puts back what it was before, and oneDNN's own threads would then spin beside the pool's.
void parallel_ready_thread() {
  omp_set_num_threads(1);
  thread_local const bool done = (have_signal_stack(), true);
  static_cast<void>(done);
}

/// Looks for `ready` for a tenth of a millisecond. Whether it came.
template <class Ready>
bool parallel_look_briefly(Ready ready) {
  constexpr auto kPatience = std::chrono::microseconds(100);
  constexpr int kLooksBetweenClocks = 32;
  const auto start = std::chrono::steady_clock::now();
  do {
    for (int i = 0; i < kLooksBetweenClocks; ++i) {
      if (ready()) return true;
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
  } while (std::chrono::steady_clock::now() - start < kPatience);
  return ready();
}

bool parallel_is_open(std::size_t calls) { return calls % 2 == 1; }
}  // namespace

ThreadPool::ThreadPool(int threads) {
  EXPECTS(threads >= 0, "a pool has no negative number of threads");
  const auto total = threads > 0 ? static_cast<unsigned>(threads) : std::max(1U, std::thread::hardware_concurrency());
  workers_.reserve(total - 1);
  for (unsigned i = 1; i < total; ++i) {
    try {
      workers_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
      break;  // the system gives no more (a container's limit, say): the results are the same on those that are there
    }
  }
}

ThreadPool::~ThreadPool() {
  stopping_ = true;
  wake(call_opened_, workers_asleep_);
  for (auto& worker : workers_) worker.join();
}

void ThreadPool::wake(std::condition_variable& sleepers, const std::atomic<int>& asleep) {
  if (asleep == 0) return;
  // A thread that has counted itself asleep holds the lock until it waits.
  {
    const std::lock_guard lock(mutex_);
  }
  sleepers.notify_all();
}

void ThreadPool::take_shares(const std::function<void(std::size_t)>& body, std::size_t count) {
  for (std::size_t i = next_.fetch_add(1, std::memory_order_relaxed); i < count; i = next_.fetch_add(1, std::memory_order_relaxed)) body(i);
}

void ThreadPool::parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) {
  parallel_ready_thread();
  if (count <= 1 || workers_.empty()) {
    for (std::size_t i = 0; i < count; ++i) body(i);
    return;
  }
  EXPECTS(!parallel_is_open(calls_), "parallel_for has one caller at a time");
  body_ = &body;
  count_ = count;
  next_.store(0, std::memory_order_relaxed);
  ++calls_;
  wake(call_opened_, workers_asleep_);
  take_shares(body, count);
  ++calls_;  // a thread that wakes from now on goes back to sleep
  const auto all_left = [this] { return inside_ == 0; };
  if (parallel_look_briefly(all_left)) return;
  std::unique_lock lock(mutex_);
  ++caller_asleep_;
  all_left_.wait(lock, all_left);
  --caller_asleep_;
}

void ThreadPool::parallel_for_then(std::size_t count, const std::function<void(std::size_t)>& body, std::size_t then_count,
                                   const std::function<void(std::size_t)>& then) {
  std::atomic<std::size_t> left{count};
  parallel_for(count + then_count, [&](std::size_t i) {
    if (i < count) {
      body(i);
      --left;
      return;
    }
    // Indices are handed out in order, so other threads compute what is left of the first part.
    while (!parallel_look_briefly([&] { return left == 0; })) std::this_thread::yield();
    then(i - count);
  });
}

void ThreadPool::work() {
  parallel_ready_thread();
  std::size_t seen = 0;
  const auto called = [&] {
    const std::size_t calls = calls_;
    return stopping_ || (parallel_is_open(calls) && calls != seen);
  };
  for (;;) {
    if (!parallel_look_briefly(called)) {
      std::unique_lock lock(mutex_);
      ++workers_asleep_;
      call_opened_.wait(lock, called);
      --workers_asleep_;
    }
    if (stopping_) return;
    ++inside_;
    const std::size_t calls = calls_;
    if (parallel_is_open(calls)) {
      seen = calls;
      take_shares(*body_, count_);
    }
    if (--inside_ == 0) wake(all_left_, caller_asleep_);
  }
}

}  // namespace gf
