// The subcommand bench.
#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

TEST(Cli, bench_measures_the_parts_asked_for) {
  const Json r = program({"bench", "sort-nano", "--only", "load,head_toggle,ablate_sweep", "--json"}).json();
  EXPECT_EQ(r["model"], "sort-nano");
  EXPECT_GT(r["load_ms"], 0);
  EXPECT_GT(r["peak_rss_bytes"], r["file_bytes"]);
  EXPECT_EQ(r["head_toggle_ms"].size(), 3U);
  EXPECT_GT(r["ablate_sweep_ms"], 0);
  EXPECT_FALSE(r.contains("prefill"));
}

/// What the run printed, and that it failed just where a share is above its limit, which a busy machine may cause.
Json shares_of(const char* part, const char* share) {
  const Outcome outcome = program({"bench", "sort-nano", "--only", part, "--json"});
  const Json r = Json::parse(outcome.out);
  double most = 0;
  for (const Json& row : r[part]) {
    EXPECT_GT(row[share], 0);
    most = std::max(most, row[share].get<double>());
  }
  EXPECT_EQ(outcome.code != 0, most > 1.02) << outcome.err;
  EXPECT_EQ(outcome.err.find("measured too low") != std::string::npos, most > 1.02) << outcome.err;
  return r;
}

TEST(Cli, bench_holds_prefill_against_the_products_alone) {
  const Json r = shares_of("prefill", "share_of_matmul");
  ASSERT_EQ(r["prefill"].size(), 3U);
  for (const Json& row : r["prefill"])
    EXPECT_NEAR(row["share_of_matmul"], row["gflops"].get<double>() / row["matmul_gflops"].get<double>(), 1e-6);
  // The last token's logits alone take less work than those of all.
  EXPECT_LT(r["prefill"][0]["gflops"].get<double>() * r["prefill"][0]["ms"].get<double>(),
            0.999 * r["prefill"][1]["gflops"].get<double>() * r["prefill"][1]["ms"].get<double>());
}

TEST(Cli, bench_reads_memory_beside_each_decode) {
  const Json r = shares_of("decode", "share_of_memory_read");
  EXPECT_GT(r["memory_read_gb_per_s"], 0);
  ASSERT_EQ(r["decode"].size(), 3U);  // its context is shorter than 64
  for (const Json& row : r["decode"]) {
    EXPECT_GT(row["ms_per_token"], 0);
    EXPECT_GT(row["memory_read_gb_per_s"], 0);
    EXPECT_GT(row["share_of_memory_read"], 0);
  }
}

}  // namespace
}  // namespace gf::testing
