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

TEST(Cli, bench_reads_memory_beside_each_decode) {
  const Json r = program({"bench", "sort-nano", "--only", "decode", "--json"}).json();
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
