// The Sweep dock: the command line's numbers, progress and stop, cells that become edits.
#include "app/ui/docks/sweep_dock.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSpinBox>
#include <QTableView>
#include <QTest>
#include <QToolButton>
#include <QTreeWidget>
#include <set>

#include "app/ui/answers/answer_view.h"
#include "model/base/numbers.h"
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
  EXPECT_TRUE(screen.lab().is_cut({4, 3}));
  QTest::keyClick(table, Qt::Key_Return);
  EXPECT_FALSE(screen.lab().is_cut({4, 3}));
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
  const testing::Json edges = asked_sweep({"--what", "edges", "--top", "200", "--clean", kOtherPrompt})["edges"]["edges"];
  EXPECT_EQ(static_cast<std::size_t>(sweep_view(screen).sheet().rows.size()), edges.size()) << edges.dump();
  ASSERT_TRUE(choose("saliency")) << screen.dock("sweep");
  expect_values(sweep_view(screen).sheet(), testing::Json::array({asked_sweep({"--what", "saliency"})["saliency"]["grad_norm"]["values"]}));
}

/// Says an option of the sweep as one does who types it.
void say_option(Screen& screen, const char* name, const char* value) {
  auto& line = sweep_part<QLineEdit>(screen, name);
  line.setText(QString::fromLatin1(value));
  emit line.editingFinished();
}

TEST(SweepDock, takes_the_options_of_the_command_line) {
  Screen screen;
  choose_sweep(screen, "ablate-sweep");
  auto& options = sweep_part<QToolButton>(screen, "sweep_options_button");
  EXPECT_EQ(options.text().toStdString(), "Options");
  EXPECT_FALSE(sweep_part<QComboBox>(screen, "option_with").isVisible());
  options.click();
  auto& with = sweep_part<QComboBox>(screen, "option_with");
  ASSERT_TRUE(with.isVisible());
  with.setCurrentText(QStringLiteral("mean"));
  EXPECT_EQ(options.text().toStdString(), "Options (1 changed)");
  run_sweep(screen);
  expect_values(sweep_view(screen).sheet(), asked_sweep({"--what", "ablate-sweep", "--with", "mean"})["ablate_sweep"]["delta"]["values"]);
  // As long as it is watched, a sweep follows its options.
  const double with_mean = static_cast<double>(*sweep_view(screen).sheet().at(4, 3).value);
  with.setCurrentText(QStringLiteral("zero"));
  ASSERT_TRUE(screen.until([&] { return static_cast<double>(*sweep_view(screen).sheet().at(4, 3).value) != with_mean; }));
  expect_values(sweep_view(screen).sheet(), asked_sweep({"--what", "ablate-sweep"})["ablate_sweep"]["delta"]["values"]);
  with.setCurrentText(QStringLiteral("mean"));

  auto& combo = sweep_part<QComboBox>(screen, "sweep_question");
  combo.setCurrentIndex(combo.findData("path"));
  emit combo.activated(combo.currentIndex());
  screen.run("other-prompt \"" + std::string(kOtherPrompt) + "\"");
  say_option(screen, "option_receiver", "5.1.q");
  run_sweep(screen);
  EXPECT_EQ(sweep_view(screen).part(), "delta") << "the part of this name showed before";
  expect_values(sweep_view(screen).sheet(),
                asked_sweep({"--what", "path", "--clean", kOtherPrompt, "--receiver", "5.1.q"})["path"]["delta"]["values"]);
  EXPECT_TRUE(has(screen.dock("sweep"), "on its way to 5.1.q alone")) << screen.dock("sweep");
  say_option(screen, "option_receiver", "nonsense");
  EXPECT_TRUE(screen.until([&] { return has(screen.dock("sweep"), "'nonsense' is not a receiver"); })) << screen.dock("sweep");
  combo.setCurrentIndex(0);
  emit combo.activated(0);
  EXPECT_EQ(sweep_part<QComboBox>(screen, "option_with").currentText().toStdString(), "mean") << "what was said of a sweep stays";
}

