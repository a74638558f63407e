// A model without weights in the window.
#include <gtest/gtest.h>

#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

TEST(StructureWindow, opens_and_each_dock_that_needs_values_says_so) {
  Screen screen;
  screen.open("sort-nano");
  screen.run("open config:gpt3-125m");
  ASSERT_TRUE(screen.until([&] { return screen.lab().model()->weights->name == "gpt3-125m" && screen.lab().up_to_date(); }));
  EXPECT_FALSE(screen.lab().run());
  EXPECT_FALSE(screen.lab().error()) << screen.lab().error()->message;
  for (const DockInfo& info : docks()) {
    const std::string text = screen.dock(info.id);
    if (info.needs == DockNeeds::Run || std::string(info.id) == "probe")
      EXPECT_TRUE(has(text, "gpt3-125m is a structure without weights, so it has no values")) << info.id << ": " << text;
    else EXPECT_NE(text, "") << info.id;
  }
  const std::string model = screen.dock("model");
  EXPECT_TRUE(has(model, "gpt3-125m\n125.2 M parameters · no weights, so no values\n12 blocks · 12 heads · d_model 768\n")) << model;
  EXPECT_TRUE(has(model, "attention | 2.4 M · 12 heads\n")) << model;
}

TEST(StructureWindow, has_a_page_as_long_as_the_prompt_and_runs_nothing) {
  Screen screen;
  screen.open("sort-nano");
  screen.run("open config:gpt2");
  ASSERT_TRUE(screen.until([&] { return screen.lab().model()->weights->name == "gpt2" && screen.lab().up_to_date(); }));
  screen.run("set-prompt \"The capital of France is\"");
  EXPECT_EQ(screen.lab().scene_input().tokens.size(), 5U);
  EXPECT_TRUE(has(screen.run("generate 2"), "") && has(screen.lab().error() ? screen.lab().error()->message : "", "without weights"));
  screen.run("undo");
  screen.run("undo");
  ASSERT_TRUE(screen.until([&] { return screen.lab().model()->weights->name == "sort-nano" && screen.lab().up_to_date(); }));
  EXPECT_TRUE(screen.lab().run()) << "the model that was open before is back";
}

}  // namespace
}  // namespace gf::ui
