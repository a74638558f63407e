#include "model/edits/recipe.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <limits>

namespace gf {
namespace {

std::string of_edit(const std::string& edit) { return R"({"version": 1, "edits": [)" + edit + "]}"; }

struct Bad {
  const char* edit;
  const char* sentence;
};

class BadEdit : public ::testing::TestWithParam<Bad> {};

TEST_P(BadEdit, is_refused_in_one_sentence) {
  const auto recipe = parse_recipe(of_edit(GetParam().edit));
  ASSERT_FALSE(recipe.has_value());
  EXPECT_EQ(recipe.error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(recipe.error().message, GetParam().sentence);
}

INSTANTIATE_TEST_SUITE_P(
    Format, BadEdit,
    ::testing::Values(
        Bad{"3", R"(edit 1: must be an object like {"hook": ..., "op": ...})"}, Bad{R"({"op": "zero"})", "edit 1: 'hook' is missing"},
        Bad{R"({"hook": 3, "op": "zero"})", "edit 1: 'hook' must be a text"},
        Bad{R"({"hook": "blocks.0.hook_z", "op": "zero"})",
            "edit 1: there is no hook 'blocks.0.hook_z'; a block has hook_resid_pre, hook_q_input, hook_k_input, hook_v_input, "
            "ln1.hook_scale, ln1.hook_normalized, attn.hook_q, "
            "attn.hook_k, attn.hook_v, attn.hook_attn_scores, attn.hook_pattern, attn.hook_z, attn.hook_result, hook_attn_out, "
            "hook_resid_mid, hook_mlp_in, ln2.hook_scale, ln2.hook_normalized, mlp.hook_pre, mlp.hook_post, hook_mlp_out, hook_resid_post, "
            "named as in blocks.0.attn.hook_z"},
        Bad{R"({"hook": "hook_z", "op": "zero"})",
            "edit 1: there is no hook 'hook_z'; outside of blocks there are hook_embed, hook_pos_embed, ln_final.hook_scale, "
            "ln_final.hook_normalized, logits; those of a block are named as in blocks.0.attn.hook_z"},
        Bad{R"({"hook": "blocks.0.attn.hook_z"})", "edit 1: 'op' is missing"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "ablate"})",
            "edit 1: there is no op 'ablate'; the ops are zero, set, scale, add, mean, patch, clamp, add_norm, project_out, swap, noise "
            "and round"},
        Bad{R"({"hook": "blocks.0.hook_mlp_out", "op": "zero", "heads": [0]})",
            "edit 1: blocks.0.hook_mlp_out has no axis 'heads'; it has positions and dims"},
        Bad{R"({"hook": "blocks.0.attn.hook_pattern", "op": "zero", "positions": [0]})",
            "edit 1: blocks.0.attn.hook_pattern has no axis 'positions'; it has heads, queries and keys"},
        Bad{R"({"hook": "blocks.0.mlp.hook_post", "op": "zero", "dims": [0]})",
            "edit 1: blocks.0.mlp.hook_post has no axis 'dims'; it has positions and neurons"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "factor": 2})",
            "edit 1: 'factor' is not known for 'zero' at blocks.0.attn.hook_z; allowed are hook, op, enabled, "
            "positions, heads, dims"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "renormalize": true})",
            "edit 1: 'renormalize' is not known for 'zero' at blocks.0.attn.hook_z; allowed are hook, op, enabled, "
            "positions, heads, dims"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "heads": 3})",
            R"(edit 1: 'heads' must be a list of indices, a range like "2:5", or one of "all", "last")"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "positions": "1:b"})",
            R"(edit 1: 'positions' must be a list of indices, a range like "2:5", or one of "all", "last", "prompt", "generated")"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "positions": [1.5]})",
            "edit 1: the indices of 'positions' must be whole numbers"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "positions": [99999999999]})",
            "edit 1: the indices of 'positions' must be whole numbers from -2147483647 to 2147483647"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "heads": []})", "edit 1: 'heads' selects nothing; leave it out for all"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "heads": "prompt"})",
            R"(edit 1: 'heads' is not an axis of positions, so "prompt" means nothing there)"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "zero", "enabled": 1})", "edit 1: 'enabled' must be true or false"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "set"})", "edit 1: 'set' needs 'value'"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "set", "value": "-inf"})",
            R"(edit 1: 'value' may be "-inf" at hook_attn_scores alone, not at blocks.0.attn.hook_z)"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "set", "value": "big"})", "edit 1: 'value' must be a number"},
        Bad{R"({"hook": "blocks.0.attn.hook_attn_scores", "op": "set", "value": "big"})", "edit 1: 'value' must be a number"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "scale"})", "edit 1: 'scale' needs 'factor'"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "scale", "factor": 1e60})", "edit 1: 'factor' must be a finite number"},
        Bad{R"({"hook": "blocks.0.hook_attn_out", "op": "add"})", "edit 1: 'add' needs either 'vector' or 'value'"},
        Bad{R"({"hook": "blocks.0.hook_attn_out", "op": "add", "value": 1, "vector": [1]})",
            "edit 1: 'add' needs either 'vector' or 'value'"},
        Bad{R"({"hook": "blocks.0.hook_attn_out", "op": "add", "vector": {"file": "v", "name": "v"}})",
            "edit 1: 'vector' has file and tensor, not 'name'"},
        Bad{R"({"hook": "blocks.0.hook_attn_out", "op": "add", "vector": {"file": "v"}})",
            "edit 1: 'vector' names no 'tensor' of v: a vector is read from safetensors by its name there, as safetensors.numpy.save_file "
            "writes it"},
        Bad{R"({"hook": "blocks.0.hook_attn_out", "op": "add", "vector": []})", "edit 1: 'vector' is empty"},
        Bad{R"({"hook": "blocks.0.hook_attn_out", "op": "add", "vector": [1, "2"]})",
            "edit 1: 'vector' must be a list of numbers, without anything else in it"},
        Bad{R"({"hook": "blocks.0.attn.hook_attn_scores", "op": "add", "value": "-inf", "factor": 0})",
            R"(edit 1: 'factor' must be above 0 where 'value' is "-inf")"},
        Bad{R"({"hook": "blocks.0.attn.hook_pattern", "op": "mean"})",
            "edit 1: 'mean' is not possible at blocks.0.attn.hook_pattern: its rows differ in length"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "mean", "over": {"texts": ["a"]}})",
            R"(edit 1: 'over' must be {"prompts": [...]} or {"ids": [[...]]}; without it the mean is that of the run's own prompt)"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "mean", "over": {"ids": [[-1]]}})", "edit 1: token ids must not be negative"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "patch"})", "edit 1: 'patch' needs 'source', an object with prompt or ids"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "patch", "source": {"hook": "blocks.1.attn.hook_z"}})",
            "edit 1: 'source' needs either 'prompt' or 'ids'"},
        Bad{R"({"hook": "blocks.0.attn.hook_z", "op": "patch", "source": {"ids": [1], "hook": "blocks.1.hook_mlp_out"}})",
            "edit 1: the source's hook blocks.1.hook_mlp_out has another shape than blocks.0.attn.hook_z"},
        Bad{R"({"hook": "blocks.0.attn.hook_pattern", "op": "patch", "source": {"ids": [1], "positions": [0]}})",
            "edit 1: at blocks.0.attn.hook_pattern the same query and key are copied, so 'source' has no positions"},
        Bad{R"({"hook": "logits", "op": "zero"}, {"hook": "logits", "op": "zero", "heads": [1]})",
            "edit 2: logits has no axis 'heads'; it has positions and dims"}));

