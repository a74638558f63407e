// Layouts move docks and nothing else, fit small windows, and are kept.
#include "app/ui/shell/layouts.h"

#include <QApplication>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenuBar>
#include <QPushButton>
#include <QSettings>
#include <QTabBar>
#include <gtest/gtest.h>

#include "app/ui/actions/command_palette.h"
#include "app/ui/dialogs/layouts_dialog.h"
#include "app/ui/docks/dock.h"
#include "app/ui/shell/layout_desk.h"
#include "app/ui/viewport/viewport.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

void settle_docks() {
  QCoreApplication::sendPostedEvents();
  QCoreApplication::processEvents();
}

/// The docks that show, by their ids; those behind another tab in brackets.
std::string docks_in_sight(Screen& screen) {
  settle_docks();
  std::string all;
  for (const DockInfo& info : docks()) {
    if (!screen.window().docks().shown(info.id)) continue;
    const bool front = screen.window().docks().in_front(info.id);
    all += (all.empty() ? "" : " ") + (front ? std::string(info.id) : "(" + std::string(info.id) + ")");
  }
  return all;
}

QDockWidget* frame_of_dock(Screen& screen, const char* id) {
  return screen.window().findChild<QDockWidget*>(QString::fromLatin1(id) + QStringLiteral("_dock"));
}

/// Its window gets this size as if it had been opened so.
void resize_to(Screen& screen, QSize size) {
  screen.window().resize(size);
  settle_docks();
  ASSERT_EQ(screen.window().size(), size);
}

TEST(Layouts, show_what_their_purpose_needs) {
  Screen screen;
  screen.open("fable");
  for (const auto& [name, docks] : {std::pair("explore", "model probe logits"),
                                    {"probe", "probe (why) (attention) (sweep) logits (directions)"},
                                    {"compare", "(two_prompts) compare (decoding) logits"},
                                    {"teach", "lessons (history)"}}) {
    EXPECT_EQ(screen.run(std::string("layout ") + name), "");
    EXPECT_EQ(docks_in_sight(screen), docks) << name;
  }
  EXPECT_EQ(screen.window().dockWidgetArea(frame_of_dock(screen, "lessons")), Qt::LeftDockWidgetArea);
  EXPECT_EQ(screen.run("layout Explore"), "") << "as it is written in the menu";
  EXPECT_EQ(docks_in_sight(screen), "model probe logits");
}

TEST(Layouts, bring_every_dock_of_a_window_that_was_rearranged) {
  Screen screen;
  screen.open("fable");
  screen.window().addDockWidget(Qt::BottomDockWidgetArea, frame_of_dock(screen, "logits"));
  frame_of_dock(screen, "probe")->setFloating(true);
  for (const DockInfo& info : docks()) screen.window().docks().show(info.id, true);
  EXPECT_EQ(screen.run("layout explore"), "");
  EXPECT_EQ(docks_in_sight(screen), "model probe logits");
  EXPECT_FALSE(frame_of_dock(screen, "probe")->isFloating());
  EXPECT_EQ(screen.window().dockWidgetArea(frame_of_dock(screen, "logits")), Qt::RightDockWidgetArea);
  for (const DockInfo& info : docks()) {
    screen.window().docks().show(info.id, true);
    settle_docks();
    EXPECT_TRUE(screen.window().docks().in_front(info.id)) << info.id << " has a place in each layout";
  }
}

TEST(Layouts, leave_the_scene_most_of_any_window) {
  Screen screen;
  screen.open("fable");
  for (const QSize size : {QSize(1280, 720), QSize(1600, 1000), QSize(960, 540)}) {
    resize_to(screen, size);
    for (const LayoutInfo& layout : layouts()) {
      EXPECT_EQ(screen.run(std::string("layout ") + layout.id), "");
      settle_docks();
      EXPECT_EQ(screen.window().size(), size) << layout.id << " has not widened the window";
      EXPECT_GE(screen.window().viewport().width(), size.width() * 0.48) << layout.id << ", " << size.width();
      EXPECT_GE(screen.window().viewport().height(), size.height() * 2 / 5) << layout.id << ", " << size.height();
    }
  }
}

