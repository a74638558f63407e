// check_gpu.sh with the executor in the card's place: each part reports, and one that breaks hides no other.
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <sys/wait.h>
#include <unistd.h>

#include "cuda/kit/figures.h"

namespace gf::testing {
namespace {

namespace fs = std::filesystem;
using kit::Json;

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A folder as `./dev gpu-kit` makes it, of links.
class GpuKit : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder);
    const fs::path build = GLASSFORMER_BUILD_DIR, source = GLASSFORMER_SOURCE_DIR;
    for (const char* name : {"glassformer", "gpu_report", "glassformer_cuda_host.so"}) link(build / name, name);
    link(build / "cuda_conformance_test", "gpu_conformance");
    for (const char* name : {"check_gpu.sh", "compare_torch.py"}) link(source / "cuda/kit" / name, name);
    link(source / "tests/golden", "golden");
  }
  void TearDown() override { fs::remove_all(folder); }

  void link(const fs::path& to, const std::string& name) const {
    fs::remove(folder / name);
    fs::create_symlink(to, folder / name);
  }
  void put_script(const std::string& name, const std::string& lines) const {
    fs::remove(folder / name);
    std::ofstream(folder / name) << "#!/bin/sh\n" << lines << "\n";
    fs::permissions(folder / name, fs::perms::owner_all);
  }

  /// Exit code; what was printed is in `said`, and the report in `report`.
  int check(const std::string& arguments) {
    const fs::path out = folder / "out", log = folder / "log";
    // As bare as a machine can be: no environment but the path of the system's own tools.
    const std::string command = "env -i PATH=/usr/bin:/bin bash '" + (folder / "check_gpu.sh").string() + "' --host --out '" +
                                out.string() + "' " + arguments + " > '" + log.string() + "' 2>&1";
    const int status = std::system(command.c_str());
    said = content(log);
    report = Json::parse(content(out / "gpu-report.json"), nullptr, false);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  [[nodiscard]] Json part(const std::string& name) const {
    return report.is_object() ? kit::row_with(report["parts"], "name", name) : Json(nullptr);
  }

  fs::path folder = fs::temp_directory_path() / ("gpu_kit_" + std::to_string(getpid()));
  std::string said;
  Json report;
};

TEST_F(GpuKit, each_part_reports) {
  ASSERT_EQ(check("--limit 3000 --only device,conformance,reference,edits-and-capture,program,bench-tiny-f32,bench-tiny-f16,memcheck"), 0)
      << said;
  EXPECT_EQ(report["host"], true);
  EXPECT_NE(report["device"].get<std::string>().find("kernels on the CPU"), std::string::npos);
  for (const char* name : {"device", "conformance", "reference", "edits-and-capture", "program", "bench-tiny-f32", "bench-tiny-f16"})
    EXPECT_EQ(part(name)["status"], "passed") << part(name);
  EXPECT_EQ(part("memcheck")["status"], "skipped");
  EXPECT_GT(part("conformance")["tests"]["run"], 3);
  for (const char* model : {"tiny-f32", "tiny-f16"}) {
    const Json& bench = report["bench"][model];
    EXPECT_EQ(bench["dtype"], std::string(model).substr(5));
    EXPECT_EQ(bench["products"], "own kernel");
    EXPECT_EQ(bench["prefill"].size(), 3U);
    EXPECT_GT(bench["decode"][1]["share_of_copy"], 0);
    EXPECT_GT(bench["decode"][1]["launches"], 10);
    EXPECT_GT(bench["head_toggle"]["ms"], 0);
  }
  EXPECT_TRUE(report["figures"].empty()) << "a dry run says nothing of any GPU";
  EXPECT_NE(said.find("A dry run"), std::string::npos);
  EXPECT_TRUE(fs::exists(folder / "out/gpu-report.txt"));
}