TEST(Recipe, refuses_a_file_that_is_no_recipe) {
  const auto sentence = [](const char* text) { return parse_recipe(text).error().message; };
  EXPECT_EQ(sentence("{"), "the recipe is not valid JSON from byte 2 on; look for a missing comma or quote");
  EXPECT_EQ(sentence("[]"), R"(a recipe must be an object like {"version": 1, "edits": [...]})");
  EXPECT_EQ(sentence(R"({"edits": []})"), "the recipe's 'version' must be 1, the only version that this program reads");
  EXPECT_EQ(sentence(R"({"version": 2, "edits": []})"), "the recipe's 'version' must be 1, the only version that this program reads");
  EXPECT_EQ(sentence(R"({"version": 1})"), "the recipe's 'edits' must be a list");
  EXPECT_EQ(sentence(R"({"version": 1, "edits": [], "name": "x"})"), "a recipe has version and edits, not 'name'");
}

TEST(Recipe, has_each_key_once) {
  const auto sentence = [](const std::string& text) { return parse_recipe(text).error().message; };
  EXPECT_EQ(sentence(R"({"version": 1, "edits": [], "version": 1})"), "the recipe's key 'version' stands twice; leave one of them out");
  EXPECT_EQ(sentence(of_edit(R"({"hook": "logits", "op": "zero"}, {"hook": "logits", "op": "zero", "op": "mean"})")),
            "edit 2: the key 'op' stands twice; leave one of them out");
  EXPECT_EQ(sentence(of_edit(R"({"hook": "logits", "op": "patch", "source": {"ids": [1], "prompt": "a", "ids": [2]}})")),
            "edit 1: the key 'ids' stands twice; leave one of them out");
  EXPECT_EQ(sentence(of_edit(R"({"hook": "hook_embed", "op": "project_out", "vector": {"tokens": "a", "tok\u0065ns": "b"}})")),
            "edit 1: the key 'tokens' stands twice; leave one of them out")
      << "however it is spelled";
  EXPECT_EQ(sentence(of_edit(R"({"hook": "hook_embed", "op": "mean", "over": {"ids": [[1]], "ids": [[2]]}})")),
            "edit 1: the key 'ids' stands twice; leave one of them out");
  EXPECT_TRUE(parse_recipe(of_edit(R"({"hook": "logits", "op": "zero"}, {"hook": "logits", "op": "zero"})")));
}

