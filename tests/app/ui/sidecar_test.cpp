// What leaves the docks as a file has a sidecar beside it, which opens the window so again.
#include "app/export/sidecar.h"

#include <QAbstractItemView>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QPushButton>
#include <QTest>
#include <QToolButton>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/ui/docks/data_dock.h"
#include "app/ui/plots/curve_plot.h"
#include "app/ui/plots/matrix_plot.h"
#include "tests/app/cli/program.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

std::string bytes_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream all;
  all << file.rdbuf();
  return all.str();
}

testing::Json json_of_file(const std::string& path) { return testing::Json::parse(bytes_of_file(path), nullptr, false); }

/// The menu of a table saves it: opens the dialog, whose buttons have room for what they show.
QFileDialog* asked_where_to_save(QAbstractItemView& table) {
  for (QAction* action : table.actions())
    if (action->text() == "Save as CSV …") action->trigger();
  QCoreApplication::processEvents();
  auto* files = table.findChild<QFileDialog*>("table_files");
  EXPECT_NE(files, nullptr);
  return files;
}

TEST(Sidecar, stand_beside_each_table_that_is_saved) {
  Screen screen;
  screen.open("fable");
  screen.run("select blocks.3.attn.hook_z 3 1 0");
  for (const auto& [dock, name] : {std::pair("lens", "lens_cells"), {"data", "data_cells"}, {"logits", "logits_table"}}) {
    (void)screen.dock(dock);
    ASSERT_TRUE(screen.rest()) << dock;
    auto* table = screen.window().docks().dock(dock).findChild<QAbstractItemView*>(name);
    ASSERT_NE(table, nullptr) << name;
    QFileDialog* files = asked_where_to_save(*table);
    ASSERT_NE(files, nullptr) << name;
    for (const QToolButton* button : files->findChildren<QToolButton*>())
      EXPECT_TRUE(button->isHidden() || button->width() >= button->sizeHint().width()) << button->objectName().toStdString();
    const QString path = QString::fromStdString(testing::scratch_file(std::string(name) + ".csv").string());
    emit files->fileSelected(path);
    files->close();
    EXPECT_EQ(screen.window().last_message(), "Saved " + path + " and its sidecar");
    QAction* copy = table->actions().front();
    copy->trigger();
    const std::string saved = bytes_of_file(path.toStdString());
    EXPECT_EQ(saved, QApplication::clipboard()->text().toStdString()) << "as it is copied";
    EXPECT_GT(std::ranges::count(saved, '\n'), 5) << saved;
    const auto sidecar = exporting::window_sidecar(path.toStdString() + ".json");
    ASSERT_TRUE(sidecar && *sidecar) << name;
    EXPECT_EQ((*sidecar)->part.dock, dock);
    EXPECT_EQ((*sidecar)->part.part, name);
  }
  EXPECT_TRUE(has(bytes_of_file(testing::scratch_file("logits_table.csv").string()), "\n13,")) << "after the last token";
}

MatrixPlot& attention(Screen& screen) {
  (void)screen.dock("attention");
  return *screen.window().docks().dock("attention").findChild<MatrixPlot*>("attention_matrix");
}

TEST(Sidecar, opens_the_window_as_a_plot_was_saved) {
  Screen screen;
  screen.open("fable", "The capital of France is");
  screen.run("cut-head 4.3");
  screen.run("select blocks.3.attn.hook_pattern 2 4 1");
  ASSERT_TRUE(screen.rest());
  MatrixPlot& plot = attention(screen);
  for (const char* ending : {"png", "svg", "pdf", "csv"}) {
    const std::string path = testing::scratch_file(std::string("sidecar-plot.") + ending).string();
    const auto saved = plot.save(QString::fromStdString(path));
    ASSERT_TRUE(saved) << saved.error().message;
    const testing::Json sidecar = json_of_file(path + ".json");
    ASSERT_TRUE(sidecar.is_object()) << ending;
    EXPECT_EQ(sidecar["dock"], "attention");
    EXPECT_EQ(sidecar["part"], "attention_matrix");
    EXPECT_EQ(sidecar["model"]["name"], "fable");
    EXPECT_EQ(sidecar["ids"].size(), static_cast<std::size_t>(screen.lab().run()->base->length()));
    EXPECT_TRUE(has(sidecar["command"].get<std::string>(), "--do open-session ")) << sidecar["command"];
  }
  const std::string numbers = plot.csv();
  const std::string sidecar = testing::scratch_file("sidecar-plot.csv").string() + ".json";
  screen.run("set-prompt \"Once upon a time\"");
  screen.run("remove-edits");
  ASSERT_TRUE(screen.rest());
  ASSERT_NE(plot.csv(), numbers);
  ASSERT_EQ(screen.run("open-session " + sidecar), "");
  ASSERT_TRUE(screen.rest());
  EXPECT_EQ(screen.lab().document().prompt, "The capital of France is");
  EXPECT_EQ(screen.lab().document().storage.file, "") << "saving the session does not write over the sidecar";
  EXPECT_EQ(attention(screen).csv(), numbers);
}

template <class Widget>
Widget& part_of_dock(Screen& screen, const char* dock, const char* name) {
  return *screen.window().docks().dock(dock).findChild<Widget*>(name);
}

void choose_in(QComboBox& combo, const char* id) {
  combo.setCurrentIndex(std::max(combo.findData(QString::fromLatin1(id)), combo.findText(QString::fromLatin1(id))));
  emit combo.activated(combo.currentIndex());
}

