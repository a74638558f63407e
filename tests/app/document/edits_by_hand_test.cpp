// Edits that are made by hand: of a head or an MLP as a whole, copied and pasted, with another strength or scope; and what the model writes
// with them.
#include <gtest/gtest.h>
#include <limits>

#include "app/document/directions.h"
#include "app/document/edit_changes.h"
#include "app/document/part_edits.h"
#include "app/document/what_if.h"
#include "tests/app/document/lab_fixture.h"

namespace gf::doc {
namespace {

ModelConfig small_config() {
  ModelConfig config;
  config.n_layer = 6, config.n_head = 8, config.d_model = 256, config.d_head = 32, config.d_mlp = 1024;
  return config;
}

Edit scaled(const BlockPart& part, float factor) {
  Edit edit = edit_of(part, EditOp::Scale);
  edit.factor = factor;
  return edit;
}

TEST(PartEdits, cut_and_restore_an_mlp_by_the_rule_of_heads) {
  History history;
  history.seal();
  const ModelConfig config = small_config();
  history.execute(set_part_cut(BlockPart{3}, config, true));
  EXPECT_TRUE(is_cut(history.now().recipe, BlockPart{3}, config));
  EXPECT_FALSE(is_cut(history.now().recipe, BlockPart{2}, config));
  ASSERT_EQ(history.now().recipe.edits.size(), 1U);
  EXPECT_EQ(history.now().recipe.edits[0].hook, "blocks.3.hook_mlp_out");
  history.execute(set_part_cut(BlockPart{3}, config, false));
  EXPECT_TRUE(history.now().recipe.empty());
}

TEST(PartEdits, an_mlp_that_is_cut_in_every_block_is_restored_in_one) {
  Document d;
  Edit all;
  all.hook = "blocks.*.hook_mlp_out";
  d.recipe.edits = {all};
  const ModelConfig config = small_config();
  ASSERT_TRUE(is_cut(d.recipe, BlockPart{4}, config));
  set_part_cut(BlockPart{4}, config, false).apply(d);
  EXPECT_FALSE(is_cut(d.recipe, BlockPart{4}, config));
  for (const int block : {0, 1, 2, 3, 5}) EXPECT_TRUE(is_cut(d.recipe, BlockPart{block}, config)) << block;
}

TEST(PartEdits, are_copied_as_a_recipe_and_pasted_onto_others) {
  const ModelConfig config = small_config();
  Document d;
  Edit two = scaled({1, 2}, 0.25F);
  two.heads = Selector{Selector::Kind::List, {2, 5}, {}, {}};
  two.positions = Selector::only(4);
  d.recipe.edits = {two};
  EXPECT_EQ(copied_edits(d.recipe, {1, 3}, config), "") << "nothing acts on it";
  const std::string copied = copied_edits(d.recipe, {1, 2}, config);
  const auto recipe = parse_recipe(copied);
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->edits.at(0).heads, Selector::only(2)) << "its share of an edit of two heads";

  const auto edits = edits_to_paste(copied, {4, 7});
  ASSERT_TRUE(edits) << edits.error().message;
  d.recipe.edits = {edit_of_head(4, 7)};
  paste_edits(*edits, {{4, 7}, {0, 1}}, config).apply(d);
  ASSERT_EQ(d.recipe.edits.size(), 2U) << "in place of the cut";
  EXPECT_EQ(d.recipe.edits[0].hook, "blocks.4.attn.hook_z");
  EXPECT_EQ(d.recipe.edits[0].heads, Selector::only(7));
  EXPECT_EQ(d.recipe.edits[0].factor, 0.25F);
  EXPECT_EQ(d.recipe.edits[0].positions, Selector::only(4));
  EXPECT_EQ(d.recipe.edits[1].hook, "blocks.0.attn.hook_z");

