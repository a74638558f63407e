#include "model/edits/head_cuts.h"

#include <gtest/gtest.h>

#include "tests/model/edits/recipe_of.h"

namespace gf {
namespace {

constexpr int kBlocks = 4, kHeads = 8;

using testing::recipe_of;

/// "0 5" of block 2.
std::string cut_heads(const Recipe& recipe) {
  std::string text;
  for (int h = 0; h < kHeads; ++h)
    if (is_cut(recipe, 2, h, kHeads)) text += (text.empty() ? "" : " ") + std::to_string(h);
  return text;
}

TEST(HeadCuts, every_selector_that_names_the_head_counts) {
  const auto z = [](const std::string& rest) { return R"({"hook": "blocks.2.attn.hook_z", )" + rest + "}"; };
  EXPECT_EQ(cut_heads(recipe_of(z(R"("op": "zero", "heads": [0, 5])"))), "0 5");
  EXPECT_EQ(cut_heads(recipe_of(z(R"("op": "zero", "heads": [-1])"))), "7");
  EXPECT_EQ(cut_heads(recipe_of(z(R"("op": "zero", "heads": "2:4")"))), "2 3");
  EXPECT_EQ(cut_heads(recipe_of(z(R"("op": "zero", "heads": "all", "positions": "all")"))), "0 1 2 3 4 5 6 7");
  EXPECT_EQ(cut_heads(recipe_of(z(R"("op": "scale", "factor": 0, "heads": [4])"))), "4");
}

TEST(HeadCuts, what_leaves_something_of_the_head_is_not_a_cut) {
  const auto z = [](const std::string& rest) { return R"({"hook": "blocks.2.attn.hook_z", )" + rest + "}"; };
  EXPECT_EQ(cut_heads(recipe_of(z(R"("op": "zero", "heads": [1], "positions": "last")"))), "");
  EXPECT_EQ(cut_heads(recipe_of(z(R"("op": "zero", "heads": [1], "dims": "0:4")"))), "");
  EXPECT_EQ(cut_heads(recipe_of(z(R"("op": "scale", "factor": 0.5, "heads": [1])"))), "");
  EXPECT_EQ(cut_heads(recipe_of(z(R"("op": "zero", "heads": [1], "enabled": false)"))), "");
  EXPECT_EQ(cut_heads(recipe_of(R"({"hook": "blocks.1.attn.hook_z", "op": "zero"})")), "");
  EXPECT_EQ(cut_heads(recipe_of(R"({"hook": "blocks.2.attn.hook_q", "op": "zero"})")), "");
}

TEST(HeadCuts, restoring_one_head_of_an_edit_leaves_the_others_cut) {
  Recipe recipe = recipe_of(R"({"hook": "blocks.2.attn.hook_z", "op": "zero", "heads": [0, 5]},
                               {"hook": "blocks.1.mlp.hook_post", "op": "zero", "neurons": [3]})");
  restore_head(recipe, 2, 0, kBlocks, kHeads);
  ASSERT_EQ(recipe.edits.size(), 2U);
  EXPECT_EQ(cut_heads(recipe), "5");
  EXPECT_EQ(recipe.edits[0].hook, "blocks.2.attn.hook_z");
  cut_head(recipe, 2, 5, kHeads);
  EXPECT_EQ(recipe.edits.size(), 2U) << "it is cut already";
  restore_head(recipe, 2, 5, kBlocks, kHeads);
  ASSERT_EQ(recipe.edits.size(), 1U);
  EXPECT_EQ(recipe.edits[0].hook, "blocks.1.mlp.hook_post");
}

TEST(HeadCuts, a_head_of_a_block_whose_attention_is_cut_as_a_whole_is_restored_alone) {
  Recipe recipe =
      recipe_of(R"({"hook": "blocks.2.attn.hook_z", "op": "zero"}, {"hook": "blocks.2.attn.hook_z", "op": "zero", "heads": [3]})");
  restore_head(recipe, 2, 3, kBlocks, kHeads);
  EXPECT_EQ(cut_heads(recipe), "0 1 2 4 5 6 7");
  EXPECT_EQ(recipe.edits.size(), 1U);
}

TEST(HeadCuts, a_head_that_is_cut_in_every_block_is_restored_in_one) {
  Recipe recipe = recipe_of(R"({"hook": "blocks.*.attn.hook_z", "op": "zero", "heads": [3, 5]})");
  EXPECT_EQ(cut_heads(recipe), "3 5");
  EXPECT_TRUE(is_cut(recipe, 0, 3, kHeads));
  restore_head(recipe, 2, 3, kBlocks, kHeads);
  EXPECT_EQ(cut_heads(recipe), "5");
  ASSERT_EQ(recipe.edits.size(), 4U);
  for (const int block : {0, 1, 3}) EXPECT_TRUE(is_cut(recipe, block, 3, kHeads)) << block;
  Recipe every = recipe_of(R"({"hook": "blocks.*.attn.hook_z", "op": "scale", "factor": 2, "heads": [3]})");
  cut_head(every, 2, 3, kHeads);
  EXPECT_EQ(every.edits.size(), 2U) << "the edit acts on other heads too";
}

TEST(HeadCuts, cutting_replaces_what_acts_on_this_head_alone) {
  Recipe recipe = recipe_of(R"({"hook": "blocks.2.attn.hook_z", "op": "scale", "factor": 2, "heads": [3]},
                               {"hook": "blocks.2.attn.hook_z", "op": "zero", "heads": [3], "positions": [0]},
                               {"hook": "blocks.2.attn.hook_z", "op": "mean", "heads": [3, 4]})");
  cut_head(recipe, 2, 3, kHeads);
  ASSERT_EQ(recipe.edits.size(), 3U);
  EXPECT_TRUE(recipe.edits[0].positions) << "an edit of one position stays";
  EXPECT_EQ(recipe.edits[1].op, EditOp::Mean) << "so does one of two heads";
  EXPECT_EQ(recipe.edits[2], edit_of_head(2, 3));
}

}  // namespace
}  // namespace gf
