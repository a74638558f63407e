// A model without weights in the window.
#include <QAbstractButton>
#include <QAction>
#include <QComboBox>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <gtest/gtest.h>

#include "app/ui/actions/action_runner.h"
#include "app/ui/actions/values_needed.h"
#include "app/ui/viewport/viewport.h"
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

TEST(StructureWindow, disables_what_can_do_nothing_and_says_why) {
  Screen screen;
  screen.open("sort-nano");
  MainWindow& window = screen.window();
  const auto control = [&](const char* name) { return window.findChild<QWidget*>(QLatin1String(name)); };
  constexpr const char* kControls[] = {"run_button",   "generate_button", "generate_count", "chip_measure", "play_button",
                                       "first_button", "back_button",     "forward_button", "last_button",  "unit_combo",
                                       "speed_combo",  "compare_base",    "compare_split"};
  std::map<std::string, QString> tips;
  for (const char* name : kControls) {
    ASSERT_NE(control(name), nullptr) << name;
    EXPECT_TRUE(control(name)->isEnabled()) << name;
    tips[name] = control(name)->toolTip();
  }
  screen.run("open config:gpt2");
  ASSERT_TRUE(screen.until([&] { return screen.lab().model()->weights->name == "gpt2" && screen.lab().up_to_date(); }));
  const QString why = lack_of_values(screen.lab());
  EXPECT_TRUE(why.startsWith("gpt2 is a structure without weights")) << why.toStdString();
  for (const char* name : kControls) {
    EXPECT_FALSE(control(name)->isEnabled()) << name;
    EXPECT_EQ(control(name)->toolTip(), why) << name;
  }
  EXPECT_TRUE(control("prompt_edit")->isEnabled()) << "the page has a row for each token of it";
  EXPECT_TRUE(has(control("prompt_edit")->toolTip().toStdString(), "a row for each of its tokens"));
  int disabled = 0;
  for (const Action& action : actions()) {
    if (!action.bare() || !needs_values(action.id)) continue;
    const QAction* q = window.runner().qaction(action.id);
    EXPECT_FALSE(q->isEnabled()) << action.id;
    EXPECT_EQ(q->toolTip(), why) << action.id;
    EXPECT_TRUE(has(screen.run(action.id), "without weights")) << action.id;
    ++disabled;
  }
  EXPECT_GT(disabled, 20);
  screen.run("open sort-nano");
  ASSERT_TRUE(
      screen.until([&] { return screen.lab().model()->weights->name == "sort-nano" && screen.lab().up_to_date() && screen.lab().run(); }));
  for (const char* name : kControls) {
    EXPECT_TRUE(control(name)->isEnabled()) << name;
    EXPECT_EQ(control(name)->toolTip(), tips[name]) << name;
  }
}

TEST(StructureWindow, has_menus_of_cells_that_offer_no_numbers_and_no_edits) {
  Screen screen;
  screen.open("sort-nano");
  screen.run("open config:gpt2");
  ASSERT_TRUE(screen.until([&] { return screen.lab().model()->weights->name == "gpt2" && screen.lab().up_to_date(); }));
  const scene::CellRef cell{{{HookKind::Pattern, 2}, {}}, {3, 1, 0}};
  screen.window().viewport().on_context_menu({cell, {}, 0}, {});
  const auto* menu = screen.window().findChild<QMenu*>("cell_menu");
  ASSERT_NE(menu, nullptr);
  int disabled = 0;
  for (const QAction* action : menu->actions()) {
    const std::string words = action->text().toStdString();
    for (const char* of_values :
         {"Cut head", "Replace by its mean", "Set to zero", "Scale", "Plot its numbers", "Copy its row", "Copy its code"})
      if (has(words, of_values)) {
        EXPECT_FALSE(action->isEnabled()) << words;
        EXPECT_EQ(action->toolTip(), lack_of_values(screen.lab())) << words;
        ++disabled;
      }
    if (words == "Select" || words == "Fly there") {
      EXPECT_TRUE(action->isEnabled()) << words;
    }
  }
  EXPECT_GE(disabled, 6);
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
