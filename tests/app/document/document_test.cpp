#include "app/document/document.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "app/document/bookmarks.h"
#include "app/document/command.h"
#include "app/document/directions.h"
#include "app/document/head_sets.h"
#include "app/document/kept.h"
#include "app/document/part_edits.h"
#include "tests/app/document/six_blocks.h"

namespace gf::doc {
namespace {

/// Of eight heads each.
Document rich() {
  History h;
  h.execute(set_prompt("caf\xC3\xA9 \"quoted\"\nline"));
  h.execute(set_part_cut(BlockPart{4, 3}, six_blocks(), true));
  h.execute(set_part_edit({1, 2}, six_blocks(), EditOp::Mean, 0));
  h.execute(enable_edit(1, false));
  Document d = h.now();
  d.model = "sort-nano";
  d.bos = true;
  d.continuation = {TokenId(7), TokenId(0)};
  d.sampler = {false, 0.7F,  40,   0.9F,  123456789012345ULL, {TokenId(5)}, {TokenId(9)}, 3, 0, 1.3F,
               -0.5F, 0.05F, 0.9F, false, {"\n\n", "The end"}};
  d.target = " Mary";
  d.rival = "#12";
  d.lens = "/somewhere/lens";
  d.selection = scene::CellRef{{HookId{HookKind::Pattern, 2}, {}}, {1, 5, 3}};
  d.highlights = {{{HookId{HookKind::Pattern, 4}, {}}, {3, -1, -1}}, {{{}, "wte.weight"}, {-1, -1, -1}}};
  d.selected_position = 4;
  d.camera = render::Camera{{1, 2.5F, -3}, 7.25F, 0.1F, -0.2F, 0.7F};
  d.time = 41.5;
  d.speed = 2;
  d.pace = scene::Pace::Operation;
  d.unit = scene::Timeline::Unit::Operation;
  d.theme = render::Theme::Light;
  d.view = scene::View::Stream;
  d.ribbons = scene::RibbonWidth::Moved;
  d.compare = scene::Compare::Difference;
  d.head_colour = "heads.induction";
  d.mode = Mode::Observe;
  return d;
}

TEST(Document, survives_json) {
  const Document d = rich();
  const auto back = document_from_json(to_json(d));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, d);
}

TEST(Document, older_names_of_head_colours_are_read) {
  const std::pair<const char*, const char*> kNames[] = {{"effect", "ablate-sweep.delta"},        {"attribution", "dla.heads"},
                                                        {"previous", "heads.previous"},          {"induction", "heads.induction"},
                                                        {"duplicate", "heads.duplicate"},        {"sink", "heads.sink"},
                                                        {"circuits.copying", "circuits.copying"}};
  for (const auto& [written, meant] : kNames) {
    const auto d = document_from_json(R"({"version": 1, "head_colour": ")" + std::string(written) + "\"}");
    ASSERT_TRUE(d) << d.error().message;
    EXPECT_EQ(d->head_colour, meant);
  }
  for (const char* wrong : {"nose", "heads", "dla.mlp", "patch-sweep.head_z", ""}) {
    const auto d = document_from_json(R"({"version": 1, "head_colour": ")" + std::string(wrong) + "\"}");
    ASSERT_FALSE(d) << wrong;
    EXPECT_EQ(d.error().message, "The session's 'head_colour' should be a part of a question by layer and head, such as heads.induction.");
  }
}

TEST(Document, may_hold_a_second_subject) {
  Document d = rich();
  d.other = Subject{"fable", "another", false, {TokenId(2)}, d.recipe};
  const auto back = document_from_json(to_json(d));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, d);
  EXPECT_NE(*back, rich());
}