TEST(Recipe, gives_vectors_in_four_ways) {
  const auto sentence = [](const std::string& vector) {
    const auto recipe = parse_recipe(of_edit(R"({"hook": "hook_embed", "op": "add", "vector": )" + vector + "}"));
    return recipe ? std::string() : recipe.error().message;
  };
  for (const char* right :
       {"[1, 2]", R"({"file": "v", "tensor": "v"})", R"({"tokens": " Paris"})", R"({"tokens": " Paris", "against": "#7"})",
        R"({"prompts": [["a"], ["b", "c"]]})", R"({"ids": [[[1], [2, 3]], [[4]]]})"})
    EXPECT_EQ(sentence(right), "") << right;
  EXPECT_EQ(
      sentence("3"),
      R"(edit 1: 'vector' must be a list of numbers, {"file": ..., "tensor": ...}, {"tokens": ..., "against": ...} or {"prompts": [[...], [...]]})");
  EXPECT_EQ(sentence(R"({"dictionary": "d"})"), sentence("3"));
  EXPECT_EQ(sentence(R"({"against": "a"})"), "edit 1: 'tokens' is missing");
  EXPECT_EQ(sentence(R"({"tokens": ["a"]})"), "edit 1: 'tokens' must be a text");
  EXPECT_EQ(sentence(R"({"tokens": ""})"), "edit 1: a token of 'vector' is empty");
  EXPECT_EQ(sentence(R"({"tokens": "a", "against": ""})"), "edit 1: a token of 'vector' is empty");
  EXPECT_EQ(sentence(R"({"tokens": "a", "file": "v"})"), "edit 1: 'vector' has file and tensor, not 'tokens'");
  EXPECT_EQ(sentence(R"({"tokens": "a", "other": "v"})"), "edit 1: 'vector' has tokens and against, not 'other'");
  const std::string two = "edit 1: 'vector' must have two lists of prompts: the mean over the second is taken off that over the first";
  for (const char* wrong : {R"({"prompts": "a"})", R"({"prompts": [["a"]]})", R"({"prompts": [["a"], []]})", R"({"prompts": ["a", "b"]})"})
    EXPECT_EQ(sentence(wrong), two) << wrong;
  EXPECT_EQ(sentence(R"({"prompts": [["a"], [""]]})"), "edit 1: 'prompts' must be a list of texts");
  EXPECT_EQ(sentence(R"({"ids": [[[1]], [[-2]]]})"), "edit 1: token ids must not be negative");
  EXPECT_EQ(sentence(R"({"ids": [[[1]], [[2]]], "prompts": [["a"], ["b"]]})"),
            "edit 1: 'vector' has prompts or ids, and nothing beside them");
}