TEST(Sidecar, asks_again_as_the_dock_was_set) {
  std::string path, numbers;
  {
    Screen screen;
    screen.open("fable", "The capital of France is");
    (void)screen.dock("sweep");
    choose_in(part_of_dock<QComboBox>(screen, "sweep", "sweep_question"), "ablate-sweep");
    choose_in(part_of_dock<QComboBox>(screen, "sweep", "option_with"), "mean");
    EXPECT_FALSE(part_of_dock<QComboBox>(screen, "sweep", "option_with").isVisible()) << "it is folded away";
    part_of_dock<QPushButton>(screen, "sweep", "sweep_run").click();
    ASSERT_TRUE(screen.rest());
    choose_in(part_of_dock<QComboBox>(screen, "sweep", "sweep_part"), "mlp_delta");
    auto& line = part_of_dock<CurvePlot>(screen, "sweep", "sweep_line");
    ASSERT_TRUE(line.isVisible()) << screen.dock("sweep");
    numbers = line.csv();
    path = testing::scratch_file("sidecar-sweep.csv").string();
    ASSERT_TRUE(line.save(QString::fromStdString(path)));
    const testing::Json controls = json_of_file(path + ".json")["controls"];
    EXPECT_EQ(controls["sweep_question"], "ablate-sweep");
    EXPECT_EQ(controls["option_with"], "mean");
    EXPECT_EQ(controls["sweep_part"], "mlp_delta");
  }
  Screen again;
  again.open("fable");
  (void)again.dock("sweep");
  choose_in(part_of_dock<QComboBox>(again, "sweep", "sweep_question"), "saliency");
  ASSERT_EQ(again.run("open-session " + path + ".json"), "");
  ASSERT_TRUE(again.rest());
  EXPECT_EQ(part_of_dock<QComboBox>(again, "sweep", "sweep_question").currentData(), "ablate-sweep");
  EXPECT_EQ(part_of_dock<QComboBox>(again, "sweep", "option_with").currentText(), "mean");
  EXPECT_EQ(part_of_dock<CurvePlot>(again, "sweep", "sweep_line").csv(), numbers);
  choose_in(part_of_dock<QComboBox>(again, "sweep", "sweep_part"), "delta");
  again.run("cut-head 0.0");
  ASSERT_TRUE(again.rest());
  EXPECT_EQ(part_of_dock<QComboBox>(again, "sweep", "sweep_part").currentData(), "delta") << "a control is set once";
}

TEST(Sidecar, shows_the_dock_in_the_form_that_it_had) {
  Screen screen;
  screen.open("fable");
  screen.run("select blocks.3.attn.hook_z 3 1 0");
  ASSERT_TRUE(screen.settle());
  (void)screen.dock("data");
  part_of_dock<QToolButton>(screen, "data", "data_line").click();
  ASSERT_TRUE(screen.settle());
  const std::string path = testing::scratch_file("sidecar-line.svg").string();
  ASSERT_TRUE(part_of_dock<CurvePlot>(screen, "data", "data_curve").save(QString::fromStdString(path)));
  part_of_dock<QToolButton>(screen, "data", "data_table").click();
  screen.run("show-dock data off");
  ASSERT_EQ(screen.run("open-session " + path + ".json"), "");
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(screen.window().docks().shown("data"));
  EXPECT_TRUE(part_of_dock<QToolButton>(screen, "data", "data_line").isChecked());
}

TEST(Sidecar, says_what_is_wrong_with_its_controls) {
  Screen screen;
  screen.open("fable");
  screen.run("select blocks.3.attn.hook_pattern 2 4 1");
  ASSERT_TRUE(screen.rest());
  const std::string path = testing::scratch_file("sidecar-wrong.csv").string();
  ASSERT_TRUE(attention(screen).save(QString::fromStdString(path)));
  testing::Json sidecar = json_of_file(path + ".json");
  sidecar["controls"]["attention_matrix"] = "no control";
  sidecar["controls"]["nothing"] = "of that name";
  std::ofstream(path + ".json") << sidecar;
  EXPECT_EQ(screen.run("open-session " + path + ".json"), "") << "another version has other controls";
  ASSERT_TRUE(screen.rest());
  sidecar["controls"]["nothing"] = 3;
  std::ofstream(path + ".json") << sidecar;
  EXPECT_EQ(screen.run("open-session " + path + ".json"),
            "The sidecar " + path + ".json has 'controls' that should be an object of texts.");
}

TEST(Sidecar, of_a_tensors_numbers_opens_the_data_dock_on_it) {
  Screen screen;
  screen.open("fable");
  const std::string path = testing::scratch_file("sidecar-numbers.csv").string();
  const scene::CellRef cell{{HookId{HookKind::Z, 2}, {}}, {3, 1, 5}};
  ASSERT_TRUE(screen.window().files().save_numbers(cell, path));
  EXPECT_EQ(json_of_file(path + ".json")["dock"], "data");
  ASSERT_EQ(screen.run("open-session " + path + ".json"), "");
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(screen.lab().document().selection, cell);
}

TEST(Sidecar, is_written_over_no_file_that_is_open) {
  Screen screen;
  screen.open("fable");
  screen.run("select blocks.3.attn.hook_pattern 2 4 1");
  ASSERT_TRUE(screen.rest());
  const std::string session = testing::scratch_file("sidecar-open.png").string() + ".json";
  ASSERT_EQ(screen.run("save-session " + session), "");
  const testing::Json before = json_of_file(session);
  const auto refused = attention(screen).save(QString::fromStdString(testing::scratch_file("sidecar-open.png").string()));
  ASSERT_FALSE(refused) << "its sidecar would take the session's place";
  EXPECT_EQ(refused.error().message, session + " is open in this window; choose another name.");
  EXPECT_EQ(json_of_file(session), before);
  EXPECT_FALSE(std::filesystem::exists(testing::scratch_file("sidecar-open.png"))) << "neither of the two is written";
}

}  // namespace
}  // namespace gf::ui
