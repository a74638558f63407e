// The text of the docks.
#include <gtest/gtest.h>
#include <set>

#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

TEST(Docks, have_ids_and_titles_of_their_own) {
  std::set<std::string> ids, titles;
  for (const DockInfo& dock : docks()) EXPECT_TRUE(ids.insert(dock.id).second && titles.insert(dock.title).second) << dock.id;
}

TEST(Docks, say_what_to_do_while_there_is_nothing) {
  Screen screen;
  for (const DockInfo& info : docks()) {
    const std::string text = screen.dock(info.id);
    EXPECT_EQ(screen.window().docks().dock(info.id).accessibleName().toStdString(), info.title);
    EXPECT_NE(text, "") << info.id << " is blank";
    if (info.needs != DockNeeds::Nothing) {
      EXPECT_EQ(text, "No model yet. Open one with Ctrl+O, or drop a model folder anywhere.\n") << info.id;
    }
  }
}

TEST(Docks, fill_when_a_run_is_there) {
  Screen screen;
  screen.open("fable");
  for (const DockInfo& info : docks()) {
    const std::string text = screen.dock(info.id);
    EXPECT_NE(text, "") << info.id;
    EXPECT_FALSE(has(text, "No model yet") || has(text, "No run yet")) << info.id << ": " << text;
  }
}

TEST(Docks, rest_while_hidden_and_catch_up) {
  Screen screen;
  screen.open("fable");
  screen.run("show-dock logits off");
  screen.run("set-prompt \"The capital of France is\"");
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(has(screen.dock("logits"), "next token after “·is”, position 4"));
}

TEST(ModelDock, is_an_outline_with_what_is_cut) {
  Screen screen;
  screen.open("fable");
  screen.run("cut-head 0.5");
  ASSERT_TRUE(screen.settle());
  const std::string text = screen.dock("model");
  EXPECT_EQ(text.substr(0, text.find("embedding")),
            "fable\n5.9 M parameters · f16\n6 blocks · 8 heads · d_model 256\ncontext 256 · vocabulary 4,096\n")
      << text;
  EXPECT_TRUE(has(text, "\nblock 0 | 1 edit\n  attention | 8 heads\n    head 0\n")) << text;
  EXPECT_TRUE(has(text, "    head 5 | cut\n")) << text;
  EXPECT_TRUE(has(text, "\nblock 1\n")) << text;
}

TEST(ModelDock, counts_an_edit_of_every_block_in_each) {
  Screen screen;
  screen.open("fable");
  const auto recipe = parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.*.mlp.hook_post", "op": "scale", "factor": 0.5},
    {"hook": "blocks.2.hook_resid_pre", "op": "scale", "factor": 0.5}, {"hook": "logits", "op": "scale", "factor": 0.5}]})");
  ASSERT_TRUE(recipe) << recipe.error().message;
  screen.lab().execute({"", [&](doc::Document& d) { d.recipe = *recipe; }, {}});
  ASSERT_TRUE(screen.settle());
  const std::string text = screen.dock("model");
  EXPECT_TRUE(has(text, "\nblock 0 | 1 edit\n")) << text;
  EXPECT_TRUE(has(text, "\n  MLP | 1 edit\n")) << text;
  EXPECT_TRUE(has(text, "\nblock 2 | 2 edits\n")) << text;
  EXPECT_TRUE(has(text, "\nblock 5 | 1 edit\n")) << text;
}

TEST(LogitsDock, shows_base_beside_edited) {
  Screen screen;
  screen.open("fable");
  EXPECT_TRUE(has(screen.dock("logits"), "next token after “·to”, position 13\ntoken |  | probability\n·Mary |  | 98.7 %\n"))
      << screen.dock("logits");
  screen.run("cut-head 0.0 0.5 4.3");
  ASSERT_TRUE(screen.settle());
  const std::string text = screen.dock("logits");
  EXPECT_TRUE(has(text, "token |  | base | edited | Δ\n·Mary |  | 98.7 % | 1.5 % | −97.2\n")) << text;
}

TEST(ProbeDock, lists_the_edits) {
  Screen screen;
  screen.open("fable");
  EXPECT_TRUE(has(screen.dock("probe"), "No edits yet: click a head above to cut it.\n")) << screen.dock("probe");
  screen.run("cut-head 4.3");
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(has(screen.dock("probe"), "block 4   head 3\n")) << screen.dock("probe");
}

TEST(LessonsDock, lists_what_there_is_and_plays_one) {
  Screen screen;
  screen.open("fable");
  ASSERT_TRUE(screen.until([&] { return !screen.window().player().lessons().empty(); }));
  EXPECT_TRUE(has(screen.dock("lessons"), "First look\n")) << screen.dock("lessons");
  screen.run("lesson first-look");
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(has(screen.dock("lessons"), "First look\nstep 1 of ")) << screen.dock("lessons");
}

TEST(Docks, come_as_a_lesson_names_them_and_go_back) {
  Screen screen;
  screen.open("fable");
  ASSERT_TRUE(screen.until([&] { return !screen.window().player().lessons().empty(); }));
  screen.run("show-dock model off");
  screen.run("lesson first-look");
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(screen.window().docks().shown("lessons"));
  screen.run("leave-lesson");
  ASSERT_TRUE(screen.settle());
  EXPECT_FALSE(screen.window().docks().shown("model"));
  EXPECT_FALSE(screen.window().docks().shown("lessons"));
}

}  // namespace
}  // namespace gf::ui
