// The Sweep dock: the command line's numbers, progress and stop, cells that become edits.
#include "app/ui/docks/sweep_dock.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QTableView>
#include <QTest>
#include <set>

#include "app/ui/answers/answer_view.h"
#include "tests/app/cli/program.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

constexpr const char* kOtherPrompt = "When Mary and John went to the garden, Mary gave a ring to";

template <class Widget>
Widget& sweep_part(Screen& screen, const char* name) {
  return *screen.window().docks().dock("sweep").findChild<Widget*>(name);
}

AnswerView& sweep_view(Screen& screen) { return dynamic_cast<SweepDock&>(screen.window().docks().dock("sweep")).view(); }

/// Opens fable with A and B of the command line and chooses a sweep.
void choose_sweep(Screen& screen, const char* question) {
  screen.open("fable");
  screen.run("target \" Mary\"");
  screen.run("rival \" John\"");
  (void)screen.dock("sweep");
  auto& combo = sweep_part<QComboBox>(screen, "sweep_question");
  combo.setCurrentIndex(combo.findData(QString::fromLatin1(question)));
  emit combo.activated(combo.currentIndex());
}

void run_sweep(Screen& screen) {
  sweep_part<QPushButton>(screen, "sweep_run").click();
  EXPECT_TRUE(screen.until([&] { return sweep_view(screen).isVisible() && !sweep_view(screen).sheet().cells.empty(); }))
      << screen.dock("sweep");
}

testing::Json asked_sweep(std::vector<std::string> options) {
  std::vector<std::string> line{"analyze", "fable", "--prompt", doc::kDefaultPrompt, "--target", " Mary", "--against", " John", "--json"};
  line.insert(line.end(), options.begin(), options.end());
  const testing::Outcome o = testing::program(line);
  EXPECT_EQ(o.code, 0) << o.err;
  return o.json();
}

void expect_values(const AnswerSheet& sheet, const testing::Json& values) {
  ASSERT_EQ(static_cast<std::size_t>(sheet.rows.size()), values.size());
  for (int row = 0; row < sheet.rows.size(); ++row)
    for (int column = 0; column < sheet.columns.size(); ++column)
      EXPECT_NEAR(static_cast<double>(*sheet.at(row, column).value),
                  values[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)].get<double>(), 1e-4);
}

TEST(SweepDock, names_each_part_by_its_site) {
  for (const char* name : {"attribution", "patch-sweep"}) {
    std::set<std::string> titles;
    for (const PartInfo& part : find_question(name)->parts) EXPECT_TRUE(titles.insert(part.title).second) << name << ": " << part.title;
  }
}

TEST(SweepDock, cuts_each_head_as_the_command_line_does) {
  Screen screen;
  choose_sweep(screen, "ablate-sweep");
  EXPECT_TRUE(has(screen.dock("sweep"), "Run shows what each head and MLP does, by cutting them in turn.\n")) << screen.dock("sweep");
  run_sweep(screen);
  expect_values(sweep_view(screen).sheet(), asked_sweep({"--what", "ablate-sweep"})["ablate_sweep"]["delta"]["values"]);
}

TEST(SweepDock, fits_its_grid_into_the_dock) {
  Screen screen;
  choose_sweep(screen, "ablate-sweep");
  run_sweep(screen);
  auto& table = sweep_part<QTableView>(screen, "sweep_cells");
  ASSERT_LT(table.viewport()->width(), 8 * 62) << "else the usual columns have room";
  EXPECT_EQ(table.horizontalScrollBar()->maximum(), 0);
  EXPECT_EQ(table.verticalScrollBar()->maximum(), 0);
}

TEST(SweepDock, patches_from_a_prompt_of_the_same_length_alone) {
  Screen screen;
  choose_sweep(screen, "patch-sweep");
  EXPECT_TRUE(has(screen.dock("sweep"), "Type a prompt to copy from")) << screen.dock("sweep");
  EXPECT_FALSE(sweep_part<QPushButton>(screen, "sweep_run").isEnabled());
  screen.run("other-prompt \"Mary gave a ring to\"");
  EXPECT_TRUE(has(screen.dock("sweep"), " tokens, and the one above has 14. Make them equally long")) << screen.dock("sweep");
  screen.run("other-prompt \"" + std::string(kOtherPrompt) + "\"");
  EXPECT_EQ(sweep_part<QLineEdit>(screen, "sweep_clean").text().toStdString(), kOtherPrompt);
  run_sweep(screen);
  sweep_view(screen).show_part("resid_pre");
  expect_values(sweep_view(screen).sheet(),
                asked_sweep({"--what", "patch-sweep", "--clean", kOtherPrompt})["patch_sweep"]["resid_pre"]["values"]);
}

