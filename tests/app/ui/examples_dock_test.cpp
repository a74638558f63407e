// The Examples dock: makes the index when it is asked to, and shows what excites the selection.
#include <QFileDialog>
#include <QPushButton>
#include <QTableWidget>
#include <QTemporaryDir>
#include <fstream>
#include <gtest/gtest.h>

#include "app/ui/docks/passage_list.h"
#include "tests/app/cli/program.h"
#include "tests/app/ui/own_cache.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

PassageList& passage_list(Screen& screen) { return *screen.window().docks().dock("examples").findChild<PassageList*>("examples_list"); }
QPushButton& make_button(Screen& screen) { return *screen.window().docks().dock("examples").findChild<QPushButton*>("examples_make"); }

/// A text of some passages.
std::string own_text(const QTemporaryDir& folder) {
  const std::string path = folder.filePath("own.txt").toStdString();
  std::ofstream out(path);
  for (int i = 0; i < 30; ++i) out << "The capital of France is Paris. Once upon a time there was a king who had " << i << " ships.\n";
  return path;
}

void choose_own_text(Screen& screen, const std::string& path) {
  screen.window().docks().dock("examples").findChild<QPushButton*>("examples_text_button")->click();
  auto* files = screen.window().docks().dock("examples").findChild<QFileDialog*>("examples_files");
  ASSERT_NE(files, nullptr);
  emit files->fileSelected(QString::fromStdString(path));
  files->close();
}

TEST(ExamplesDock, says_what_to_do) {
  const OwnCache cache;
  Screen screen;
  screen.open("sort-nano");
  EXPECT_TRUE(has(screen.dock("examples"), "Select a head, or a neuron")) << screen.dock("examples");
  EXPECT_EQ(screen.run("select blocks.1.attn.hook_pattern 2 3 1"), "");
  ASSERT_TRUE(screen.until([&] { return make_button(screen).isVisible(); })) << screen.dock("examples");
}

TEST(ExamplesDock, makes_the_index_and_shows_the_passages_of_the_command_line) {
  const OwnCache cache;
  QTemporaryDir folder;
  const std::string text = own_text(folder);
  Screen screen;
  screen.open("fable");
  EXPECT_EQ(screen.run("select blocks.3.mlp.hook_post 13 100"), "");
  (void)screen.dock("examples");
  choose_own_text(screen, text);
  ASSERT_TRUE(screen.until([&] { return make_button(screen).isVisible(); })) << screen.dock("examples");
  EXPECT_TRUE(has(screen.dock("examples"), "There is no index of fable over own.txt yet.")) << screen.dock("examples");
  make_button(screen).click();
  ASSERT_TRUE(screen.until([&] { return passage_list(screen).count() > 0 && passage_list(screen).isVisible(); }))
      << screen.dock("examples");
  const testing::Outcome o = testing::program({"analyze", "fable", "--what", "examples", "--unit", "3.100", "--corpus", text, "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const testing::Json passages = o.json()["examples"]["passages"];
  ASSERT_EQ(static_cast<std::size_t>(passage_list(screen).count()), passages.size());
  for (std::size_t i = 0; i < passages.size(); ++i) {
    EXPECT_EQ(passage_list(screen).passages()[i].activation, passages[i]["activation"].get<float>());
    EXPECT_EQ(passage_list(screen).passages()[i].peak, passages[i]["position"].get<int>());
  }
  // A passage becomes the prompt, and undo takes it back.
  passage_list(screen).on_chosen(0);
  EXPECT_EQ(screen.lab().document().prompt, passages[0]["text"].get<std::string>());
  EXPECT_TRUE(screen.settle());
  EXPECT_EQ(screen.run("undo"), "");
  EXPECT_EQ(screen.lab().document().prompt, doc::kDefaultPrompt);
  EXPECT_TRUE(screen.settle());
  // The head finder.
  screen.window().docks().dock("examples").findChild<QAbstractButton*>("examples_heads")->click();
  auto& heads = *screen.window().docks().dock("examples").findChild<QTableWidget*>("examples_head_table");
  ASSERT_TRUE(screen.until([&] { return heads.isVisible() && heads.rowCount() == 48; })) << screen.dock("examples");
  heads.sortByColumn(1, Qt::DescendingOrder);
  const testing::Outcome all = testing::program({"analyze", "fable", "--what", "head-finder", "--corpus", text, "--json"});
  ASSERT_EQ(all.code, 0) << all.err;
  double most = 0;
  std::string best;
  const testing::Json previous = all.json()["head_finder"]["previous"]["values"];
  for (std::size_t layer = 0; layer < previous.size(); ++layer)
    for (std::size_t head = 0; head < previous[layer].size(); ++head)
      if (previous[layer][head].get<double>() > most) {
        most = previous[layer][head].get<double>();
        best = std::to_string(layer) + "." + std::to_string(head);
      }
  EXPECT_EQ(heads.item(0, 0)->text().toStdString(), best);
  emit heads.cellClicked(0, 0);
  ASSERT_TRUE(screen.lab().document().selection);
  EXPECT_EQ(screen.lab().document().selection->tensor.hook.kind, HookKind::Pattern);
}

TEST(ExamplesDock, making_an_index_can_be_stopped) {
  const OwnCache cache;
  Screen screen;
  screen.open("fable");
  EXPECT_EQ(screen.run("select blocks.3.mlp.hook_post 13 100"), "");
  (void)screen.dock("examples");
  ASSERT_TRUE(screen.until([&] { return make_button(screen).isVisible(); })) << screen.dock("examples");
  EXPECT_EQ(make_button(screen).text(), "Make the index");
  make_button(screen).click();
  ASSERT_TRUE(screen.until([&] { return make_button(screen).text() == "Stop"; }));
  make_button(screen).click();
  EXPECT_TRUE(screen.until([&] { return make_button(screen).text() == "Make the index" && !passage_list(screen).isVisible(); }));
}

}  // namespace
}  // namespace gf::ui