TEST(Document, keeps_directions_and_how_far_it_is_pushed_along_them) {
  VectorSource mary;
  mary.tokens = " Mary";
  VectorSource numbers;
  numbers.values = {0.1F, -2.5F, 1e-8F};
  History h;
  h.execute(keep_direction({"mary", push_along("blocks.4.hook_resid_post", mary)}));
  h.execute(keep_direction({"three", push_along("blocks.2.hook_resid_post", numbers)}));
  h.execute(steer(h.now().directions[1], 0.3F));
  h.execute(steer(h.now().directions[1], 0.5F));
  const auto again = document_from_json(to_json(h.now()));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->directions, h.now().directions);
  EXPECT_EQ(strength_of(again->recipe, again->directions[1]), 0.5F);
  EXPECT_EQ(strength_of(again->recipe, again->directions[0]), 0);
  ASSERT_EQ(h.now().recipe.edits.size(), 1U);
  h.undo();
  EXPECT_TRUE(h.now().recipe.empty()) << "a drag of the slider undoes as one";
  h.redo();
  h.execute(forget_direction("three"));
  EXPECT_TRUE(h.now().recipe.empty()) << "its edit goes with it";
  EXPECT_EQ(find_named(h.now().directions, "three"), nullptr);
  for (const char* bad : {R"({"version": 1, "directions": 3})", R"({"version": 1, "directions": [{"name": "", "push": {}}]})",
                          R"({"version": 1, "directions": [{"name": "a", "push": {"version": 1, "edits": []}}]})"})
    EXPECT_FALSE(document_from_json(bad)) << bad;
}

TEST(Document, keeps_sets_of_heads_of_which_one_is_in_use) {
  const auto set_of = [](const char* name, const char* edits) {
    auto set = head_set_of(name, std::string(R"({"version": 1, "edits": [)") + edits + "]}", {});
    EXPECT_TRUE(set) << set.error().message;
    return set.value_or(HeadSet{});
  };
  const HeadSet true_heads = set_of("true", R"({"hook": "blocks.4.attn.hook_z", "op": "scale", "heads": [3], "factor": 1.4},
    {"hook": "blocks.4.attn.hook_z", "op": "add", "heads": [3], "vector": [0.1, -0.3], "factor": 1},
    {"hook": "blocks.2.attn.hook_z", "op": "add", "heads": [0], "vector": [2, 1], "factor": 15})");
  const HeadSet false_heads = set_of("false", R"({"hook": "blocks.1.attn.hook_z", "op": "add", "heads": [7], "value": 0.5})");
  EXPECT_EQ(heads_text(true_heads), "4.3,2.0");
  History h;
  h.execute(keep_head_set(true_heads));
  h.execute(keep_head_set(false_heads));
  h.execute(set_part_cut(BlockPart{0, 0}, six_blocks(), true));
  h.execute(use_head_set(true_heads, 1));
  h.execute(use_head_set(true_heads, 0.3F));
  const auto again = document_from_json(to_json(h.now()));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->head_sets, h.now().head_sets);
  EXPECT_NEAR(strength_of(again->recipe, true_heads), 0.3F, 1e-6F);
  EXPECT_EQ(strength_of(again->recipe, false_heads), 0);
  ASSERT_EQ(again->recipe.edits.size(), 4U);
  EXPECT_NEAR(*again->recipe.edits[1].factor, 1.12F, 1e-6F);
  EXPECT_NEAR(*again->recipe.edits[3].factor, 4.5F, 1e-6F);
  h.execute(use_head_set(false_heads, 1));
  ASSERT_EQ(h.now().recipe.edits.size(), 2U) << "it takes the other's place, and the cut stays";
  EXPECT_EQ(strength_of(h.now().recipe, false_heads), 1);
  h.undo();
  EXPECT_EQ(h.now().recipe.edits.size(), 4U);
  h.undo();
  EXPECT_EQ(h.now().recipe.edits.size(), 1U) << "a drag of the slider undoes as one";
  h.redo();
  h.execute(forget_head_set("true"));
  EXPECT_EQ(h.now().recipe.edits.size(), 1U) << "its edits go with it";
  EXPECT_EQ(find_named(h.now().head_sets, "true"), nullptr);
  for (const char* bad : {R"({"version": 1, "head_sets": 3})", R"({"version": 1, "head_sets": [{"name": "", "recipe": {}}]})",
                          R"({"version": 1, "head_sets": [{"name": "a", "recipe": {"version": 1, "edits": []}}]})"})
    EXPECT_FALSE(document_from_json(bad)) << bad;
}

