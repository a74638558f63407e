// Times by kernel: each launch is in them once.
#include "cuda/timed_api.h"

#include <gtest/gtest.h>

#include "tests/cuda_host/conformance.h"

namespace gf::testing {
namespace {

TEST(TimedApi, EachLaunchIsCountedWhereItBelongs) {
  const auto weights = make_random({});
  const auto ids = random_ids(9, 17);
  auto host = std::make_unique<cuda::host::HostApi>(cuda::host::HostApi::Options{});
  cuda::host::HostApi& counted = *host;
  auto made = std::make_unique<cuda::TimedApi>(std::move(host));
  cuda::TimedApi& timed = *made;
  const auto backend = cuda::make_cuda_backend(std::move(made));
  ASSERT_TRUE(backend->load(weights));
  Trace trace(weights->config, CapturePlan::none());
  std::map<std::string, cuda::KernelTime> times;
  for (const auto& part : {std::span(ids).first(8), std::span(ids).subspan(8)}) {
    ASSERT_EQ(timed.take(&times), cuda::Status::Ok);
    counted.reset_totals();
    ASSERT_EQ(append(*backend, trace, part), "");
    ASSERT_EQ(timed.take(&times), cuda::Status::Ok);
    EXPECT_EQ(times.contains("gemv"), true);
    EXPECT_EQ(times.contains("attend"), part.size() > 1);
    for (const auto& [kernel, totals] : counted.totals()) {
      if (kernel == "copies") continue;
      EXPECT_EQ(static_cast<std::uint64_t>(times[kernel].launches), totals.launches) << kernel;
      EXPECT_EQ(times[kernel].ms, static_cast<double>(totals.launches)) << kernel;
    }
  }
}

}  // namespace
}  // namespace gf::testing
