// The panel of times, from the backend through the Lab to its words; and the device that computes.
#include <numeric>

#include "app/document/times_table.h"
#include "cuda/cuda_backend.h"
#include "cuda/host/host_api.h"
#include "cuda/open_backend.h"
#include "tests/app/document/lab_fixture.h"

namespace gf::doc {
namespace {

PassTimes some_times() {
  PassTimes pass{.first_position = 4, .rows = 1, .ms = 10, .operations = {}, .limits = {}};
  pass.operations = {{.name = "embedding", .calls = 1, .ms = 0.0125, .bytes = 0, .flops = 0},
                     {.name = "qkv matmul", .calls = 12, .ms = 4, .bytes = 80'000'000, .flops = 40'000'000},
                     {.name = "mlp in", .calls = 12, .ms = 5, .bytes = 300'000'000, .flops = 2'000'000'000},
                     {.name = "rest", .calls = 1, .ms = 0.5, .bytes = 0, .flops = 0}};
  return pass;
}

std::string text_of(const TimesTable& table) {
  std::string text = table.title + " | " + table.subtitle + "\n";
  for (const TimesTable::Row& r : table.rows)
    text += r.operation + " | " + r.calls + " | " + r.ms + " | " + r.gb_per_s + " | " + r.gflops + " | " + r.share + "\n";
  for (const std::string& note : table.notes) text += note + "\n";
  return text;
}

TEST(TimesTable, says_what_ran_how_long_and_how_near_the_limit) {
  const TimesContent content{std::make_shared<PassTimes>(some_times()), Rates{.gb_per_s = 40, .gflops = 800}, "cpu (AVX-512)"};
  EXPECT_EQ(text_of(times_table(content, 20)), R"(Where the time goes | position 4 in 10.0 ms, cpu (AVX-512)
embedding | 1 | 0.013 |  |  | 
qkv matmul | 12 | 4.00 | 20.0 | 10.0 | 50 %
mlp in | 12 | 5.00 | 60.0 | 400 | 150 %
rest | 1 | 0.500 |  |  | 
limits: memory 40.0 GB/s, matmul 800 GFLOP/s, measured here
above 100 %: read from the processor's cache, not from memory
)");
  const auto table = times_table(content, 20);
  EXPECT_FLOAT_EQ(table.rows[1].part, 0.4F);
  EXPECT_FLOAT_EQ(table.rows[2].near, 1.0F) << "a bar is never longer than its frame";
}

TEST(TimesTable, the_smallest_are_added_up_where_there_is_no_room) {
  const TimesContent content{std::make_shared<PassTimes>(some_times()), std::nullopt, "cpu"};
  EXPECT_EQ(text_of(times_table(content, 3)), R"(Where the time goes | position 4 in 10.0 ms, cpu
qkv matmul | 12 | 4.00 | 20.0 | 10.0 | 
mlp in | 12 | 5.00 | 60.0 | 400 | 
2 others | 2 | 0.512 |  |  | 
measuring what this machine can …
)");
}

TEST(TimesTable, before_the_first_pass_it_says_so) {
  EXPECT_EQ(text_of(times_table({nullptr, std::nullopt, "cpu"}, 20)), "Where the time goes | cpu\nThe next run is measured.\n");
}

class LabTimes : public LabFixture {
 protected:
  void TearDown() override {
    set_backend_maker({});
    LabFixture::TearDown();
  }
  static double sum(const PassTimes& pass) {
    return std::accumulate(pass.operations.begin(), pass.operations.end(), 0.0, [](double s, const auto& o) { return s + o.ms; });
  }
};

TEST_F(LabTimes, nobody_looks_and_nothing_is_measured) {
  Lab lab(loop.post());
  lab.open_model("sort-nano");
  ASSERT_TRUE(settle(lab));
  EXPECT_FALSE(lab.timing());
  EXPECT_EQ(lab.pass_times(), nullptr);
  EXPECT_FALSE(lab.limits());
}

TEST_F(LabTimes, the_present_run_is_measured_at_once_and_then_the_machine) {
  Lab lab(loop.post());
  lab.open_model("sort-nano");
  ASSERT_TRUE(settle(lab));
  int notices = 0;
  lab.on_change([&](const Changes& changes) { notices += changes.times ? 1 : 0; });
  lab.set_timing(true);
  ASSERT_TRUE(loop.pump_until([&] { return lab.pass_times() != nullptr; }));
  const auto first = lab.pass_times();
  EXPECT_EQ(first->rows, lab.run()->base->length());
  EXPECT_GT(sum(*first), 0);
  EXPECT_LE(sum(*first), first->ms * 1.000001);
  ASSERT_TRUE(loop.pump_until([&] { return lab.limits().has_value(); }));
  EXPECT_GT(lab.limits()->gb_per_s, 0);
  EXPECT_GT(lab.limits()->gflops, 0);
  EXPECT_GE(notices, 3) << "on, the times, the limits";
  // A new run, of other tokens, brings its own.
  lab.generate(1);
  ASSERT_TRUE(settle(lab));
  ASSERT_NE(lab.pass_times(), nullptr);
  EXPECT_NE(lab.pass_times(), first);
  EXPECT_EQ(lab.pass_times()->rows, 1);
  lab.set_timing(false);
  EXPECT_EQ(lab.pass_times(), nullptr);
}

TEST_F(LabTimes, of_a_gpu_it_is_the_kernels) {
  set_backend_maker([](const std::string&, int) {
    return cuda::with_fallback(cuda::make_cuda_backend(std::make_unique<cuda::host::HostApi>(cuda::host::HostApi::Options{})),
                               [] { return make_cpu_backend(1); }, {});
  });
  Lab lab(loop.post());
  lab.set_timing(true);
  lab.open_model("sort-nano");
  ASSERT_TRUE(settle(lab));
  ASSERT_FALSE(lab.error()) << lab.error()->message;
  EXPECT_EQ(lab.backend_name(), "cuda (kernels on the CPU)");
  EXPECT_EQ(lab.device().find("kernels on the CPU, 67 MB, compute capability"), 0U) << lab.device();
  ASSERT_NE(lab.pass_times(), nullptr);
  EXPECT_EQ(lab.pass_times()->operations.front().name, "embed");
  EXPECT_GT(sum(*lab.pass_times()), 0);
}

TEST_F(LabTimes, a_device_that_cannot_be_opened_is_said) {
  set_backend_maker([](const std::string&, int) {
    return cuda::with_fallback(fail(ErrorCode::Device, "there is no NVIDIA driver on this machine"), [] { return make_cpu_backend(1); },
                               {});
  });
  Lab lab(loop.post());
  lab.open_model("sort-nano");
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(lab.backend_name().substr(0, 3), "cpu");
  EXPECT_EQ(lab.device(), "no GPU is used: there is no NVIDIA driver on this machine");
}

}  // namespace
}  // namespace gf::doc