TEST(Document, keeps_bookmarks_in_their_order) {
  History h(rich());
  const render::Camera camera{{1, 2, 3}, 4, 0.5F, -0.25F, 0.7F, {{800, 600}, 0.1F, 1}};
  Bookmark first = bookmark_of(h.now(), camera);
  first.name = "caf\xC3\xA9 \"one\"";
  first.note = "two\nlines";
  h.execute(add_bookmark(first));
  Document other = rich();
  other.other = Subject{"fable", "another", false, {TokenId(2)}, other.recipe};
  other.scene_of_both = true;
  h.execute(add_bookmark(bookmark_of(other, std::nullopt)));
  h.execute(add_bookmark(bookmark_of(Document(), std::nullopt)));
  h.execute(move_bookmark(0, 2));
  ASSERT_EQ(h.now().bookmarks.size(), 3U);
  EXPECT_EQ(h.now().bookmarks[2], first);
  const auto again = document_from_json(to_json(h.now()));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, h.now());
  EXPECT_EQ(*bookmarks_from_text(bookmarks_text(h.now().bookmarks)), h.now().bookmarks);
  h.execute(go_to_bookmark(1));
  EXPECT_EQ(h.now().prompt, kDefaultPrompt);
  EXPECT_FALSE(h.now().other);
  EXPECT_EQ(h.now().theme, render::Theme::Light) << "as it was";
  h.execute(go_to_bookmark(0));
  EXPECT_EQ(h.now().other, other.other);
  EXPECT_EQ(h.now().camera, std::nullopt);
  h.execute(go_to_bookmark(7));
  EXPECT_EQ(h.undo_name(), "go to bookmark 1") << "what is not there changes nothing";
  while (h.undo()) {
  }
  EXPECT_EQ(h.now(), rich());
}

TEST(Document, bad_bookmarks_get_a_sentence) {
  const std::string list = "The session's 'bookmarks' should be a list of at most 200 named views.";
  std::string many = "{}";
  for (int i = 0; i < 200; ++i) many += ",{}";
  const std::pair<std::string, std::string> kCases[] = {
      {"3", list},
      {"[3]", list},
      {"[" + many + "]", list},
      {R"([{"name": 3}])", "The session's 'name' should be text."},
      {R"([{"view": 3}])", "The session's 'view' should be an object."},
      {R"([{"view": {"time": "late"}}])", "The session's 'time' should be a number."},
      {R"([{"view": {"camera": {"target": [1]}}}])",
       "The session's 'camera' should be target, distance, yaw, pitch and fov_y, and chosen_in where it is known."},
      {R"([{"other": []}])", "The session's 'other' should be an object."},
      {R"([{"other": {"bos": 1}}])", "The session's 'bos' should be true or false."},
      {R"([{"mode": "dream"}])", "The session's 'mode' should be one of observe, intervene, what-if."},
      {R"([{"continuation": [-1]}])", "The session's 'continuation' should be a list of token ids."},
  };
  for (const auto& [json, message] : kCases) {
    const auto d = document_from_json(R"({"version": 1, "bookmarks": )" + json + "}");
    ASSERT_FALSE(d) << json;
    EXPECT_EQ(d.error().message, message);
  }
  EXPECT_FALSE(document_from_json(R"({"version": 1, "bookmarks": [{"recipe": {"version": 1, "edits": [{"op": "zero"}]}}]})"));
  const auto plain = document_from_json(R"({"version": 1, "bookmarks": [{}]})");
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->bookmarks, std::vector<Bookmark>(1));
}

TEST(Document, a_weight_can_be_selected) {
  Document d;
  d.selection = scene::CellRef{{{}, "h.0.attn.c_attn.weight"}, {3, 9, -1}};
  const auto back = document_from_json(to_json(d));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->selection, d.selection);
}