TEST(Recipe, understands_the_names_of_either_transformer_lens_and_writes_its_own) {
  const auto recipe = parse_recipe(of_edit(R"({"hook": "blocks.2.hook_out", "op": "zero"},
    {"hook": "blocks.*.attn.q.hook_out", "op": "zero", "heads": [1]},
    {"hook": "unembed.hook_out", "op": "add", "value": 1},
    {"hook": "blocks.*.hook_in", "op": "patch", "source": {"ids": [1], "hook": "blocks.*.ln2.hook_in"}})"));
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->edits[0].hook, "blocks.2.hook_resid_post");
  EXPECT_EQ(recipe->edits[1].hook, "blocks.*.attn.hook_q");
  EXPECT_EQ(recipe->edits[2].hook, "logits");
  EXPECT_EQ(recipe->edits[3].source->hook, "blocks.*.hook_resid_mid");
  EXPECT_EQ(*parse_recipe(to_json(*recipe)), *recipe);
  EXPECT_EQ(summary(recipe->edits[1]), "zero every block head 1 q, all positions");
  const auto each = at_each_hook(recipe->edits[3], 3);
  ASSERT_EQ(each.size(), 3U);
  EXPECT_EQ(each[2].hook, "blocks.2.hook_resid_pre");
  EXPECT_EQ(each[2].source->hook, "blocks.2.hook_resid_mid");
  const auto wrong =
      parse_recipe(of_edit(R"({"hook": "blocks.1.hook_in", "op": "patch", "source": {"ids": [1], "hook": "blocks.*.hook_in"}})"));
  EXPECT_EQ(wrong.error().message,
            "edit 1: 'blocks.*.hook_in' names every block to take values from, but blocks.1.hook_resid_pre is one place");
  EXPECT_FALSE(parse_recipe(of_edit(R"({"hook": "blocks.**.hook_in", "op": "zero"})")));
  EXPECT_FALSE(parse_recipe(of_edit(R"({"hook": "*.hook_embed", "op": "zero"})")));
}

constexpr const char* kEveryOp = R"({"version": 1, "edits": [
  {"hook": "blocks.2.attn.hook_z", "op": "zero", "heads": [3]},
  {"hook": "blocks.1.attn.hook_z", "op": "mean", "heads": [0, 5], "enabled": false},
  {"hook": "blocks.3.hook_mlp_out", "op": "scale", "factor": 0.1, "positions": "last"},
  {"hook": "blocks.4.hook_resid_pre", "op": "patch", "positions": [5],
   "source": {"prompt": "another prompt", "hook": "blocks.2.hook_resid_pre", "positions": [3]}},
  {"hook": "blocks.2.hook_resid_post", "op": "add", "vector": {"file": "v.safetensors", "tensor": "v"}, "factor": 4.0},
  {"hook": "blocks.2.hook_resid_post", "op": "add", "vector": [0.1, -2], "dims": "-2:"},
  {"hook": "blocks.0.mlp.hook_post", "op": "set", "neurons": [10, 11], "value": 0.0},
  {"hook": "blocks.0.mlp.hook_post", "op": "mean", "over": {"ids": [[1, 2], [3]]}},
  {"hook": "blocks.0.mlp.hook_post", "op": "mean", "over": {"prompts": ["a", "b"]}},
  {"hook": "blocks.5.attn.hook_attn_scores", "op": "set", "value": "-inf", "queries": "generated", "keys": ":3"},
  {"hook": "blocks.5.attn.hook_pattern", "op": "zero", "heads": [1], "queries": [7], "keys": [2], "renormalize": true}
]})";

