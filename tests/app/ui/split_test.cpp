// Two runs in one view: split by a line, and side by side.
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "app/ui/viewport/viewport.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

/// The line is a field of the view: keys and words move it, and what was decided can be taken back.
TEST(Split, is_shown_moved_and_undone) {
  Screen screen;
  screen.open("fable");
  screen.run("cut-head 0.0 0.5 4.3");
  ASSERT_TRUE(screen.settle());
  const auto& document = [&]() -> const doc::Document& { return screen.lab().document(); };
  screen.key("S");
  EXPECT_EQ(document().compare, scene::Compare::Split);
  EXPECT_EQ(document().split, 0.5);
  screen.key("[");
  screen.key("[");
  EXPECT_NEAR(document().split, 0.46, 1e-9);
  screen.run("undo");
  EXPECT_EQ(document().split, 0.5) << "moves that follow each other are one decision";
  EXPECT_EQ(screen.run("split 0.8"), "");
  screen.key("]");
  EXPECT_NEAR(document().split, 0.82, 1e-9);
  EXPECT_EQ(screen.run("split 0.99"), "");
  screen.key("]");
  EXPECT_EQ(document().split, 1) << "it stays in the picture";
  EXPECT_TRUE(has(screen.run("split 2"), "2"));
  screen.key("S");
  EXPECT_EQ(document().compare, scene::Compare::Edited);
  EXPECT_EQ(screen.run("compare split"), "");
  EXPECT_EQ(document().compare, scene::Compare::Split);
}

TEST(Side, is_shown_undone_and_kept) {
  Screen screen;
  screen.open("fable");
  const auto& document = [&]() -> const doc::Document& { return screen.lab().document(); };
  const glm::vec2 whole = screen.window().viewport().pane().size;
  screen.key("Shift+S");
  EXPECT_EQ(document().compare, scene::Compare::Side);
  EXPECT_EQ(screen.window().viewport().pane().size, glm::vec2(whole.x / 2, whole.y)) << "each scene has half of the view";
  const auto kept = doc::document_from_json(doc::to_json(document()));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->compare, scene::Compare::Side);
  screen.run("undo");
  EXPECT_EQ(document().compare, scene::Compare::Edited);
  EXPECT_EQ(screen.window().viewport().pane().size, whole);
  EXPECT_EQ(screen.run("compare side"), "");
  screen.run("add-bookmark");
  screen.key("Shift+S");
  EXPECT_EQ(document().compare, scene::Compare::Edited);
  EXPECT_EQ(screen.run("go-to-bookmark 1"), "");
  EXPECT_EQ(document().compare, scene::Compare::Side);
}

/// Two prompts of other lengths, and two models of other shapes, stand side by side, each with its own tokens.
TEST(Side, shows_any_two_runs) {
  Screen screen;
  screen.open("fable");
  (void)screen.dock("compare");
  for (const auto& [prompt, model] : {std::pair("\"The capital of Italy is\"", "fable"), {"CBABBCA", "sort-nano"}}) {
    SCOPED_TRACE(model);
    EXPECT_EQ(screen.run(std::string("other-prompt ") + prompt), "");
    EXPECT_EQ(screen.run(std::string("other-model ") + model), "");
    EXPECT_EQ(screen.run("show-both on"), "");
    EXPECT_EQ(screen.run("compare side"), "");
    ASSERT_TRUE(screen.until([&] { return screen.lab().scene_input().beside.has_value(); }));
    const scene::SceneInput input = screen.lab().scene_input();
    EXPECT_EQ(input.run, screen.lab().run());
    EXPECT_EQ(input.beside->run, screen.lab().second().run());
    EXPECT_EQ(input.beside->model, screen.lab().second().model());
    EXPECT_EQ(input, screen.lab().scene_input()) << "the same input each time, so that nothing is built anew";
    EXPECT_EQ(screen.run("compare edited"), "");
    EXPECT_FALSE(screen.lab().scene_input().beside);
  }
}

/// Else a picture that the script saves would show something else beside the document's run.
TEST(Side, a_script_waits_for_the_other_run) {
  Screen screen;
  screen.open("fable");
  std::vector<ActionCall> calls;
  for (const char* line : {"other-prompt \"The capital of Italy is\"", "show-both on", "compare side"}) calls.push_back(*parse_call(line));
  screen.window().do_calls(calls);
  ASSERT_TRUE(screen.until([&] { return screen.lab().document().compare == scene::Compare::Side; }));
  EXPECT_TRUE(screen.lab().second().run());
}

}  // namespace
}  // namespace gf::ui
