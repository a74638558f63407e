// What is renewed when: nothing of the window but time and camera while the run plays, and no table that shows the same.
#include <QCoreApplication>
#include <QLabel>
#include <QTableWidget>
#include <gtest/gtest.h>

#include "app/ui/docks/dock.h"
#include "app/ui/shell/status_line.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

TEST(Changes, tell_a_moment_from_all_else) {
  EXPECT_TRUE(doc::Changes{.moment = true}.moment_alone());
  EXPECT_FALSE(doc::Changes{}.moment_alone());
  doc::Changes both{.moment = true};
  both.jobs = true;
  EXPECT_FALSE(both.moment_alone());
}

TEST(MainWindow, renews_status_and_actions_when_something_changes_and_not_while_it_plays) {
  Screen screen;
  screen.open("fable");
  auto* facts = screen.window().findChild<QLabel*>("status_facts");
  QAction* undo = screen.window().runner().qaction("undo");
  ASSERT_TRUE(facts && undo);
  const QString said = facts->text(), label = undo->text();
  facts->setText("untouched");
  undo->setText("untouched");
  screen.lab().set_time(0);
  screen.lab().set_camera(render::Camera{{1, 2, 3}, 4, 0, 0, 0.6F});
  EXPECT_EQ(facts->text(), "untouched");
  EXPECT_EQ(undo->text(), "untouched");
  EXPECT_EQ(screen.run("time start"), "");
  screen.lab().execute(doc::select_position(2));
  EXPECT_EQ(facts->text(), said);
  EXPECT_NE(undo->text(), "untouched");
}

TEST(LogitsDock, is_filled_again_only_when_it_shows_something_else) {
  Screen screen;
  screen.open("fable");
  (void)screen.dock("logits");
  const auto* table = screen.window().findChild<QTableWidget*>("logits_table");
  ASSERT_TRUE(table && table->rowCount() > 0);
  const auto filled_by = [&](const auto& act) {
    table->item(0, 0)->setWhatsThis("old");
    act();
    EXPECT_TRUE(screen.settle());
    QCoreApplication::processEvents();
    return table->item(0, 0)->whatsThis() != "old";
  };
  doc::Lab& lab = screen.lab();
  EXPECT_FALSE(filled_by([&] {
    auto job = lab.jobs().open<int>("a job", {});
    job.second.work().progress(0.5);
  }));
  EXPECT_FALSE(filled_by([&] { lab.execute(doc::set_speed(scene::Pace::Token, 2)); }));
  EXPECT_FALSE(filled_by([&] { lab.set_time(0); }));
  EXPECT_FALSE(filled_by([&] { screen.window().docks().refresh({}); }));
  EXPECT_TRUE(filled_by([&] { lab.set_cut({4, 7}, true); }));
  EXPECT_TRUE(filled_by([&] { lab.execute(doc::select_position(2)); }));
  EXPECT_TRUE(filled_by([&] { screen.run("temperature 0.7"); }));
  EXPECT_TRUE(filled_by([&] { screen.run("theme light"); })) << "its numbers have colours";
  EXPECT_TRUE(filled_by([&] { screen.run("rival \" John\""); }));
  screen.window().docks().show("logits", false);
  lab.undo();
  lab.execute(doc::select_position(1));
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(has(screen.dock("logits"), "position 1")) << "it catches up when it is shown";
}

}  // namespace
}  // namespace gf::ui
