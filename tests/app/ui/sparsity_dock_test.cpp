// The Sparsity dock: the command line's numbers, and a slider that leaves heads and MLP channels out.
#include "app/ui/docks/sparsity_dock.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSlider>
#include <QTemporaryDir>
#include <fstream>
#include <gtest/gtest.h>

#include "app/ui/plots/lines_plot.h"
#include "app/ui/plots/matrix_plot.h"
#include "tests/app/cli/program.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

SparsityDock& sparsity(Screen& screen) { return dynamic_cast<SparsityDock&>(screen.window().docks().dock("sparsity")); }

template <class Widget>
Widget& sparsity_part(Screen& screen, const char* name) {
  return *screen.window().docks().dock("sparsity").findChild<Widget*>(name);
}

TEST(SparsityDock, measures_and_leaves_out_what_the_slider_says) {
  const QTemporaryDir folder;
  const std::string file = folder.path().toStdString() + "/words.txt";
  {
    std::ofstream text(file);
    for (int i = 0; i < 220; ++i) text << "Once upon a time there was a king who had a ring of gold, and " << i << " horses.\n";
  }
  Screen screen;
  screen.open("fable");
  screen.run("cut-head 4.3");
  ASSERT_TRUE(screen.settle());
  (void)screen.dock("sparsity");
  auto& text = sparsity_part<QLineEdit>(screen, "sparsity_text");
  text.setText(QString::fromStdString(file));
  emit text.textEdited(text.text());
  sparsity_part<QComboBox>(screen, "sparsity_units").setCurrentIndex(1);  // heads
  sparsity_part<QPushButton>(screen, "sparsity_measure").click();
  EXPECT_TRUE(has(screen.dock("sparsity"), "on its way")) << screen.dock("sparsity");
  ASSERT_TRUE(screen.until([&] { return sparsity(screen).curve().places().size() == 20; })) << screen.dock("sparsity");
  const testing::Outcome o = testing::program({"analyze", "fable", "--what", "sparsity", "--units", "heads", "--corpus", file, "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const testing::Json want = o.json()["sparsity"];
  const LinesOf& lines = sparsity(screen).curve().lines();
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_NEAR(lines.lines[0].points[i].second, want["loss"]["ranked"]["values"][i].get<double>(), 1e-6) << i;
    EXPECT_NEAR(lines.lines[1].points[i].second, want["loss"]["random"]["values"][i].get<double>(), 1e-6) << i;
  }
  EXPECT_TRUE(has(screen.dock("sparsity"), "0 of 48 heads and 0 of 6,144 MLP channels left out.")) << screen.dock("sparsity");

  auto& slider = sparsity_part<QSlider>(screen, "sparsity_slider");
  slider.setValue(5);
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(has(screen.dock("sparsity"), "12 of 48 heads")) << screen.dock("sparsity");
  const auto& values = sparsity(screen).heads().matrix().values;
  EXPECT_EQ(std::ranges::count_if(values, [](float x) { return std::isnan(x); }), 12);
  slider.setValue(10);
  ASSERT_TRUE(screen.settle());
  std::size_t cut = 0;
  for (const Edit& edit : screen.lab().document().recipe.edits) cut += edit.heads->list.size();
  EXPECT_EQ(cut, 24U + 1) << "and the head that the user had cut";
  screen.run("undo");
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(screen.lab().document().recipe.edits.size(), 1U) << "a drag undoes as one";
  EXPECT_EQ(slider.value(), 0);
}

}  // namespace
}  // namespace gf::ui