  const auto onto_mlp = edits_to_paste(copied, BlockPart{2});
  ASSERT_TRUE(onto_mlp) << "a factor fits rows of any length";
  paste_edits(*onto_mlp, {BlockPart{2}}, config).apply(d);
  EXPECT_EQ(d.recipe.edits.back().hook, "blocks.2.hook_mlp_out");
  EXPECT_FALSE(d.recipe.edits.back().heads);
}

TEST(PartEdits, what_is_no_edit_is_not_pasted) {
  const auto none = edits_to_paste("a text", {0, 0});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "There is no edit of a head or an MLP on the clipboard: copy one from another cell first.");
  const auto other = edits_to_paste(
      R"({"version": 1, "edits": [{"hook": "blocks.1.attn.hook_z", "op": "add", "heads": [0], "vector": [1, 2, 3, 4]}]})", BlockPart{0});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().message, "What was copied from a head has numbers for a head's row, which an MLP's row is not.");
}

TEST(EditChanges, a_drag_of_the_strength_is_one_step_of_undo) {
  Document start;
  start.recipe.edits = {scaled({1, 2}, 0.5F)};
  History history(start);
  for (const float factor : {0.6F, 0.7F, 0.9F}) history.execute(set_strength(0, factor, "drag 1"));
  for (const float factor : {1.0F, 1.5F}) history.execute(set_strength(0, factor, "drag 2"));
  EXPECT_EQ(history.now().recipe.edits[0].factor, 1.5F);
  EXPECT_EQ(history.done(), 2U);
  history.undo();
  EXPECT_EQ(history.now().recipe.edits[0].factor, 0.9F);
  history.undo();
  EXPECT_EQ(history.now().recipe.edits[0].factor, 0.5F);
}

TEST(EditChanges, the_strength_is_the_number_that_the_operation_has) {
  Edit edit = edit_of_head(0, 0, EditOp::Zero);
  EXPECT_FALSE(strength_kind(edit));
  edit.op = EditOp::Set;
  edit.value = 2.0F;
  EXPECT_EQ(strength_kind(edit), Strength::Value);
  EXPECT_EQ(with_strength(edit, 3).value, 3.0F);
  edit.value = -std::numeric_limits<float>::infinity();
  EXPECT_FALSE(strength_kind(edit)) << "a knockout has no strength";
  Edit noise = edit_of_head(0, 0, EditOp::Noise);
  EXPECT_EQ(strength_kind(noise), Strength::Deviation);
  EXPECT_EQ(with_strength(noise, -1).std_dev, 0.0F);
}

TEST(EditChanges, a_scope_is_typed_as_in_recipes) {
  const auto scope = [](const char* words) { return scope_named(words, 0, 14); };
  Edit edit = edit_of_head(0, 0);
  for (const char* words : {"prompt", "generated", "last", "3, 5", "2:7", ":4", "-1"}) {
    const auto read = scope(words);
    ASSERT_TRUE(read) << words << ": " << read.error().message;
    edit.positions = *read;
    EXPECT_EQ(scope_of(edit), words);
  }
  EXPECT_EQ(*scope(" [3,5] "), (Selector{Selector::Kind::List, {3, 5}, {}, {}}));
  EXPECT_EQ(*scope("all"), std::nullopt);
  EXPECT_EQ(scope("first").error().message,
            "edit 1: 'positions' must be a list of indices, a range like \"2:5\", or one of \"all\", \"last\", \"prompt\", \"generated\"");
  EXPECT_EQ(scope("14").error().message, "There is no position 14; the positions are 0 to 13.");
  EXPECT_FALSE(scope("3 5")) << "a list has commas";
}

TEST(EditChanges, the_scope_of_a_pattern_are_its_queries) {
  Document d;
  Edit edit;
  edit.hook = "blocks.0.attn.hook_pattern";
  d.recipe.edits = {edit};
  set_scope(0, Selector::only(3)).apply(d);
  EXPECT_EQ(d.recipe.edits[0].queries, Selector::only(3));
  EXPECT_FALSE(d.recipe.edits[0].positions);
  EXPECT_TRUE(parse_recipe(to_json(d.recipe))) << "a recipe that can be read";
}

Direction of_numbers(std::string name, std::size_t n, std::string model = {}) {
  VectorSource vector;
  vector.values.assign(n, 1.0F);
  return {std::move(name), push_along("blocks.2.hook_resid_post", std::move(vector)), std::move(model)};
}

