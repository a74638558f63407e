#include "model/hooks.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

namespace gf {
namespace {

TEST(Hooks, names_go_there_and_back) {
  const auto hooks = all_hooks(3);
  EXPECT_EQ(hooks.size(), 5U + 3U * 18U);
  std::set<std::string> names;
  for (const HookId hook : hooks) {
    EXPECT_TRUE(names.insert(name_of(hook)).second) << name_of(hook);
    EXPECT_EQ(parse_hook(name_of(hook), 3), hook) << name_of(hook);
  }
  EXPECT_EQ(name_of(hooks.front()), "hook_embed");
  EXPECT_EQ(name_of(hooks[2]), "blocks.0.hook_resid_pre");
  EXPECT_EQ(name_of(hooks.back()), "logits");
}

TEST(Hooks, other_names_are_none) {
  for (const char* name :
       {"", "blocks", "blocks.", "blocks.3.hook_resid_pre", "blocks.-1.hook_resid_pre", "blocks.01.hook_resid_pre", "blocks.0.hook_embed",
        "hook_resid_pre", "blocks.0.hook_resid_pre ", "blocks.0x.hook_resid_pre", "blocks.99999999999999999999.hook_resid_pre", "logits."})
    EXPECT_FALSE(parse_hook(name, 3)) << name;
}

TEST(Hooks, row_sizes) {
  ModelConfig c;
  c.n_head = 4;
  c.d_head = 8;
  c.d_model = 32;
  c.d_mlp = 96;
  c.n_vocab = 300;
  EXPECT_EQ(row_size(RowShape::One, c, 5), 1U);
  EXPECT_EQ(row_size(RowShape::Heads, c, 5), 32U);
  EXPECT_EQ(row_size(RowShape::HeadsDModel, c, 5), 128U);
  EXPECT_EQ(row_size(RowShape::DMlp, c, 5), 96U);
  EXPECT_EQ(row_size(RowShape::Causal, c, 5), 24U);
  EXPECT_EQ(row_size(RowShape::NVocab, c, 5), 300U);
}

TEST(CapturePlans, as_named) {
  const auto none = CapturePlan::none(), usual = CapturePlan::defaults(), full = CapturePlan::full();
  for (const HookInfo& hook : hook_table()) {
    const bool kv = hook.kind == HookKind::ResidPre || hook.kind == HookKind::K || hook.kind == HookKind::V;
    EXPECT_EQ(none.wants(hook.kind), kv) << hook.name;
    EXPECT_EQ(full.wants(hook.kind), hook.kind != HookKind::Result) << hook.name;
    const bool left_out = hook.kind == HookKind::Result || hook.kind == HookKind::AttnScores || hook.kind == HookKind::Logits;
    EXPECT_EQ(usual.wants(hook.kind), !left_out) << hook.name;
  }
  EXPECT_TRUE(full.all_logits);
  EXPECT_FALSE(usual.all_logits);
  EXPECT_EQ(CapturePlan::named("default"), usual);
  EXPECT_FALSE(CapturePlan::named("everything"));
}

TEST(PatternEntropy, is_kept_beside_the_hooks_and_is_none) {
  constexpr HookId kEntropy{HookKind::PatternEntropy, 1};
  const auto hooks = all_hooks(2), rows = all_rows(2);
  EXPECT_EQ(std::ranges::count(hooks, kEntropy), 0);
  EXPECT_EQ(std::ranges::count(rows, kEntropy), 1);
  EXPECT_EQ(rows.size(), hooks.size() + 2);
  EXPECT_FALSE(parse_hook(name_of(kEntropy), 2)) << "nobody can edit it or ask for it by name";
  for (const auto& plan : {CapturePlan::none(), CapturePlan::defaults(), CapturePlan::full()}) EXPECT_FALSE(plan.wants(kEntropy.kind));
  ModelConfig c;
  c.n_head = 4;
  EXPECT_EQ(row_size(info_of(kEntropy.kind).shape, c, 9), 4U);
}

TEST(ModelConfig, score_scale) {
  ModelConfig c;
  c.d_head = 16;
  EXPECT_FLOAT_EQ(c.score_scale(2), 0.25F);
  c.scale_attn_by_layer = true;
  EXPECT_FLOAT_EQ(c.score_scale(2), 0.25F / 3);
  c.scale_attn = false;
  EXPECT_FLOAT_EQ(c.score_scale(1), 0.5F);
}

}  // namespace
}  // namespace gf