TEST(Layouts, show_no_part_of_a_dock_while_qt_arranges_them) {
  Screen screen;
  screen.open("fable");
  for (const DockInfo& info : docks()) screen.window().docks().show(info.id, true);
  resize_to(screen, {1280, 720});
  const std::vector<std::string> none;
  for (const DockInfo& info : docks()) {
    QDockWidget* frame = frame_of_dock(screen, info.id);
    EXPECT_EQ(shown_within([&] { frame->raise(); }), none) << info.id << ", raised";
    settle_docks();
    for (const QSize size : {QSize(1600, 1000), QSize(1100, 640), QSize(1280, 720)}) {
      EXPECT_EQ(shown_within([&] { screen.window().resize(size); }), none) << info.id << ", " << size.width();
      settle_docks();
    }
    // Beside it another one comes or goes, so that it is stacked or no longer is.
    screen.window().docks().show(info.id, false);
    settle_docks();
    EXPECT_EQ(shown_within([&] { screen.window().resize(1300, 730); }), none) << "without " << info.id;
    screen.window().docks().show(info.id, true);
    resize_to(screen, {1280, 720});
  }
}

TEST(Layouts, lose_no_run_selection_or_result) {
  Screen screen;
  screen.open("fable");
  screen.run("layout probe");
  screen.run("show-dock sweep on");
  settle_docks();
  screen.window().docks().dock("sweep").findChild<QPushButton*>("sweep_run")->click();
  ASSERT_TRUE(screen.rest());
  screen.run("select blocks.3.attn.hook_z 3 1 0");
  ASSERT_TRUE(screen.settle());
  const std::string sweep = screen.dock("sweep");
  const doc::Document before = screen.lab().document();
  const auto run = screen.lab().run();
  for (const char* name : {"teach", "explore", "compare", "probe"}) {
    EXPECT_EQ(screen.run(std::string("layout ") + name), "");
    settle_docks();
  }
  EXPECT_EQ(screen.dock("sweep"), sweep);
  EXPECT_EQ(screen.lab().document(), before);
  EXPECT_EQ(screen.lab().run(), run);
}

TEST(Layouts, of_ones_own_are_saved_renamed_and_deleted) {
  Screen screen;
  screen.open("fable");
  screen.run("layout teach");
  screen.run("show-dock lens on");
  EXPECT_EQ(screen.run("save-layout \"my lens\""), "");
  const std::string own = docks_in_sight(screen);
  screen.run("layout explore");
  EXPECT_EQ(screen.run("layout \"my lens\""), "");
  EXPECT_EQ(docks_in_sight(screen), own);
  screen.run("show-dock lens off");
  EXPECT_EQ(screen.run("reset-layout"), "");
  EXPECT_EQ(docks_in_sight(screen), own);
  EXPECT_EQ(screen.run("rename-layout \"my lens\" depth"), "");
  EXPECT_EQ(screen.run("layout \"my lens\""), "There is no layout \"my lens\"; there are explore, probe, compare, teach, depth.");
  EXPECT_EQ(screen.run("layout depth"), "");
  EXPECT_EQ(screen.run("delete-layout depth"), "");
  EXPECT_EQ(docks_in_sight(screen), own) << "the docks stay as they are";
  EXPECT_EQ(screen.run("reset-layout"), "") << "the layout that was chosen is gone";
  EXPECT_EQ(docks_in_sight(screen), "model probe logits");
}

TEST(Layouts, refuse_names_in_one_sentence) {
  Screen screen;
  EXPECT_EQ(screen.run("save-layout Explore"), "The layout \"Explore\" comes with the program; choose another name.");
  EXPECT_EQ(screen.run("save-layout \" \""), "Give the layout a name.");
  EXPECT_EQ(screen.run("save-layout " + std::string(61, 'x')), "The name of a layout has at most 60 letters.");
  EXPECT_EQ(screen.run("delete-layout probe"), "The layout \"probe\" comes with the program and stays.");
  EXPECT_EQ(screen.run("save-layout one") + screen.run("save-layout two"), "");
  EXPECT_EQ(screen.run("rename-layout one two"), "There is a layout \"two\" already.");
  screen.open("fable");
  screen.run("present on");
  EXPECT_EQ(screen.run("layout probe"), "Present has no docks; leave it first.");
}

