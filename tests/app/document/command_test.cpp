#include "app/document/command.h"

#include <gtest/gtest.h>

#include "app/document/part_edits.h"
#include "model/edits/head_cuts.h"
#include "tests/app/document/six_blocks.h"

namespace gf::doc {
namespace {

/// Of eight heads each.
TEST(History, undo_and_redo_restore_the_document) {
  History h;
  const Document start = h.now();
  ASSERT_TRUE(h.execute(set_part_cut(BlockPart{4, 3}, six_blocks(), true)));
  const Document cut = h.now();
  EXPECT_TRUE(is_cut(cut.recipe, 4, 3, 8));
  EXPECT_EQ(h.undo_name(), "cut head 3 of block 4");
  ASSERT_TRUE(h.undo());
  EXPECT_EQ(h.now(), start);
  EXPECT_FALSE(h.can_undo());
  EXPECT_EQ(h.redo_name(), "cut head 3 of block 4");
  ASSERT_TRUE(h.redo());
  EXPECT_EQ(h.now(), cut);
  EXPECT_FALSE(h.redo());
}

TEST(History, a_command_that_changes_nothing_is_not_recorded) {
  History h;
  EXPECT_FALSE(h.execute(set_part_cut(BlockPart{0, 0}, six_blocks(), false)));
  EXPECT_FALSE(h.can_undo());
}

TEST(History, a_drag_is_one_step_until_sealed) {
  History h;
  for (int head = 0; head < 5; ++head) h.execute(set_part_cut(BlockPart{1, head}, six_blocks(), true, "drag"));
  EXPECT_EQ(h.now().recipe.edits.size(), 5U);
  h.seal();
  h.execute(set_part_cut(BlockPart{2, 0}, six_blocks(), true, "drag"));
  ASSERT_TRUE(h.undo());
  EXPECT_EQ(h.now().recipe.edits.size(), 5U);
  ASSERT_TRUE(h.undo());
  EXPECT_TRUE(h.now().recipe.empty());
}

TEST(History, a_new_command_forgets_what_was_undone) {
  History h;
  h.execute(set_part_cut(BlockPart{1, 1}, six_blocks(), true));
  h.undo();
  h.execute(set_prompt("other"));
  EXPECT_FALSE(h.can_redo());
}

TEST(Commands, cutting_replaces_what_else_acts_on_the_head) {
  History h;
  h.execute(set_part_edit({2, 5}, six_blocks(), EditOp::Scale, 0.5F));
  EXPECT_FALSE(is_cut(h.now().recipe, 2, 5, 8));
  h.execute(set_part_cut(BlockPart{2, 5}, six_blocks(), true));
  ASSERT_EQ(h.now().recipe.edits.size(), 1U);
  EXPECT_TRUE(is_cut(h.now().recipe, 2, 5, 8));
  h.execute(enable_edit(0, false));
  EXPECT_FALSE(is_cut(h.now().recipe, 2, 5, 8));
}

TEST(Commands, another_edit_of_a_head_takes_the_place_of_its_cut_in_a_list) {
  History h;
  h.transient().recipe = *parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.2.attn.hook_z", "op": "zero", "heads": [0, 5]}]})");
  h.execute(set_part_edit({2, 5}, six_blocks(), EditOp::Scale, 0.5F));
  ASSERT_EQ(h.now().recipe.edits.size(), 2U);
  EXPECT_FALSE(is_cut(h.now().recipe, 2, 5, 8));
  EXPECT_TRUE(is_cut(h.now().recipe, 2, 0, 8));
}

TEST(Commands, a_new_prompt_drops_the_continuation_and_keeps_the_edits) {
  History h;
  h.execute(set_part_cut(BlockPart{0, 1}, six_blocks(), true));
  h.transient().continuation = {TokenId(3)};
  h.execute(set_prompt("Once"));
  EXPECT_TRUE(h.now().continuation.empty());
  EXPECT_TRUE(is_cut(h.now().recipe, 0, 1, 8));
}

std::vector<int> heads_in_order(const Document& d) {
  std::vector<int> heads;
  for (const Edit& edit : d.recipe.edits) heads.push_back(edit.heads->list.front());
  return heads;
}

TEST(Commands, move_an_edit_to_any_place_and_back_by_undo) {
  History h;
  for (const int head : {0, 1, 2, 3}) h.execute(set_part_edit({1, head}, six_blocks(), EditOp::Scale, 0.5F));
  const auto moved = [&](std::size_t from, std::size_t to) {
    EXPECT_TRUE(h.execute(move_edit(from, to)));
    auto heads = heads_in_order(h.now());
    EXPECT_TRUE(h.undo());
    EXPECT_EQ(heads_in_order(h.now()), (std::vector{0, 1, 2, 3}));
    return heads;
  };
  EXPECT_EQ(moved(0, 3), (std::vector{1, 2, 3, 0}));
  EXPECT_EQ(moved(3, 0), (std::vector{3, 0, 1, 2}));
  EXPECT_EQ(moved(1, 2), (std::vector{0, 2, 1, 3}));
  EXPECT_FALSE(h.execute(move_edit(2, 2)));
  EXPECT_FALSE(h.execute(move_edit(0, 4))) << "there is no such place";
}

}  // namespace
}  // namespace gf::doc
