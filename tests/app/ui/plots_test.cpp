// Plots leave the window as pictures and numbers.
#include <QApplication>
#include <QClipboard>
#include <QImage>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <gtest/gtest.h>
#include <limits>
#include <sstream>

#include "app/ui/plots/matrix_plot.h"
#include "app/ui/plots/waterfall.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

std::string contents(const QString& path) {
  std::ifstream file(path.toStdString(), std::ios::binary);
  std::stringstream all;
  all << file.rdbuf();
  return all.str();
}

std::vector<WaterfallBar> three_bars() {
  return {{.name = "start", .value = 1, .before = 2.0},
          {.name = "of \"it\"", .value = -0.25, .before = {}, .depth = 1},
          {.name = "total", .value = 1, .before = {}, .sum = true}};
}

TEST(Plot, is_saved_as_what_the_ending_says) {
  need_application();
  QTemporaryDir folder;
  Waterfall plot(nullptr);
  plot.resize(400, 120);
  plot.set_bars(three_bars(), true, "logit");
  for (const auto& [ending, start] : {std::pair{"png", "\x89PNG"}, std::pair{"svg", "<?xml"}, std::pair{"pdf", "%PDF-1"}}) {
    const QString path = folder.filePath(QStringLiteral("plot.") + ending);
    const auto saved = plot.save(path);
    ASSERT_TRUE(saved) << saved.error().message;
    EXPECT_EQ(contents(path).substr(0, std::string(start).size()), start) << ending;
  }
  EXPECT_EQ(QImage(folder.filePath("plot.png")).width(), 2 * plot.picture_size().width());
  ASSERT_TRUE(plot.save(folder.filePath("plot.csv")));
  EXPECT_EQ(contents(folder.filePath("plot.csv")),
            "part,value,base,cut\n\"start\",1,2,0\n\"start / of \"\"it\"\"\",-0.25,,0\n\"total\",1,,0\n");
  const auto wrong = plot.save(folder.filePath("plot.bmp"));
  ASSERT_FALSE(wrong);
  EXPECT_TRUE(has(wrong.error().message, "A plot is saved as .png, .svg, .pdf or .csv")) << wrong.error().message;
}

TEST(Plot, copies_its_numbers) {
  need_application();
  MatrixPlot plot(nullptr);
  MatrixOf matrix;
  matrix.rows = {"0 a", "1 b"};
  matrix.columns = {"0 a", "1 b"};
  matrix.row_axis = "query";
  matrix.column_axis = "key";
  matrix.value_name = "weight";
  matrix.values = {1, std::numeric_limits<float>::quiet_NaN(), 0.25F, 0.75F};
  matrix.largest = 1;
  plot.set_matrix(matrix);
  plot.show();
  plot.setFocus();
  QTest::keyClick(&plot, Qt::Key_C, Qt::ControlModifier);
  EXPECT_EQ(QApplication::clipboard()->text().toStdString(),
            "query,key,weight\n\"0 a\",\"0 a\",1\n\"1 b\",\"0 a\",0.25\n\"1 b\",\"1 b\",0.75\n");
  EXPECT_EQ(plot.words_of(1, 0).toStdString(), "query 1 b, key 0 a: 0.25 weight");
  plot.set_current(0, 1);
  EXPECT_EQ(plot.current_row(), -1) << "there is no cell";
}

TEST(Waterfall, keeps_the_current_bar_and_tells_of_it) {
  need_application();
  Waterfall plot(nullptr);
  plot.set_bars(three_bars(), true, "logit");
  plot.set_current(0);
  EXPECT_EQ(plot.accessibleDescription().toStdString(), "start: +1.0000 logit (base +2.0000)");
  int chosen = -1;
  plot.on_select = [&](int bar) { chosen = bar; };
  plot.resize(400, 120);
  QTest::mouseClick(&plot, Qt::LeftButton, {}, plot.bar_row(2).center().toPoint());
  EXPECT_EQ(chosen, 2);
  plot.set_bars({three_bars().front()}, true, "logit");
  EXPECT_EQ(plot.current(), 0);
}

}  // namespace
}  // namespace gf::ui