TEST(SweepDock, says_how_much_of_the_answer_the_strongest_edges_bring_back) {
  Screen screen;
  choose_sweep(screen, "edges");
  screen.run("other-prompt \"" + std::string(kOtherPrompt) + "\"");
  auto& keep = sweep_part<QSpinBox>(screen, "option_keep");
  EXPECT_EQ(keep.text().toStdString(), "not asked for");
  keep.setValue(100);
  sweep_part<QPushButton>(screen, "sweep_run").click();
  ASSERT_TRUE(screen.until([&] { return sweep_part<QWidget>(screen, "circuit").isVisible(); })) << screen.dock("sweep");
  const double faithfulness =
      asked_sweep({"--what", "edges", "--keep", "100", "--clean", kOtherPrompt})["edges"]["faithfulness"].get<double>();
  EXPECT_TRUE(has(screen.dock("sweep"), "The 100 strongest edges alone bring back " + numbers::percent(faithfulness) + " of"))
      << screen.dock("sweep");
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

/// Opens fable, asks for the edges and waits for them.
void find_edges(Screen& screen) {
  choose_sweep(screen, "edges");
  screen.run("other-prompt \"" + std::string(kOtherPrompt) + "\"");
  sweep_part<QPushButton>(screen, "sweep_run").click();
  EXPECT_TRUE(screen.until([&] { return sweep_part<QWidget>(screen, "circuit").isVisible(); })) << screen.dock("sweep");
}

TEST(SweepDock, says_who_writes_who_reads_and_of_which_pair) {
  Screen screen;
  find_edges(screen);
  const std::string edges = screen.dock("sweep");
  EXPECT_TRUE(has(edges, "in logit “·Mary” − logit “·John”, after “·to”, position 13, to first order")) << edges;
  EXPECT_TRUE(has(edges, "Readers: heads' q, k and v, MLPs, logits.")) << edges;
  auto& combo = sweep_part<QComboBox>(screen, "sweep_question");
  combo.setCurrentIndex(combo.findData("path"));
  emit combo.activated(combo.currentIndex());
  run_sweep(screen);
  const std::string path = screen.dock("sweep");
  EXPECT_TRUE(has(path, "What each head changes in logit “·Mary” − logit “·John”, after “·to”, position 13")) << path;
  EXPECT_TRUE(has(path, "on its way to the logits alone")) << path;
}

TEST(SweepDock, shows_the_circuit_from_a_threshold_on_as_a_list_and_as_arcs) {
  Screen screen;
  find_edges(screen);
  const auto asked = asked_sweep({"--what", "edges", "--top", "20", "--clean", kOtherPrompt})["edges"];
  auto& tree = sweep_part<QTreeWidget>(screen, "circuit_tree");
  const auto edges = [&] {
    std::map<std::pair<std::string, std::string>, double> found;
    for (int i = 0; i < tree.topLevelItemCount(); ++i)
      for (int j = 0; j < tree.topLevelItem(i)->childCount(); ++j) {
        const QTreeWidgetItem& row = *tree.topLevelItem(i)->child(j);
        found[{row.text(0).toStdString(), row.data(0, Qt::UserRole).toString().toStdString()}] =
            row.text(1).replace(QStringLiteral("−"), QStringLiteral("-")).toDouble();
      }
    return found;
  };
  ASSERT_EQ(edges().size(), 20U) << "as many as the command line lists, before the user says more";
  for (const auto& edge : asked["edges"]) {
    const std::string to = edge["to"];
    EXPECT_TRUE(std::ranges::any_of(edges(), [&](const auto& row) {
      return row.first.second == to && std::abs(row.second - edge["score"].get<double>()) < 6e-4;
    })) << edge.dump();
  }
  EXPECT_TRUE(has(screen.dock("sweep"), "20 of 3,628 edges join ")) << screen.dock("sweep");
  EXPECT_FALSE(screen.lab().document().circuit) << "nothing is drawn before the user asks for it";
  auto& arcs = sweep_part<QPushButton>(screen, "circuit_scene");
  arcs.click();
  ASSERT_TRUE(screen.lab().document().circuit);
  EXPECT_EQ(screen.lab().document().view, scene::View::Stream);
  EXPECT_EQ(screen.lab().document().circuit->edges.size(), 20U);
  EXPECT_EQ(screen.lab().document().circuit->in_all, 3628);
  auto& least = sweep_part<QDoubleSpinBox>(screen, "circuit_least");
  const double fifth = std::abs(asked["edges"][4]["score"].get<double>());
  least.setValue(std::floor(fifth * 1000) / 1000);
  EXPECT_EQ(edges().size(), 5U);
  EXPECT_EQ(screen.lab().document().circuit->edges.size(), 5U);
  tree.setCurrentItem(tree.topLevelItem(tree.topLevelItemCount() - 1));
  ASSERT_TRUE(screen.lab().document().selection);
  EXPECT_EQ(screen.lab().document().selection->tensor.hook.kind, HookKind::Logits);
  EXPECT_EQ(screen.lab().document().selection->index[1], screen.lab().target()->v);
  arcs.click();
  EXPECT_FALSE(screen.lab().document().circuit);
  screen.run("undo");
  EXPECT_TRUE(screen.lab().document().circuit);
  screen.run("set-prompt \"The capital of France is\"");
  EXPECT_FALSE(screen.lab().document().circuit) << "its effects are those of the prompt before";
}

TEST(SweepDock, saves_the_circuit_as_the_command_line_does) {
  Screen screen;
  find_edges(screen);
  const auto here = testing::scratch_file("circuit-window.json"), there = testing::scratch_file("circuit-line.json");
  const auto saved = dynamic_cast<SweepDock&>(screen.window().docks().dock("sweep")).save_graph(here.string());
  ASSERT_TRUE(saved) << saved.error().message;
  asked_sweep({"--what", "edges", "--top", "20", "--clean", kOtherPrompt, "-o", there.string()});
  const auto window = testing::Json::parse(testing::content(here)), line = testing::Json::parse(testing::content(there));
  EXPECT_EQ(window["nodes"], line["nodes"]);
  EXPECT_EQ(window["metadata"], line["metadata"]);
  ASSERT_EQ(window["links"].size(), line["links"].size());
  for (std::size_t i = 0; i < line["links"].size(); ++i) {
    EXPECT_EQ(window["links"][i]["source"], line["links"][i]["source"]);
    EXPECT_EQ(window["links"][i]["target"], line["links"][i]["target"]);
    EXPECT_NEAR(window["links"][i]["weight"].get<double>(), line["links"][i]["weight"].get<double>(), 1e-4);
  }
}

TEST(SweepDock, is_cleared_by_its_button_and_by_esc) {
  Screen screen;
  choose_sweep(screen, "ablate-sweep");
  auto& clear = sweep_part<QPushButton>(screen, "sweep_clear");
  EXPECT_FALSE(clear.isVisible());
  run_sweep(screen);
  ASSERT_TRUE(clear.isVisible());
  clear.click();
  EXPECT_TRUE(has(screen.dock("sweep"), "Run shows what each head and MLP does")) << screen.dock("sweep");
  EXPECT_FALSE(sweep_view(screen).isVisible());
  run_sweep(screen);
  sweep_part<QTableView>(screen, "sweep_cells").setFocus(Qt::MouseFocusReason);
  screen.key("Esc");
  EXPECT_FALSE(sweep_view(screen).isVisible());
}

TEST(SweepDock, clears_one_sweep_and_keeps_the_others) {
  Screen screen;
  find_edges(screen);
  sweep_part<QPushButton>(screen, "circuit_scene").click();
  ASSERT_TRUE(screen.lab().document().circuit);
  auto& which = sweep_part<QComboBox>(screen, "sweep_question");
  const auto choose = [&](const char* question) {
    which.setCurrentIndex(which.findData(QString::fromLatin1(question)));
    emit which.activated(which.currentIndex());
  };
  choose("path");
  run_sweep(screen);
  sweep_part<QPushButton>(screen, "sweep_clear").click();
  EXPECT_FALSE(sweep_view(screen).isVisible());
  EXPECT_TRUE(screen.lab().document().circuit) << "that of the edges stays in the scene";
  choose("edges");
  EXPECT_TRUE(sweep_part<QWidget>(screen, "circuit").isVisible()) << screen.dock("sweep");
  EXPECT_TRUE(has(screen.dock("sweep"), "20 of 3,628 edges join ")) << screen.dock("sweep");
  sweep_part<QPushButton>(screen, "sweep_clear").click();
  EXPECT_FALSE(screen.lab().document().circuit);
  EXPECT_FALSE(sweep_part<QWidget>(screen, "circuit").isVisible());
}

TEST(SweepDock, is_of_the_present_run_again_after_an_edit_and_its_undo) {
  Screen screen;
  find_edges(screen);
  screen.run("show-dock sweep off");
  QCoreApplication::processEvents();  // it stops following
  screen.run("cut-head 4.3");
  ASSERT_TRUE(screen.settle());
  screen.run("undo");
  ASSERT_TRUE(screen.settle());
  EXPECT_FALSE(has(screen.dock("sweep"), "earlier run")) << screen.dock("sweep");
  screen.run("set-prompt \"When Mary and John went to the garden, John gave a book to\"");
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(has(screen.dock("sweep"), "This is of an earlier run; Run renews it.")) << screen.dock("sweep");
}

}  // namespace
}  // namespace gf::ui