TEST(SweepDock, makes_a_cell_an_edit_and_takes_it_back) {
  Screen screen;
  choose_sweep(screen, "patch-sweep");
  screen.run("other-prompt \"" + std::string(kOtherPrompt) + "\"");
  run_sweep(screen);
  sweep_view(screen).show_part("resid_pre");
  sweep_view(screen).on_part();
  auto* table = sweep_view(screen).findChild<QTableView*>("sweep_cells");
  table->setFocus();
  table->setCurrentIndex(table->model()->index(2, 9));
  EXPECT_EQ(screen.lab().document().selection->tensor.name(), "blocks.2.hook_resid_pre");
  EXPECT_EQ(screen.lab().document().selection->index[0], 9);
  EXPECT_TRUE(has(screen.dock("sweep"), "[Patch it]\n")) << screen.dock("sweep");
  sweep_part<QPushButton>(screen, "sweep_make").click();
  ASSERT_EQ(screen.lab().document().recipe.edits.size(), 1U);
  const Edit& edit = screen.lab().document().recipe.edits[0];
  EXPECT_EQ(edit.hook, "blocks.2.hook_resid_pre");
  EXPECT_EQ(edit.positions, Selector::only(9));
  ASSERT_TRUE(edit.source);
  EXPECT_EQ(edit.source->prompt, kOtherPrompt);
  ASSERT_TRUE(screen.settle());
  ASSERT_FALSE(screen.lab().error()) << screen.lab().error()->message;
  EXPECT_TRUE(screen.lab().run()->has_edits());
  EXPECT_TRUE(has(screen.dock("sweep"), "[Take it back]\n")) << screen.dock("sweep");
  screen.run("undo");
  EXPECT_TRUE(screen.lab().document().recipe.empty());
}

TEST(SweepDock, cuts_the_head_of_a_cell_by_enter) {
  Screen screen;
  choose_sweep(screen, "act-grad");
  run_sweep(screen);
  expect_values(sweep_view(screen).sheet(), asked_sweep({"--what", "act-grad"})["act_grad"]["heads"]["values"]);
  auto* table = sweep_view(screen).findChild<QTableView*>("sweep_cells");
  table->setFocus();
  table->setCurrentIndex(table->model()->index(4, 3));
  QTest::keyClick(table, Qt::Key_Return);
  EXPECT_TRUE(screen.lab().is_cut(4, 3));
  QTest::keyClick(table, Qt::Key_Return);
  EXPECT_FALSE(screen.lab().is_cut(4, 3));
}

TEST(SweepDock, asks_for_paths_edges_and_saliency_as_the_command_line_does) {
  Screen screen;
  choose_sweep(screen, "path");
  screen.run("other-prompt \"" + std::string(kOtherPrompt) + "\"");
  run_sweep(screen);
  EXPECT_EQ(sweep_view(screen).part(), "effect");
  expect_values(sweep_view(screen).sheet(), asked_sweep({"--what", "path", "--clean", kOtherPrompt})["path"]["effect"]["values"]);
  auto& combo = sweep_part<QComboBox>(screen, "sweep_question");
  const auto choose = [&](const char* question) {
    combo.setCurrentIndex(combo.findData(QString::fromLatin1(question)));
    emit combo.activated(combo.currentIndex());
    sweep_part<QPushButton>(screen, "sweep_run").click();
    return screen.until([&, part = std::string(question) == "edges" ? "edges" : "grad_norm"] {
      return sweep_view(screen).isVisible() && sweep_view(screen).part() == part;
    });
  };
  ASSERT_TRUE(choose("edges")) << screen.dock("sweep");
  const testing::Json edges = asked_sweep({"--what", "edges", "--clean", kOtherPrompt})["edges"]["edges"];
  EXPECT_EQ(static_cast<std::size_t>(sweep_view(screen).sheet().rows.size()), edges.size()) << edges.dump();
  ASSERT_TRUE(choose("saliency")) << screen.dock("sweep");
  expect_values(sweep_view(screen).sheet(), testing::Json::array({asked_sweep({"--what", "saliency"})["saliency"]["grad_norm"]["values"]}));
}

TEST(SweepDock, can_be_stopped) {
  Screen screen;
  choose_sweep(screen, "ablate-sweep");
  auto& button = sweep_part<QPushButton>(screen, "sweep_run");
  button.click();
  EXPECT_EQ(button.text().toStdString(), "Stop");
  button.click();
  EXPECT_EQ(button.text().toStdString(), "Run");
  EXPECT_TRUE(screen.lab().jobs().listed().empty() || screen.settle());
}

}  // namespace
}  // namespace gf::ui