TEST(Recipe, reads_back_what_it_writes) {
  const auto recipe = parse_recipe(kEveryOp, "folder");
  ASSERT_TRUE(recipe) << recipe.error().message;
  ASSERT_EQ(recipe->edits.size(), 11U);
  EXPECT_EQ(recipe->edits[2].factor, 0.1F);
  EXPECT_FALSE(recipe->edits[1].enabled);
  EXPECT_EQ(recipe->edits[9].value, -std::numeric_limits<float>::infinity());
  EXPECT_EQ(recipe->edits[9].keys->end, 3);
  EXPECT_EQ(recipe->edits[5].dims->begin, -2);
  const auto again = parse_recipe(to_json(*recipe), "folder");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, *recipe);
  EXPECT_NE(to_json(*recipe).find("\"factor\": 0.1\n"), std::string::npos) << "floats are written as short as they were";
}

TEST(Recipe, says_what_an_edit_does) {
  const auto recipe = parse_recipe(kEveryOp);
  ASSERT_TRUE(recipe);
  std::vector<std::string> lines;
  for (const Edit& e : recipe->edits) lines.push_back(summary(e));
  const std::vector<std::string> expected = {"zero block 2 head 3 z, all positions",
                                             "mean of block 1 heads 0, 5 z, all positions",
                                             "scale by 0.1 block 3 mlp_out, last position",
                                             "patch block 4 resid_pre, position 5 from block 2 resid_pre, position 3 of \"another prompt\"",
                                             "add a vector times 4 at block 2 resid_post, all positions",
                                             "add a vector at block 2 resid_post, all positions, dims -2:",
                                             "set to 0 block 0 mlp.post, all positions, neurons 10, 11",
                                             "mean of block 0 mlp.post, all positions, over 2 runs",
                                             "mean of block 0 mlp.post, all positions, over 2 runs",
                                             "set to −∞ block 5 attn_scores, generated queries, keys :3",
                                             "zero block 5 head 1 pattern, query 7, key 2, renormalized"};
  EXPECT_EQ(lines, expected);
}

TEST(Recipe, is_read_from_a_file_with_its_folder) {
  const auto path = std::filesystem::temp_directory_path() / "glassformer_recipe_test.json";
  std::ofstream(path) << of_edit(R"({"hook": "blocks.0.attn.hook_z", "op": "zero"})");
  const auto recipe = read_recipe(path.string());
  ASSERT_TRUE(recipe);
  EXPECT_EQ(recipe->folder, path.parent_path().string());
  std::ofstream(path) << of_edit(R"({"op": "zero"})");
  EXPECT_EQ(read_recipe(path.string()).error().message, path.string() + ": edit 1: 'hook' is missing");
  std::filesystem::remove(path);
  EXPECT_EQ(read_recipe(path.string()).error().message, "the recipe " + path.string() + " cannot be read; check the path");
  EXPECT_EQ(read_recipe(path.parent_path().string()).error().code, ErrorCode::NotFound);
  EXPECT_EQ(read_recipe("/dev/zero").error().message, "the recipe /dev/zero is a device; give a file");
}

}  // namespace
}  // namespace gf
