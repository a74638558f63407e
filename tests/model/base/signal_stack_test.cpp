// Handlers of signals never write where oneDNN computes.
#include "model/base/signal_stack.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <thread>

#include "model/base/parallel.h"
#include "model/io/files/mapped_file.h"

namespace gf {
namespace {

bool has_signal_stack() {
  stack_t now{};
  return sigaltstack(nullptr, &now) == 0 && (now.ss_flags & SS_DISABLE) == 0;
}

TEST(SignalStack, every_thread_that_computes_has_one) {
  ThreadPool pool(4);
  std::atomic<std::size_t> with{0};
  constexpr std::size_t kShares = 64;
  pool.parallel_for(kShares, [&](std::size_t) {
    if (has_signal_stack()) ++with;
    std::this_thread::sleep_for(std::chrono::microseconds(200));  // so that each thread gets shares
  });
  EXPECT_EQ(with, kShares);
  EXPECT_TRUE(has_signal_stack()) << "the caller computes too";
}

TEST(SignalStack, belongs_to_one_thread) {
  bool before = true, after = false;
  std::thread([&] {
    before = has_signal_stack();
    have_signal_stack();
    after = has_signal_stack();
  }).join();
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_FALSE(before);
#endif
  EXPECT_TRUE(after);
}

TEST(SignalStack, is_where_a_cut_file_is_noticed) {
  const auto path = std::filesystem::temp_directory_path() / "glassformer_signal_stack_test";
  std::ofstream(path) << "weights";
  ASSERT_TRUE(MappedFile::open(path.string()));
  struct sigaction now{};
  ASSERT_EQ(sigaction(SIGBUS, nullptr, &now), 0);
  EXPECT_NE(now.sa_flags & SA_ONSTACK, 0);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace gf
