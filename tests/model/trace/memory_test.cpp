// What `info` forecasts for a run is what the process then grows by.
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include "model/arena.h"
#include "model/trace.h"
#include "tests/model/cpu/forward_checks.h"
#include "tests/model/cpu/random_model.h"

namespace gf::testing {
namespace {

double resident_bytes() {
  std::ifstream pages("/proc/self/statm");
  double all = 0, resident = 0;
  pages >> all >> resident;
  return resident * static_cast<double>(getpagesize());
}

void run_all(const RandomModel& shape, int T, const CapturePlan& plan, double* grown, double* forecast) {
  const double before = resident_bytes();
  const auto weights = make_random(shape);
  const auto backend = make_cpu_backend(2);
  EXPECT_TRUE(backend->load(weights));
  Trace trace(weights->config, plan);
  extend(*backend, trace, random_ids(T, shape.n_vocab));
  *grown = resident_bytes() - before;
  *forecast = static_cast<double>(forecast_bytes(weights->config, plan, T));
  for (const NamedTensor& t : weights->table())
    *forecast += static_cast<double>(t.view.elements()) * static_cast<double>(size_of(t.view.dtype));
}

/// What a process of its own grew by, over the forecast: memory that earlier tests gave back must not count.
double grown_over_forecast(const RandomModel& shape, int T, const CapturePlan& plan) {
  int ends[2] = {};
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    double grown = 0, forecast = 0;
    arena_trim();
    run_all({.n_layer = 1}, 70, plan, &grown, &forecast);  // the libraries' own memory
    run_all(shape, T, plan, &grown, &forecast);
    const double ratio = grown / forecast;
    _exit(write(ends[1], &ratio, sizeof ratio) == static_cast<ssize_t>(sizeof ratio) ? 0 : 1);
  }
  close(ends[1]);
  double ratio = 0;
  EXPECT_EQ(read(ends[0], &ratio, sizeof ratio), static_cast<ssize_t>(sizeof ratio));
  close(ends[0]);
  int status = 1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  return ratio;
}

TEST(Memory, a_run_uses_what_was_forecast) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers keep memory of their own beside the program's";
#endif
  const RandomModel shape{.n_layer = 6, .n_head = 8, .d_head = 32, .d_mlp = 1024, .n_ctx = 1024, .n_vocab = 8000};
  for (const int T : {400, 1000})
    for (const bool full : {false, true}) {
      const double ratio = grown_over_forecast(shape, T, full ? CapturePlan::full() : CapturePlan::defaults());
      EXPECT_NEAR(ratio, 1, 0.1) << T << (full ? " full" : " default");
      RecordProperty((full ? "full_" : "default_") + std::to_string(T), std::to_string(ratio));
    }
}

}  // namespace
}  // namespace gf::testing
