#include "model/base/parallel.h"

#include <algorithm>
#include <omp.h>

#include "model/base/error.h"

namespace gf {

namespace {
// The number of threads is a setting of each thread of its own in OpenMP.
void parallel_keep_omp_single() {
  thread_local const bool done = (omp_set_num_threads(1), true);
  static_cast<void>(done);
}

/// Looks for `ready` for about 20 microseconds.
template <class Ready>
void parallel_look_briefly(Ready ready) {
  constexpr int kLooks = 1000;
  for (int i = 0; i < kLooks && !ready(); ++i) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
}
}  // namespace

ThreadPool::ThreadPool(int threads) {
  EXPECTS(threads >= 0, "a pool has no negative number of threads");
  const auto total = threads > 0 ? static_cast<unsigned>(threads) : std::max(1U, std::thread::hardware_concurrency());
  workers_.reserve(total - 1);
  for (unsigned i = 1; i < total; ++i) workers_.emplace_back([this] { work(); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void ThreadPool::take_shares(const std::function<void(std::size_t)>& body, std::size_t count) {
  for (std::size_t i = next_.fetch_add(1, std::memory_order_relaxed); i < count; i = next_.fetch_add(1, std::memory_order_relaxed)) body(i);
}

void ThreadPool::parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) {
  parallel_keep_omp_single();
  if (count <= 1 || workers_.empty()) {
    for (std::size_t i = 0; i < count; ++i) body(i);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    EXPECTS(body_ == nullptr, "parallel_for has one caller at a time");
    body_ = &body;
    count_ = count;
    next_.store(0, std::memory_order_relaxed);
    ++generation_;
  }
  if (count > workers_.size()) {
    wake_.notify_all();
  } else {
    for (std::size_t i = 1; i < count; ++i) wake_.notify_one();
  }
  take_shares(body, count);
  {
    const std::lock_guard closing(mutex_);
    body_ = nullptr;  // closes the call: whoever wakes from now on goes back to sleep
  }
  parallel_look_briefly([this] { return active_ == 0; });
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return active_ == 0; });
}

void ThreadPool::work() {
  parallel_keep_omp_single();
  std::size_t seen = 0;
  for (;;) {
    parallel_look_briefly([&] { return generation_ != seen; });
    std::unique_lock lock(mutex_);
    if (!stopping_ && body_ == nullptr && generation_ != seen) {  // a call that others finished
      seen = generation_;
      continue;
    }
    wake_.wait(lock, [&] { return stopping_ || (body_ != nullptr && generation_ != seen); });
    if (stopping_) return;
    seen = generation_;
    const auto* body = body_;
    const std::size_t count = count_;
    ++active_;
    lock.unlock();
    take_shares(*body, count);
    lock.lock();
    if (--active_ == 0 && body_ == nullptr) done_.notify_one();
  }
}

}  // namespace gf