TEST(EditChanges, a_push_has_its_direction_whatever_its_strength_and_scope) {
  Document d;
  keep_direction(of_numbers("mary", 256)).apply(d);
  steer(d.directions[0], 3).apply(d);
  set_scope(0, Selector::only(4)).apply(d);
  ASSERT_NE(direction_of(d, d.recipe.edits[0]), nullptr);
  EXPECT_EQ(direction_of(d, d.recipe.edits[0])->name, "mary");
  steer(d.directions[0], 5).apply(d);
  ASSERT_EQ(d.recipe.edits.size(), 1U) << "the slider moves the edit that is there";
  EXPECT_EQ(d.recipe.edits[0].factor, 5.0F);
  EXPECT_EQ(d.recipe.edits[0].positions, Selector::only(4));
}

TEST(Directions, of_another_model_are_told_apart) {
  Document d;
  d.model = "fable";
  const ModelConfig config = small_config();
  EXPECT_EQ(why_not_in(of_numbers("a", 256, "fable"), d, config), "");
  EXPECT_EQ(why_not_in(of_numbers("a", 256), d, config), "") << "kept by an earlier version";
  EXPECT_EQ(why_not_in(of_numbers("a", 768), d, config), "It has 768 numbers, and blocks.2.hook_resid_post has 256 here.");
  EXPECT_EQ(why_not_in(of_numbers("a", 256, "other"), d, config),
            "It was found in other; in another model its numbers mean something else.");
  d.model = "fable@300";
  EXPECT_EQ(why_not_in(of_numbers("a", 256, "fable"), d, config), "") << "a training step of the same model";
  Direction deep = of_numbers("a", 256);
  deep.push.hook = "blocks.7.hook_resid_post";
  EXPECT_EQ(why_not_in(deep, d, config), "blocks.7.hook_resid_post is not in this model, which has 6 blocks.");
  keep_direction(of_numbers("new", 256)).apply(d);
  EXPECT_EQ(d.directions[0].model, "fable@300") << "it is noted where it is kept";
}

class WhatIfTest : public LabFixture {};

TEST_F(WhatIfTest, both_texts_have_the_same_noise_and_part_by_the_edits_alone) {
  Lab lab(loop.post());
  lab.open_model("fable");
  ASSERT_TRUE(settle(lab));
  SamplerOptions drawn;
  drawn.greedy = false;
  drawn.seed = 5;
  constexpr int kTokens = 10;
  const auto written = [&] {
    const Watch<TextPair> watch = lab.studies().watch(what_if(drawn, kTokens, {}));
    EXPECT_TRUE(settle(lab));
    const auto study = watch.now();
    EXPECT_EQ(study.state, StudyState::Ready) << (study.error ? study.error->message : "");
    return study.answer ? *study.answer : TextPair();
  };
  const TextPair alike = written();
  EXPECT_EQ(alike.base, alike.edited) << "without edits there is nothing to part them";
  EXPECT_EQ(alike.same, kTokens);
  EXPECT_FALSE(alike.parted);

  for (const auto& [layer, head] : {std::pair{0, 0}, {0, 5}, {4, 3}}) lab.set_cut({layer, head}, true);
  ASSERT_TRUE(settle(lab));
  const TextPair parted = written();
  EXPECT_EQ(parted.base, alike.base) << "the same noise, and the same model";
  EXPECT_NE(parted.edited, parted.base);
  EXPECT_TRUE(parted.parted);
  EXPECT_LT(parted.same, kTokens);

  // The same as a run that generates.
  RunRequest request = lab.run()->request;
  request.sampler = drawn;
  request.n_generate = kTokens;
  request.forced.clear();
  const auto run = lab.session()->run(request, {});
  ASSERT_TRUE(run) << run.error().message;
  const auto ids = run->edited->ids();
  std::vector<TokenId> after(ids.begin() + run->base->n_prompt(), ids.end());
  if (run->beyond) after.push_back(*run->beyond);
  after.resize(std::min<std::size_t>(after.size(), kTokens));
  EXPECT_EQ(valid_utf8(lab.model()->tokenizer->decode(after)), parted.edited);
}

}  // namespace
}  // namespace gf::doc
