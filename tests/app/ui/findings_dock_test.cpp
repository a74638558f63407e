// The Findings dock: the sentences of the command line, strongest first, and where they lead.
#include <QApplication>
#include <QClipboard>
#include <QListWidget>
#include <QPushButton>
#include <QTest>
#include <gtest/gtest.h>

#include "tests/app/cli/program.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

QListWidget& findings_list(Screen& screen) { return *screen.window().docks().dock("findings").findChild<QListWidget*>("findings_list"); }

void find_all(Screen& screen) {
  (void)screen.dock("findings");
  ASSERT_TRUE(screen.until([&] { return findings_list(screen).count() > 0 && findings_list(screen).isVisible(); }))
      << screen.dock("findings");
}

TEST(FindingsDock, has_the_sentences_of_the_command_line) {
  Screen screen;
  screen.open("fable");
  find_all(screen);
  const testing::Outcome o = testing::program({"analyze", "fable", "--prompt", doc::kDefaultPrompt, "--what", "scan", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const testing::Json findings = o.json()["scan"]["findings"];
  auto& list = findings_list(screen);
  ASSERT_EQ(static_cast<std::size_t>(list.count()), findings.size());
  for (int i = 0; i < list.count(); ++i)
    EXPECT_EQ(list.item(i)->text().toStdString(), findings[static_cast<std::size_t>(i)]["sentence"].get<std::string>()) << i;
  const std::string text = screen.dock("findings");
  EXPECT_TRUE(has(text, "things stand out.")) << text;
  screen.window().docks().dock("findings").findChild<QPushButton*>("findings_copy")->click();
  EXPECT_EQ(QApplication::clipboard()->text().count('\n'), list.count());
}

TEST(FindingsDock, says_under_edits_that_it_speaks_of_the_base_run) {
  Screen screen;
  screen.open("fable");
  find_all(screen);
  EXPECT_FALSE(has(screen.dock("findings"), "base run")) << screen.dock("findings");
  screen.lab().set_cut({4, 3}, true);
  ASSERT_TRUE(screen.until([&] { return screen.lab().up_to_date() && screen.lab().run()->has_edits(); }));
  EXPECT_TRUE(screen.until([&] { return has(screen.dock("findings"), "stand out. All of this is the base run, without the edits."); }))
      << screen.dock("findings");
}

TEST(FindingsDock, leads_into_the_scene_and_back) {
  Screen screen;
  screen.open("fable");
  find_all(screen);
  auto& list = findings_list(screen);
  int row = 0;
  while (row < list.count() && !list.item(row)->text().startsWith("Head 4.3 matters")) ++row;
  ASSERT_LT(row, list.count());
  const auto before = screen.lab().document().selection;
  emit list.itemClicked(list.item(row));
  const auto& cell = screen.lab().document().selection;
  ASSERT_TRUE(cell);
  EXPECT_EQ(name_of(cell->tensor.hook), "blocks.4.attn.hook_pattern");
  EXPECT_EQ(cell->index[0], 3);
  EXPECT_EQ(screen.run("undo"), "");
  EXPECT_EQ(screen.lab().document().selection, before);
}

TEST(FindingsDock, goes_nowhere_when_it_gets_the_keyboard) {
  Screen screen;
  screen.open("fable");
  find_all(screen);
  const auto before = screen.lab().document().selection;
  screen.window().activateWindow();
  findings_list(screen).setFocus(Qt::TabFocusReason);
  ASSERT_TRUE(screen.until([&] { return findings_list(screen).hasFocus(); }));
  EXPECT_EQ(screen.lab().document().selection, before) << "nobody has chosen a finding";
  QTest::keyClick(&findings_list(screen), Qt::Key_Down);
  EXPECT_NE(screen.lab().document().selection, before);
}

TEST(FindingsDock, can_be_stopped_and_begun_again) {
  Screen screen;
  screen.open("fable");
  (void)screen.dock("findings");
  auto* stop = screen.window().docks().dock("findings").findChild<QPushButton*>("findings_stop");
  ASSERT_TRUE(stop->isVisible());
  stop->click();
  EXPECT_TRUE(has(screen.dock("findings"), "The search was stopped.")) << screen.dock("findings");
  EXPECT_TRUE(has(screen.dock("findings"), "[Search again]"));
  stop->click();
  EXPECT_TRUE(screen.until([&] { return findings_list(screen).count() > 0; }));
}

TEST(FindingsDock, every_finding_has_a_place_in_the_scene) {
  Screen screen;
  screen.open("fable", "The capital of France is Tokyo, and the capital of Spain is");
  find_all(screen);
  auto& list = findings_list(screen);
  for (int i = 0; i < list.count(); ++i) {
    screen.lab().execute(doc::select_cell(std::nullopt));
    emit list.itemClicked(list.item(i));
    EXPECT_TRUE(screen.lab().document().selection) << list.item(i)->text().toStdString();
  }
}

}  // namespace
}  // namespace gf::ui
