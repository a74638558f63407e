#include "model/base/parallel.h"

#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <mutex>
#include <numeric>
#include <omp.h>
#include <random>
#include <set>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace gf {
namespace {

TEST(ThreadPool, calls_each_index_once) {
  ThreadPool pool(4);
  std::mt19937 random(7);
  for (int round = 0; round < 1000; ++round) {
    const std::size_t count = random() % 97;
    std::vector<int> calls(count, 0);  // no atomics: each index belongs to one thread
    pool.parallel_for(count, [&](std::size_t i) { ++calls[i]; });
    EXPECT_EQ(calls, std::vector<int>(count, 1)) << count << " indices, round " << round;
  }
}

TEST(ThreadPool, what_one_call_wrote_the_next_call_reads) {
  ThreadPool pool(3);
  std::vector<int> values(50, 0);
  for (int round = 0; round < 200; ++round) pool.parallel_for(values.size(), [&](std::size_t i) { values[i] = values[i] + 1; });
  EXPECT_EQ(values, std::vector<int>(50, 200));
}

TEST(ThreadPool, the_second_part_waits_for_all_of_the_first) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    for (int round = 0; round < 300; ++round) {
      std::vector<int> first(13, 0), sums(7, 0);
      pool.parallel_for_then(
          first.size(), [&](std::size_t i) { first[i] = static_cast<int>(i); }, sums.size(),
          [&](std::size_t j) { sums[j] = std::accumulate(first.begin(), first.end(), static_cast<int>(j)); });
      for (std::size_t j = 0; j < sums.size(); ++j) ASSERT_EQ(sums[j], 78 + static_cast<int>(j)) << threads;
    }
  }
}

TEST(ThreadPool, threads_that_slept_come_back) {
  ThreadPool pool(3);
  for (int round = 0; round < 20; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // long after they gave up looking
    std::set<std::thread::id> seen;
    std::mutex mutex;
    std::atomic<int> here{0};
    pool.parallel_for(3, [&](std::size_t) {
      ++here;
      while (here < 3) std::this_thread::yield();  // nobody takes two
      const std::lock_guard lock(mutex);
      seen.insert(std::this_thread::get_id());
    });
    ASSERT_EQ(seen.size(), 3U);
  }
}

TEST(ThreadPool, size_counts_the_caller) {
  EXPECT_EQ(ThreadPool(1).size(), 1);
  EXPECT_EQ(ThreadPool(5).size(), 5);
  EXPECT_EQ(ThreadPool(0).size(), static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
}

TEST(ThreadPool, one_thread_runs_in_order) {
  ThreadPool pool(1);
  std::vector<std::size_t> order;
  pool.parallel_for(5, [&](std::size_t i) { order.push_back(i); });
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
}

TEST(ThreadPool, every_thread_is_single_threaded_for_openmp) {
  ThreadPool pool(3);
  std::atomic<int> largest{0};
  pool.parallel_for(64, [&](std::size_t) {
    int seen = largest.load();
    while (seen < omp_get_max_threads() && !largest.compare_exchange_weak(seen, omp_get_max_threads())) {
    }
  });
  EXPECT_EQ(largest.load(), 1);
}

TEST(ThreadPool, starts_and_ends_without_work) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ThreadPool(4).size(), 4);
}

TEST(ThreadPool, works_with_fewer_threads_where_the_system_gives_no_more) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers need more address space than this test leaves";
#endif
  // In a process of its own: there is no address space for a thousand stacks.
  const pid_t child = fork();
  if (child == 0) {
    const rlimit little{rlim_t{2} << 30, rlim_t{2} << 30};
    if (setrlimit(RLIMIT_AS, &little) != 0) _exit(2);
    ThreadPool pool(1000);
    std::atomic<int> calls{0};
    pool.parallel_for(100, [&](std::size_t) { ++calls; });
    _exit(pool.size() < 1000 && calls == 100 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace gf
