#include "model/hooks.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

namespace gf {
namespace {

TEST(Hooks, names_go_there_and_back) {
  const auto hooks = all_hooks(3);
  EXPECT_EQ(hooks.size(), 5U + 3U * 22U);
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

TEST(Hooks, have_the_names_of_the_bridge_too) {
  const std::pair<const char*, const char*> names[] = {{"embed.hook_out", "hook_embed"},
                                                       {"pos_embed.hook_out", "hook_pos_embed"},
                                                       {"blocks.1.hook_in", "blocks.1.hook_resid_pre"},
                                                       {"blocks.1.attn.q.hook_out", "blocks.1.attn.hook_q"},
                                                       {"blocks.1.attn.k.hook_out", "blocks.1.attn.hook_k"},
                                                       {"blocks.1.attn.v.hook_out", "blocks.1.attn.hook_v"},
                                                       {"blocks.1.attn.o.hook_in", "blocks.1.attn.hook_z"},
                                                       {"blocks.1.attn.hook_out", "blocks.1.hook_attn_out"},
                                                       {"blocks.1.ln2.hook_in", "blocks.1.hook_resid_mid"},
                                                       {"blocks.1.mlp.in.hook_out", "blocks.1.mlp.hook_pre"},
                                                       {"blocks.1.mlp.out.hook_in", "blocks.1.mlp.hook_post"},
                                                       {"blocks.1.mlp.hook_out", "blocks.1.hook_mlp_out"},
                                                       {"blocks.1.hook_out", "blocks.1.hook_resid_post"},
                                                       {"unembed.hook_out", "logits"}};
  for (const auto& [other, own] : names) {
    ASSERT_TRUE(parse_hook(other, 3)) << other;
    EXPECT_EQ(name_of(*parse_hook(other, 3)), own);
    EXPECT_EQ(own_hook_name(other), own);
  }
  std::set<std::string_view> all;
  for (const HookInfo& info : hook_table())
    for (const auto name : {info.name, info.other_name})
      if (!name.empty() && info.scope == HookScope::Block) {
        EXPECT_TRUE(all.insert(name).second) << name << " names two hooks";
      }
}

TEST(Hooks, a_star_stands_for_every_block) {
  std::string names;
  for (const HookId hook : hooks_named("blocks.*.attn.hook_z", 3)) names += name_of(hook) + " ";
  EXPECT_EQ(names, "blocks.0.attn.hook_z blocks.1.attn.hook_z blocks.2.attn.hook_z ");
  EXPECT_EQ(hooks_named("blocks.2.hook_out", 3), (std::vector<HookId>{{HookKind::ResidPost, 2}}));
  EXPECT_EQ(hooks_named("logits", 3), (std::vector<HookId>{{HookKind::Logits, -1}}));
  EXPECT_TRUE(hooks_named("blocks.3.hook_out", 3).empty());
  EXPECT_FALSE(parse_hook("blocks.*.attn.hook_z", 3)) << "it is not one hook";
  EXPECT_EQ(kind_named("blocks.*.attn.hook_z"), HookKind::Z);
  EXPECT_EQ(kind_named("blocks.7.hook_in"), HookKind::ResidPre);
  EXPECT_EQ(own_hook_name("blocks.*.hook_out"), "blocks.*.hook_resid_post");
  EXPECT_TRUE(names_hook("blocks.*.hook_out", {HookKind::ResidPost, 2}));
  EXPECT_TRUE(names_hook("blocks.2.hook_out", {HookKind::ResidPost, 2}));
  EXPECT_FALSE(names_hook("blocks.1.hook_out", {HookKind::ResidPost, 2}));
  EXPECT_FALSE(names_hook("blocks.*.hook_out", {HookKind::ResidPre, 2}));
  for (const char* name : {"blocks.*", "blocks.*.", "blocks.**.hook_in", "blocks.*x.hook_in", "*.hook_in", "blocks.*.hook_embed", "*"}) {
    EXPECT_TRUE(hooks_named(name, 3).empty()) << name;
    EXPECT_FALSE(kind_named(name)) << name;
  }
}

TEST(Hooks, of_a_block_stand_at_attention_or_at_the_mlp_and_between_at_both) {
  for (const HookInfo& info : hook_table()) {
    const bool attention = stands_at(info.kind, HookPlace::Attention), mlp = stands_at(info.kind, HookPlace::Mlp);
    EXPECT_EQ(attention || mlp, info.scope == HookScope::Block) << info.name;
    EXPECT_EQ(attention && mlp, info.kind == HookKind::ResidMid) << info.name;
  }
  EXPECT_TRUE(stands_at(HookKind::ResidPre, HookPlace::Attention) && stands_at(HookKind::Pattern, HookPlace::Attention));
  EXPECT_TRUE(stands_at(HookKind::MlpPost, HookPlace::Mlp) && stands_at(HookKind::ResidPost, HookPlace::Mlp));
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
    const bool when_asked_for = hook.kind == HookKind::Result || is_split_input(hook.kind);
    EXPECT_EQ(full.wants(hook.kind), !when_asked_for) << hook.name;
    const bool left_out = when_asked_for || hook.kind == HookKind::AttnScores || hook.kind == HookKind::Logits;
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