TEST(Layouts, are_there_again_at_the_next_start) {
  std::string own;
  {
    Screen screen;
    screen.open("fable");
    screen.run("layout teach");
    screen.run("save-layout class");
    screen.run("show-dock history off");
    own = docks_in_sight(screen);
    screen.window().close();
    doc::Lab lab([](std::function<void()> work) { QMetaObject::invokeMethod(qApp, std::move(work), Qt::QueuedConnection); });
    MainWindow again(lab);
    for (const DockInfo& info : docks()) EXPECT_EQ(again.docks().shown(info.id), std::string(info.id) == "lessons") << info.id;
    EXPECT_EQ(chosen_layout(), "class");
    EXPECT_EQ(again.layout_desk().use("class").has_value(), true);
    EXPECT_TRUE(again.docks().shown("history"));
  }
  EXPECT_EQ(own, "lessons");
}

TEST(Layouts, chosen_in_a_lesson_stay_after_it) {
  Screen screen;
  screen.open("fable");
  ASSERT_TRUE(screen.until([&] { return !screen.window().player().lessons().empty(); }));
  screen.run("lesson first-look");
  EXPECT_EQ(screen.run("layout compare"), "");
  EXPECT_TRUE(has(docks_in_sight(screen), "lessons")) << "the lesson's own dock";
  EXPECT_TRUE(has(docks_in_sight(screen), "compare"));
  screen.run("leave-lesson");
  EXPECT_TRUE(has(docks_in_sight(screen), "compare"));
}

TEST(Layouts, stand_in_the_menu_and_in_the_palette) {
  Screen screen;
  screen.open("fable");
  screen.run("save-layout mine");
  screen.window().show_palette();
  CommandPalette& palette = *screen.window().palette();
  const auto finds = [&](const char* words, const char* label) {
    palette.search(words);
    for (const auto& entry : palette.shown())
      if (entry.label == QString::fromUtf8(label)) return true;
    return false;
  };
  for (const char* label : {"Layout Explore", "Layout mine", "Save this layout …", "Reset the layout", "Delete the layout mine"})
    EXPECT_TRUE(finds("layout", label)) << label;
  EXPECT_TRUE(finds("safetensors", "Open model file …"));
  EXPECT_TRUE(finds("circuit", "Sweep dock"));
  palette.search("probe dock");
  EXPECT_EQ(palette.shown().front().label, "Probe dock") << "words about a command come after those of its name";
  palette.close();
}

TEST(LayoutsDialog, saves_uses_renames_and_deletes) {
  Screen screen;
  screen.open("fable");
  screen.run("layout explore");
  screen.run("save-layout");
  auto* dialog = screen.window().findChild<LayoutsDialog*>();
  ASSERT_TRUE(dialog && dialog->isVisible());
  auto* list = dialog->findChild<QListWidget*>("layouts_list");
  auto* name = dialog->findChild<QLineEdit*>("layouts_name");
  const auto press = [&](const char* button) { dialog->findChild<QPushButton*>(button)->click(); };
  EXPECT_FALSE(dialog->findChild<QPushButton*>("layouts_use")->isEnabled());
  name->setText("probe");
  press("layouts_save");
  EXPECT_TRUE(has(screen_text(*dialog), "comes with the program; choose another name.")) << "the error stands beside what one types";
  name->setText("mine");
  press("layouts_save");
  EXPECT_FALSE(has(screen_text(*dialog), "comes with the program"));
  ASSERT_EQ(list->count(), 1);
  screen.run("layout teach");
  press("layouts_use");
  EXPECT_EQ(docks_in_sight(screen), "model probe logits");
  list->item(0)->setText("yours");
  ASSERT_EQ(own_layouts().size(), 1U);
  EXPECT_EQ(own_layouts().front().name, "yours");
  QCoreApplication::processEvents();
  press("layouts_delete");
  EXPECT_EQ(list->count(), 0);
}

}  // namespace
}  // namespace gf::ui