TEST_F(GpuKit, a_part_that_breaks_hides_no_other) {
  put_script("gpu_conformance", "echo 'a \"word\" before the end' >&2\nkill -SEGV $$");
  EXPECT_EQ(check("--limit 3000 --only device,conformance,bench-tiny-f32"), 1) << said;
  EXPECT_EQ(part("conformance")["status"], "failed");
  EXPECT_EQ(part("conformance")["why"], "ended by signal 11. a \"word\" before the end");
  EXPECT_EQ(part("device")["status"], "passed");
  EXPECT_EQ(part("bench-tiny-f32")["status"], "passed") << part("bench-tiny-f32");
}

TEST_F(GpuKit, a_suite_that_ran_no_test_did_not_pass) {
  put_script("gpu_conformance", "echo '[  PASSED  ] 0 tests.'");
  EXPECT_EQ(check("--only conformance,memcheck"), 1) << said;
  EXPECT_EQ(part("conformance")["why"], "no test ran");
}

TEST_F(GpuKit, without_a_device_the_reason_is_there) {
  link("/nonexistent/plugin.so", "glassformer_cuda_host.so");
  EXPECT_EQ(check("--only device,conformance,program,bench-tiny-f32"), 1) << said;
  for (const char* name : {"device", "conformance", "program", "bench-tiny-f32"}) EXPECT_EQ(part(name)["status"], "failed") << part(name);
  EXPECT_NE(part("device")["why"].get<std::string>().find("without its CUDA plugin"), std::string::npos) << part("device");
  EXPECT_NE(part("conformance")["why"].get<std::string>().find("without its CUDA plugin"), std::string::npos) << part("conformance");
}

TEST_F(GpuKit, a_part_that_does_not_end_is_stopped) {
  put_script("gpu_conformance", "exec sleep 1000");
  EXPECT_EQ(check("--only conformance,program,memcheck --limit 8"), 1) << said;
  EXPECT_EQ(part("conformance")["status"], "stopped");
  EXPECT_EQ(part("program")["status"], "skipped") << part("program");
}

TEST_F(GpuKit, without_its_report_the_parts_are_listed) {
  put_script("gpu_report", "echo broken >&2\nexit 1");
  EXPECT_EQ(check("--only device,memcheck"), 1);
  EXPECT_NE(said.find("the parts are in"), std::string::npos) << said;
  EXPECT_NE(content(folder / "out/parts.tsv").find("device\tpassed"), std::string::npos);
}

Json bench_with(double prefill_ms, double share, double toggle_ms) {
  return {{"prefill", {{{"capture", "none"}, {"ms", prefill_ms}}, {{"capture", "full"}, {"ms", 2 * prefill_ms}}}},
          {"decode", {{{"capture", "default"}, {"share_of_copy", share}, {"ms_per_token", 1}, {"launch_bound_ms", 0.5}}}},
          {"head_toggle", {{"ms", toggle_ms}}}};
}

TEST(KitFigures, are_held_against_what_they_should_be) {
  const Json bench = {
      {"gpt2-f32", bench_with(10, 0.75, 9)}, {"gpt2-f16", bench_with(10, 0.6, 9)}, {"gpt2-xl-f32", bench_with(10, 0.1, 2.5)}};
  const Json torch = {
      {"gpt2-f32", {{"prefill_ms", 13}}}, {"gpt2-f16", {{"prefill_ms", 11}}}, {"transformer_lens", {{"run_with_cache_ms", 70}}}};
  std::vector<std::string> verdicts;
  for (const kit::Figure& f : kit::figures_of(bench, torch)) verdicts.push_back(f.verdict);
  EXPECT_EQ(verdicts, (std::vector<std::string>{"yes", "yes", "no", "no", "yes", "yes", "-"}));
}

TEST(KitFigures, that_were_not_measured_say_so) {
  for (const kit::Figure& f : kit::figures_of(Json::object(), Json(nullptr))) EXPECT_EQ(f.verdict, "-") << f.what;
  for (const kit::Figure& f : kit::figures_of({{"gpt2-f32", "broken"}}, Json::array())) EXPECT_EQ(f.verdict, "-") << f.what;
}

}  // namespace
}  // namespace gf::testing
