#include "model/run/trace_cache.h"

#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

TEST(TraceCache, counts_shared_chunks_once_and_drops_the_oldest) {
  const auto session = session_of(open_case_model("sort-nano"));
  const auto run = [&](std::vector<int> ids, bool cut) {
    RunRequest r;
    for (const int id : ids) r.prompt.emplace_back(id);
    if (cut) r.recipe = parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.2.attn.hook_z", "op": "zero"}]})").value();
    return session->run(r).value();
  };
  const gf::Run a = run({0, 1, 2}, true), b = run({2, 1, 0}, false);
  const std::size_t base = a.base->bytes(), other = b.base->bytes();
  TraceCache cache(base + other + (std::size_t{1} << 20) * 64);
  cache.insert({{}, {}, a.base, {}});
  const std::size_t one = cache.bytes();
  EXPECT_GT(one, 0U);
  cache.insert({a.request.recipe, {{}}, a.edited, {}});
  const std::size_t two = cache.bytes();
  EXPECT_GT(two, one);
  EXPECT_LT(two, 2 * one) << "blocks 0 and 1 are shared";
  cache.insert({{}, {}, a.base, {}});
  EXPECT_EQ(cache.bytes(), two) << "the same run again takes no more room";
  EXPECT_EQ(cache.runs().size(), 2U);

  TraceCache tight(one);
  tight.insert({{}, {}, a.base, {}});
  tight.insert({{}, {}, b.base, {}});
  ASSERT_EQ(tight.runs().size(), 1U);
  EXPECT_EQ(tight.runs().front().trace, b.base);

  TraceCache three(3 * one);
  three.insert({{}, {}, a.base, {}});
  three.insert({{}, {}, b.base, {}});
  three.touch(three.runs().back());
  const gf::Run c = run({1, 1, 1}, false), d = run({2, 2, 2}, false);
  three.insert({{}, {}, c.base, {}});
  three.insert({{}, {}, d.base, {}});
  std::vector<std::shared_ptr<const Trace>> left;
  for (const CachedRun& r : three.runs()) left.push_back(r.trace);
  EXPECT_EQ(left, (std::vector<std::shared_ptr<const Trace>>{d.base, c.base, a.base})) << "b was used longest ago";
}

TEST(TraceCache, knows_what_a_plan_covers) {
  EXPECT_TRUE(covers(CapturePlan::full(), CapturePlan::defaults()));
  EXPECT_FALSE(covers(CapturePlan::defaults(), CapturePlan::full()));
  EXPECT_TRUE(covers(CapturePlan::none(), CapturePlan::none()));
  CapturePlan lean = CapturePlan::defaults();
  lean.last_stats_only = true;
  EXPECT_TRUE(covers(CapturePlan::defaults(), lean) && covers(lean, lean) && covers(lean, CapturePlan::none()));
  EXPECT_FALSE(covers(lean, CapturePlan::defaults())) << "it lacks statistics";
  const std::vector<TokenId> a = {TokenId(1), TokenId(2), TokenId(3)}, b = {TokenId(1), TokenId(2)};
  EXPECT_EQ(common_prefix(a, b), 2);
  EXPECT_EQ(common_prefix(b, a), 2);
  EXPECT_EQ(common_prefix(a, {}), 0);
}

}  // namespace
}  // namespace gf::testing
