// Copying between two prompts: what stands beside what, the edits, and how far they reach in a run.
#include "app/document/patching.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "app/document/background/pipeline.h"
#include "app/document/cell_edits.h"
#include "app/document/patch_tries.h"

namespace gf::doc {
namespace {

std::vector<TokenId> token_ids(std::initializer_list<int> values) {
  std::vector<TokenId> ids;
  for (const int v : values) ids.emplace_back(v);
  return ids;
}

/// "0-0 1-2 --1": positions beside each other, with - for a gap.
std::string aligned(std::initializer_list<int> from, std::initializer_list<int> to) {
  std::string all;
  const auto shown = [](int position) { return position < 0 ? std::string("-") : std::to_string(position); };
  for (const AlignedRow& row : align_tokens(token_ids(from), token_ids(to)))
    all += (all.empty() ? "" : " ") + shown(row.from) + ":" + shown(row.to);
  return all;
}

TEST(Alignment, goes_row_by_row_where_both_are_equally_long) {
  EXPECT_EQ(aligned({1, 2, 3}, {3, 1, 2}), "0:0 1:1 2:2");
  EXPECT_EQ(aligned({}, {}), "");
}

TEST(Alignment, goes_by_the_text_where_lengths_differ) {
  EXPECT_EQ(aligned({1, 2, 3}, {1, 9, 2, 3}), "0:0 -:1 1:2 2:3");
  EXPECT_EQ(aligned({1, 2, 8, 3}, {1, 3}), "0:0 1:- 2:- 3:1");
  EXPECT_EQ(aligned({1, 5, 3}, {1, 6, 7, 3}), "0:0 -:1 1:2 2:3") << "a name's last token stands beside the last token of another";
  EXPECT_EQ(aligned({4, 5}, {6, 7, 8}), "-:0 0:1 1:2");
  EXPECT_EQ(aligned({}, {1}), "-:0");
}

TEST(Alignment, has_each_position_once_and_in_order) {
  const auto from = token_ids({3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5}), to = token_ids({2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5, 9, 0});
  int next_from = 0, next_to = 0;
  for (const AlignedRow& row : align_tokens(from, to)) {
    EXPECT_TRUE(row.from >= 0 || row.to >= 0);
    if (row.from >= 0) {
      EXPECT_EQ(row.from, next_from++);
    }
    if (row.to >= 0) {
      EXPECT_EQ(row.to, next_to++);
    }
  }
  EXPECT_EQ(next_from, static_cast<int>(from.size()));
  EXPECT_EQ(next_to, static_cast<int>(to.size()));
}

class Patching : public testing::Test {
 protected:
  void SetUp() override {
    auto made = open_by_name("fable");
    ASSERT_TRUE(made) << made.error().message;
    opened = std::move(*made);
    own = opened.model->tokenizer->ids_of(kDefaultPrompt).value();
    second = opened.model->tokenizer->ids_of(kSecond).value();
  }
  [[nodiscard]] const ModelConfig& config() const { return opened.model->weights->config; }
  [[nodiscard]] Result<Edit> edit(const std::string& site, const std::string& from, const std::string& to = {}) const {
    GF_TRY_ASSIGN(const PatchOf patch, patch_named(site, from, to, second, own));
    return patch_edit(patch, second_source(Subject{}, second_text, second), second, own, config());
  }
  [[nodiscard]] std::string refused(const std::string& site, const std::string& from, const std::string& to = {}) const {
    const auto made = edit(site, from, to);
    return made ? summary(*made) : made.error().message;
  }
  static constexpr const char* kSecond = "When Mary and John went to the garden, Mary gave a ring to";
  OpenModel opened;
  std::string second_text = kSecond;
  std::vector<TokenId> own, second;
};

TEST_F(Patching, makes_the_edit_that_a_sweep_makes_of_its_cell) {
  RunSource source;
  source.prompt = kSecond;
  const Question& sweep = *find_question("patch-sweep");
  EXPECT_EQ(edit("resid_pre", "4,9").value(), edit_of_cell(sweep, "resid_pre", {{"layer", 4}, {"position", 9}}, source));
  EXPECT_EQ(edit("mlp_out", "2,9").value(), edit_of_cell(sweep, "mlp_out", {{"layer", 2}, {"position", 9}}, source));
  EXPECT_EQ(edit("head_z", "4.7").value(), edit_of_cell(sweep, "head_z", {{"layer", 4}, {"head", 7}}, source));
  EXPECT_EQ(edit("head_pattern", "4.7").value(), edit_of_cell(sweep, "head_pattern", {{"layer", 4}, {"head", 7}}, source));
}

TEST_F(Patching, says_where_a_row_comes_from_if_it_is_another_place) {
  EXPECT_EQ(patch_place(edit("resid_pre", "4,9").value()), "block 4 resid_pre, position 9");
  EXPECT_EQ(patch_place(edit("resid_pre", "6,13", "2,3").value()), "block 5 resid_post, position 13 → block 2 resid_pre, position 3");
}

TEST_F(Patching, says_what_does_not_fit) {
  EXPECT_EQ(refused("nose", "4,9"), "'nose' is no site to copy; the sites are resid_pre, head_z, mlp_out, head_pattern.");
  EXPECT_EQ(refused("resid_pre", "4.9"), "\"4.9\" is not a place; write LAYER,POSITION, or LAYER for all positions.");
  EXPECT_EQ(refused("head_z", "4"), "\"4\" is not a head; write BLOCK.HEAD, or BLOCK.HEAD,POSITION.");
  EXPECT_EQ(refused("head_z", "4.8"), "There is no head 8; the heads are 0 to 7.");
  EXPECT_EQ(refused("resid_pre", "7,9"), "There is no depth 7; the stream has the depths 0 to 6.");
  EXPECT_EQ(refused("mlp_out", "6,9"), "There is no block 6; the blocks are 0 to 5.");
  EXPECT_EQ(refused("resid_pre", "4,14", "4,9"), "There is no position 14; the positions are 0 to 13.");
  EXPECT_EQ(refused("resid_pre", "4,9", "4"), "One position goes to one position, and all go to all.");
  second.pop_back();
  EXPECT_EQ(refused("head_pattern", "4.7"),
            "A pattern goes from each query and key to the same ones, so both texts need as many tokens; they have 13 and 14.");
}

TEST_F(Patching, copies_between_texts_of_other_lengths_to_the_token_beside) {
  second_text = "When Mary and John went to the old garden, Mary gave a ring to";
  second = opened.model->tokenizer->ids_of(second_text).value();
  ASSERT_EQ(second.size(), own.size() + 1);
  EXPECT_EQ(patch_place(edit("resid_pre", "4,10").value()), "block 4 resid_pre, position 10 → block 4 resid_pre, position 9");
  EXPECT_EQ(refused("resid_pre", "4,7"), "Position 7 of the second prompt stands beside no token; say where it goes.");
  const Edit all = edit("head_z", "4.7").value();
  ASSERT_TRUE(all.positions && all.source->positions);
  EXPECT_EQ(all.positions->list.size(), own.size());
  EXPECT_EQ(all.source->positions->list[6], 6);
  EXPECT_EQ(all.source->positions->list[7], 8);
  RunRequest request;
  request.prompt = own;
  request.recipe.edits = {all};
  const auto run = opened.session->run(request);
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_TRUE(run->has_edits());
}

/// What the pass itself says: each row outside of the reach is as it was, and each kind of edit changes the rows that it begins
/// with and some later ones.
TEST_F(Patching, reaches_the_rows_that_a_run_changes_and_no_others) {
  const int n_layer = config().n_layer, T = static_cast<int>(own.size());
  for (const auto& [site, place] : {std::pair{"resid_pre", "3,9"},
                                    {"resid_pre", "6,9"},
                                    {"mlp_out", "2,9"},
                                    {"head_z", "3.1,10"},
                                    {"head_z", "4.7"},
                                    {"head_pattern", "1.2"}}) {
    RunRequest request;
    request.prompt = own;
    request.recipe.edits = {edit(site, place).value()};
    const auto run = opened.session->run(request);
    ASSERT_TRUE(run) << run.error().message;
    const std::vector<char> reach = reach_of(request.recipe, n_layer, T, T);
    int reached = 0, changed = 0;
    for (int depth = 0; depth <= n_layer; ++depth)
      for (int p = 0; p < T; ++p) {
        const HookId hook = stream_hook(depth, n_layer);
        const bool same = std::ranges::equal(run->base->row(hook, p), run->edited->row(hook, p));
        const bool may = reach[static_cast<std::size_t>(depth) * own.size() + static_cast<std::size_t>(p)] != 0;
        reached += may ? 1 : 0;
        changed += same ? 0 : 1;
        EXPECT_TRUE(may || same) << site << " " << place << " changes depth " << depth << ", position " << p;
      }
    // Rows before position 9 read the same in both prompts, so that copying all of them changes only the later ones.
    EXPECT_GT(changed, 0) << site << " " << place;
    EXPECT_GE(reached, changed);
    if (std::string(place).find(',') != std::string::npos) {
      EXPECT_EQ(reached, changed) << site << " " << place;
    }
  }
}

TEST_F(Patching, of_keys_and_values_is_read_at_once_by_later_positions) {
  Edit values;
  values.hook = "blocks.1.attn.hook_v";
  values.op = EditOp::Zero;
  values.positions = Selector::only(1);
  const auto reach = reach_of({{values}, {}}, 3, 4, 4);
  const std::vector<char> want{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 1, 1, 1};
  EXPECT_EQ(reach, want);
  values.enabled = false;
  EXPECT_TRUE(std::ranges::none_of(reach_of({{values}, {}}, 3, 4, 4), [](char c) { return c != 0; }));
}

TEST(Tries, are_saved_named_and_gone_back_to) {
  History history;
  history.execute(set_other_prompt("another"));
  Edit edit = edit_of_head(1, 2, EditOp::Patch);
  edit.source = RunSource{.prompt = "another", .ids = {}, .hook = {}, .positions = {}};
  history.execute(make_patch(edit, true));
  history.execute(name_try(0, "first \"one\""));
  history.execute(note_try(0, "what for"));
  edit.heads = Selector::only(3);
  history.execute(make_patch(edit, true));
  ASSERT_EQ(history.now().tries.size(), 2U);
  ASSERT_EQ(history.now().recipe.edits.size(), 1U) << "a new patch takes the place of the one before";
  EXPECT_EQ(words_of_try(history.now().tries[1]), "block 1 head 3 z, all positions");
  const auto back = document_from_json(to_json(history.now()));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, history.now());
  history.execute(set_prompt("something else"));
  history.execute(go_to_try(0));
  EXPECT_EQ(history.now().prompt, kDefaultPrompt);
  EXPECT_EQ(other_prompt(history.now()), "another");
  EXPECT_EQ(history.now().recipe, history.now().tries[0].subject.recipe);
  history.execute(remove_try(0));
  ASSERT_EQ(history.now().tries.size(), 1U);
  history.undo();
  EXPECT_EQ(history.now().tries[0].name, "first \"one\"");
  EXPECT_EQ(history.now().tries[0].note, "what for");
}

TEST(Tries, of_a_file_that_are_wrong_get_a_sentence) {
  for (const auto& [json, message] : {std::pair{R"({"version": 1, "tries": 3})", "The session's 'tries' should be a list of tries."},
                                      {R"({"version": 1, "tries": [7]})", "The session's 'tries' should be a list of tries."},
                                      {R"({"version": 1, "tries": [{"name": 7}]})", "The session's 'name' should be text."},
                                      {R"({"version": 1, "tries": [{"bos": 7}]})", "The session's 'bos' should be true or false."}}) {
    const auto read = document_from_json(json);
    ASSERT_FALSE(read) << json;
    EXPECT_EQ(read.error().message, message);
  }
}

}  // namespace
}  // namespace gf::doc