TEST(Document, bad_sessions_get_a_sentence) {
  const struct {
    const char* json;
    const char* message;
  } kCases[] = {
      {"", "The session is not a JSON object; choose a file that Glassformer saved."},
      {"[1]", "The session is not a JSON object; choose a file that Glassformer saved."},
      {"{}", "The session's version is not 1, the one that this program reads."},
      {R"({"version": 2})", "The session's version is not 1, the one that this program reads."},
      {R"({"version": 1, "other": 3})", "The session's 'other' should be an object."},
      {R"({"version": 1, "other": {"bos": 1}})", "The session's 'bos' should be true or false."},
      {R"({"version": 1, "prompt": 3})", "The session's 'prompt' should be text."},
      {R"({"version": 1, "theme": "pink"})", "The session's 'theme' should be one of dark, light."},
      {R"({"version": 1, "continuation": [-1]})", "The session's 'continuation' should be a list of token ids."},
      {R"({"version": 1, "camera": {"target": [1]}})",
       "The session's 'camera' should be target, distance, yaw, pitch and fov_y, and chosen_in where it is known."},
      {R"({"version": 1, "selection": {"tensor": "blocks.0.nonsense", "index": [0,0,0]}})",
       "The session's 'selection' should be a tensor's name with three indices."},
      {R"({"version": 1, "sampler": {"temperature": 0}})", "The session's 'temperature' should be above 0."},
      {R"({"version": 1, "sampler": {"temperature": 1e300}})", "The session's 'temperature' should be a number."},
      {R"({"version": 1, "sampler": {"repetition_penalty": 0}})", "The session's 'repetition_penalty' should be above 0."},
      {R"({"version": 1, "sampler": {"min_p": 2}})", "The session's 'min_p' should be from 0 to 1."},
      {R"({"version": 1, "sampler": {"typical_p": 0}})", "The session's 'typical_p' should be above 0 and at most 1."},
      {R"({"version": 1, "sampler": {"stop": "x"}})", "The session's 'stop' should be a list of texts."},
      {R"({"version": 1, "sampler": {"stop": [""]}})", "The session's 'stop' should be a list of texts."},
      {R"({"version": 1, "sampler": {"stop_at_eos": 1}})", "The session's 'stop_at_eos' should be true or false."},
      {R"({"version": 1, "sampler": {"seed": -1}})", "The session's 'seed' should be a whole number."},
      {R"({"version": 1, "selected_position": 4294967296})", "The session's 'selected_position' should be a whole number."},
      {R"({"version": 1, "selected_position": 1e10})", "The session's 'selected_position' should be a whole number."},
      {R"({"version": 1, "recipe": {"version": 1, "edits": [{"hook": "logits", "op": "zero", "op": "mean"}]}})",
       "The session's key 'op' stands twice; leave one of them out."},
      {R"({"version": 1, "time": 1e400})", "The session is not a JSON object; choose a file that Glassformer saved."},
      {R"({"version": 1, "selection": {"tensor": "wte.weight", "weight": 3, "index": [0,0,0]}})",
       "The session's 'selection' should be a tensor's name with three indices."},
      {R"({"version": 1, "selection": {"tensor": "", "weight": true, "index": [0,0,0]}})",
       "The session's 'selection' should be a tensor's name with three indices."},
  };
  for (const auto& c : kCases) {
    const auto d = document_from_json(c.json);
    ASSERT_FALSE(d) << c.json;
    EXPECT_EQ(d.error().message, c.message);
  }
  const auto deep = document_from_json("{\"version\": 1, \"recipe\": " + std::string(1'000'000, '['));
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().message, "The session nests more than 100 values in each other, as no such file does.");
}

TEST(Document, is_saved_whole_or_not_at_all) {
  const auto folder = std::filesystem::temp_directory_path() / "glassformer_document_test";
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "a.json").string();
  ASSERT_TRUE(save_document(rich(), path));
  const auto back = read_document(path);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, rich());
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
  const auto lost = save_document(rich(), (folder / "no" / "such" / "a.json").string());
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::Io);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace gf::doc
