// --backend on any machine: with a GPU it is used, without one the CPU goes on.
#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

Outcome run_on(const std::string& backend) { return program({"run", "sort-nano", "--ids", "1,2,0", "--backend", backend, "--json"}); }

TEST(CliBackend, cuda_without_a_gpu_says_why_and_goes_on) {
  const std::string gpu = program({"info", "sort-nano", "--json"}).json()["gpu"];
  const Outcome cpu = run_on("cpu"), automatic = run_on("auto"), cuda = run_on("cuda");
  ASSERT_EQ(cpu.code, 0) << cpu.err;
  ASSERT_EQ(automatic.code, 0) << automatic.err;
  ASSERT_EQ(cuda.code, 0) << cuda.err;
  EXPECT_TRUE(cpu.json()["backend"].get<std::string>().starts_with("cpu"));
  if (!gpu.starts_with("none: ")) GTEST_SKIP() << "there is a GPU: " << gpu;
  EXPECT_EQ(automatic.err, "");
  EXPECT_TRUE(automatic.json()["backend"].get<std::string>().starts_with("cpu"));
  EXPECT_TRUE(cuda.json()["backend"].get<std::string>().starts_with("cpu"));
  EXPECT_NE(cuda.err.find(gpu.substr(6) + "; going on with the CPU"), std::string::npos) << cuda.err;
  EXPECT_EQ(cuda.json()["positions"], cpu.json()["positions"]);
}

TEST(CliBackend, times_by_kernel_need_a_gpu) {
  const Outcome reply = program({"bench", "sort-nano", "--backend", "cuda", "--json"});
  const std::string gpu = program({"info", "sort-nano", "--json"}).json()["gpu"];
  if (gpu.starts_with("none: ")) {
    EXPECT_EQ(reply.code, 1);
    EXPECT_NE(reply.err.find(gpu.substr(6)), std::string::npos) << reply.err;
  } else {
    EXPECT_GT(reply.json()["steps"][0]["kernels"].size(), 5U) << reply.err;
  }
}

TEST(CliBackend, the_paper_roofline_needs_no_device) {
  const Outcome reply = program({"bench", "--plan", "cuda", "-T", "33", "--json"});
  ASSERT_EQ(reply.code, 0) << reply.err;
  const Json r = reply.json();
  ASSERT_EQ(r["steps"].size(), 2U);
  for (const Json& step : r["steps"]) {
    EXPECT_EQ(step["T"], 33);
    EXPECT_GT(step["kernels"].size(), 5U);
    EXPECT_EQ(step["least_ms"].size(), 2U);
  }
  const Json& decode = r["steps"][1];
  EXPECT_LE(decode["bytes"].get<double>(), 1.03 * decode["weights_bytes"].get<double>() + decode["kv_bytes"].get<double>());
}

}  // namespace
}  // namespace gf::testing
