// The executor itself: it must find what it is there to find.
#include <gtest/gtest.h>
#include <vector>

#include "cuda/args.h"
#include "cuda/kernels/platform.cuh"

namespace gf::cuda {
namespace {

/// A device of 1 MiB with an array of floats on it.
struct Bench {
  explicit Bench(unsigned seed = 1) : executor(memory, seed), data(reinterpret_cast<float*>(memory.take(1024 * sizeof(float)))) {}
  host::Memory memory{std::size_t{1} << 20};
  host::Executor executor;
  float* data;
};

/// Sums the threads' numbers through shared memory.
void reduce(float* out, bool first_barrier, bool second_barrier) {
  DYN_SHARED(float, slots);
  slots[thread_index()] = static_cast<float>(thread_index());
  if (first_barrier) __syncthreads();
  float sum = 0;
  for (int i = 0; i < thread_count(); ++i) sum += slots[i];
  if (second_barrier) __syncthreads();
  slots[thread_index()] = sum;
  if (thread_index() == 5) store(out, slots[thread_index()]);
}

TEST(Executor, all_threads_of_all_blocks_run) {
  Bench b;
  EXPECT_EQ(b.executor.run({2, 3, 1}, 64, 0, [&] { store(b.data + (block_y() * 2 + block_x()) * 64 + thread_index(), 1.0F); }), "");
  for (int i = 0; i < 6 * 64; ++i) EXPECT_EQ(b.data[i], 1.0F);
  EXPECT_TRUE(std::isnan(b.data[6 * 64]));
}

TEST(Executor, a_missing_barrier_is_a_race_on_every_schedule) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    Bench b(seed);
    EXPECT_EQ(b.executor.run({}, 64, 256, [&] { reduce(b.data, true, true); }), "");
    EXPECT_EQ(b.data[0], 63.0F * 32);
    EXPECT_NE(b.executor.run({}, 64, 256, [&] { reduce(b.data, false, true); }).find("race"), std::string::npos);
    EXPECT_NE(b.executor.run({}, 64, 256, [&] { reduce(b.data, true, false); }).find("race"), std::string::npos);
  }
}

TEST(Executor, a_barrier_can_be_taken_out_of_the_text) {
  Bench b;
  const auto body = [&] { reduce(b.data, true, true); };
  EXPECT_EQ(b.executor.run({}, 64, 256, body), "");
  const auto seen = b.executor.barriers_seen();
  ASSERT_EQ(seen.size(), 2U);
  for (const host::Barrier& barrier : seen) {
    b.executor.remove_barrier(barrier);
    EXPECT_NE(b.executor.run({}, 64, 256, body), "") << barrier.line;
  }
}

TEST(Executor, threads_that_part_at_a_barrier_are_found) {
  Bench b;
  EXPECT_NE(b.executor.run({}, 64, 0,
                           [] {
                             if (thread_index() < 40) __syncthreads();
                           }),
            "");
}

TEST(Executor, shared_memory_starts_poisoned) {
  Bench b;
  EXPECT_EQ(b.executor.run({}, 32, 128,
                           [&] {
                             DYN_SHARED(float, x);
                             store(b.data + thread_index(), x[thread_index()]);
                           }),
            "");
  for (int i = 0; i < 32; ++i) EXPECT_TRUE(std::isnan(b.data[i]));
}

TEST(Executor, accesses_out_of_bounds_are_found) {
  Bench b;
  std::vector<float> elsewhere(64);
  EXPECT_NE(b.executor.run({}, 32, 0, [&] { store(b.data + 1024 + 8 * thread_index(), 0.0F); }), "");
  EXPECT_NE(b.executor.run({}, 32, 0, [&] { load(elsewhere.data() + thread_index()); }), "");
  EXPECT_NE(b.executor.run({}, 32, 64,
                           [&] {
                             DYN_SHARED(float, x);
                             x[thread_index()] = 1;
                           }),
            "");
  EXPECT_NE(b.executor.run({}, 32, 0, [&] { load_streaming(reinterpret_cast<const Words4*>(b.data + 1)); }), "");
  ASSERT_TRUE(b.memory.give_back(b.data));
  EXPECT_FALSE(b.memory.give_back(b.data));
  EXPECT_NE(b.executor.run({}, 32, 0, [&] { load(b.data); }), "") << "memory that was given back";
}

TEST(Executor, warps_exchange_values) {
  for (unsigned seed = 0; seed < 5; ++seed) {
    Bench b(seed);
    EXPECT_EQ(b.executor.run({}, 64, 0,
                             [&] {
                               store(b.data + thread_index(), warp_sum(static_cast<float>(thread_index())));
                               store(b.data + 64 + thread_index(), static_cast<float>(warp_sum(static_cast<double>(lane_index()))));
                             }),
              "");
    EXPECT_EQ(b.data[3], 31.0F * 16);
    EXPECT_EQ(b.data[40], (32 + 63) * 16.0F);
    EXPECT_EQ(b.data[64 + 40], 31.0F * 16);
  }
}

TEST(Executor, each_sector_of_a_launch_counts_once) {
  Bench b;
  EXPECT_EQ(b.executor.run({2}, 64, 0,
                           [&] {
                             load(b.data + thread_index());  // 256 bytes, by every block
                             load(b.data + thread_index());
                             if (thread_index() % 8 == 0) store(b.data + 512 + thread_index(), 1.0F);  // one float of each of 8 sectors
                             count_flops(3);
                           }),
            "");
  EXPECT_EQ(b.memory.traffic().sectors_read, 8U);
  EXPECT_EQ(b.memory.traffic().sectors_written, 8U);
  EXPECT_EQ(b.memory.traffic().flops, 2U * 64 * 3);
}

}  // namespace
}  // namespace gf::cuda
