#include "app/scene/operations/timeline.h"

#include <gtest/gtest.h>

namespace gf::scene {
namespace {

ModelConfig two_blocks() {
  ModelConfig c;
  c.n_layer = 2;
  return c;
}

TEST(Timeline, every_hook_has_an_op_and_the_last_chooses) {
  const Timeline t(two_blocks(), 3);
  for (const HookId hook : all_hooks(2)) EXPECT_GE(t.op_of(hook), 0) << name_of(hook);
  ASSERT_EQ(t.ops().size(), 3U + 2 * 16 + 4);
  EXPECT_TRUE(t.ops().back().choose);
  EXPECT_EQ(t.ops()[3].name, "block 0 LayerNorm 1: scale");
  EXPECT_EQ(t.end(), 3.0 * 39);
}

TEST(Timeline, ops_follow_the_pass) {
  const Timeline t(two_blocks(), 1);
  int last = -1;
  for (const HookId hook : all_hooks(2)) {
    if (hook.kind == HookKind::Result) continue;  // part of the op of attn_out
    EXPECT_GE(t.op_of(hook), last) << name_of(hook);
    last = t.op_of(hook);
  }
}

TEST(Timeline, rows_appear_one_after_the_other) {
  const Timeline t(two_blocks(), 3);
  const HookId q{HookKind::Q, 1};
  const double start = t.start_of(1, t.op_of(q));
  EXPECT_FLOAT_EQ(t.rows_shown(q, start - 0.5), 1);
  EXPECT_FLOAT_EQ(t.rows_shown(q, start + 0.25), 1.25F);
  EXPECT_FLOAT_EQ(t.rows_shown(q, start + 1), 2);
  EXPECT_FLOAT_EQ(t.rows_shown(q, 0), 0);
  EXPECT_FLOAT_EQ(t.rows_shown(q, 1e18), 3);
  EXPECT_FLOAT_EQ(t.rows_shown(q, -5), 0);
  // The stream that enters a block is the stream that left the one before.
  EXPECT_EQ(t.op_of({HookKind::ResidPre, 1}), t.op_of({HookKind::ResidPost, 0}));
}

TEST(Timeline, without_a_run_nothing_is_there) {
  const Timeline t(two_blocks(), 0);
  EXPECT_EQ(t.end(), 0);
  EXPECT_EQ(t.rows_shown({HookKind::Embed, -1}, 1e18), 0);
  EXPECT_EQ(t.step(0, Timeline::Unit::Token, 1), 0);
}

TEST(Timeline, steps_both_ways_meet_the_same_boundaries) {
  const Timeline t(two_blocks(), 3);
  for (const auto unit : {Timeline::Unit::Operation, Timeline::Unit::Block, Timeline::Unit::Token}) {
    std::vector<double> forwards{0}, backwards{t.end()};
    while (forwards.back() < t.end()) forwards.push_back(t.step(forwards.back(), unit, 1));
    while (backwards.back() > 0) backwards.push_back(t.step(backwards.back(), unit, -1));
    EXPECT_EQ(forwards, std::vector<double>(backwards.rbegin(), backwards.rend()));
  }
  const double per_token = static_cast<double>(t.ops().size());
  EXPECT_EQ(t.step(0.5, Timeline::Unit::Token, 1), per_token);
  EXPECT_EQ(t.step(per_token + 0.5, Timeline::Unit::Token, -1), per_token);
  EXPECT_EQ(t.step(0, Timeline::Unit::Block, 1), 3);  // the embedding, then block 0
  EXPECT_EQ(t.step(3, Timeline::Unit::Block, 1), 3 + 16);
  EXPECT_EQ(t.step(2.5, Timeline::Unit::Operation, 1), 3);
  EXPECT_EQ(t.step(2.5, Timeline::Unit::Operation, -1), 2);
}

TEST(Timeline, moments_are_a_function_of_time) {
  const Timeline t(two_blocks(), 2);
  for (double time = 0; time < t.end(); time += 0.37) {
    const auto m = t.at(time);
    EXPECT_NEAR(t.start_of(m.position, m.op) + static_cast<double>(m.fraction), time, 1e-5);
  }
  EXPECT_EQ(t.at(1e18).position, 1);
  EXPECT_EQ(t.at(1e18).fraction, 1);
}

}  // namespace
}  // namespace gf::scene
