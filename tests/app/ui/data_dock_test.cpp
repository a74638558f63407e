// The Data dock: the numbers that the command line writes into a file, with shape, strides and the names of the axes.
#include "app/ui/docks/data_dock.h"

#include <QAbstractButton>
#include <QLabel>
#include <QSpinBox>
#include <QTableView>
#include <QTest>
#include <cmath>
#include <cstring>
#include <fstream>
#include <sstream>

#include "app/ui/plots/curve_plot.h"
#include "app/ui/plots/matrix_plot.h"
#include "tests/app/cli/program.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

DataDock& data_dock(Screen& screen) { return dynamic_cast<DataDock&>(screen.window().docks().dock("data")); }

template <class Widget>
Widget& data_part(Screen& screen, const char* name) {
  return *static_cast<Widget*>(data_dock(screen).template findChild<QWidget*>(name));
}

/// A tensor of a safetensors file.
std::vector<float> tensor_of_file(const std::string& path, const std::string& name) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream all;
  all << file.rdbuf();
  const std::string bytes = all.str();
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  const testing::Json head = testing::Json::parse(bytes.substr(8, length));
  const auto offsets = head[name]["data_offsets"];
  const auto begin = offsets[0].get<std::size_t>(), end = offsets[1].get<std::size_t>();
  std::vector<float> values((end - begin) / sizeof(float));
  std::memcpy(values.data(), bytes.data() + 8 + length + begin, end - begin);
  return values;
}

TEST(DataDock, says_what_to_do_without_a_selection) {
  Screen screen;
  screen.open("fable");
  EXPECT_TRUE(has(screen.dock("data"), "Select a cell in the scene")) << screen.dock("data");
}

TEST(DataDock, shows_the_numbers_that_the_command_line_writes) {
  Screen screen;
  screen.open("fable");
  screen.run("select blocks.3.attn.hook_z 5 2 7");
  EXPECT_TRUE(has(screen.dock("data"),
                  "blocks.3.attn.hook_z\nposition head d_head · shape [14, 8, 32] · strides [256, 32, 1] · f32 · 3,584 numbers\n"))
      << screen.dock("data");
  const std::string file = testing::scratch_file("data_dock.safetensors").string();
  const testing::Outcome o =
      testing::program({"run", "fable", "--prompt", doc::kDefaultPrompt, "--trace", file, "--hooks", "blocks.3.attn.hook_z"});
  ASSERT_EQ(o.code, 0) << o.err;
  const std::vector<float> written = tensor_of_file(file, "blocks.3.attn.hook_z");
  ASSERT_EQ(written.size(), 3584U);
  const auto& values = *data_dock(screen).values();
  for (int p = 0; p < 14; ++p)
    for (int h = 0; h < 8; ++h)
      for (int i = 0; i < 32; ++i) EXPECT_FLOAT_EQ(*values.at({p, h, i}), written[static_cast<std::size_t>((p * 8 + h) * 32 + i)]);
  EXPECT_EQ(data_part<QSpinBox>(screen, "data_held").value(), 2);
  EXPECT_EQ(data_part<QTableView>(screen, "data_cells").currentIndex().row(), 5);
}

TEST(DataDock, selects_the_cell_that_is_clicked) {
  Screen screen;
  screen.open("fable");
  screen.run("select blocks.3.attn.hook_pattern 1 9 3");
  (void)screen.dock("data");
  auto& table = data_part<QTableView>(screen, "data_cells");
  EXPECT_EQ(table.currentIndex().row(), 9);
  EXPECT_EQ(table.currentIndex().column(), 3);
  emit table.clicked(table.model()->index(7, 2));
  EXPECT_EQ(screen.lab().document().selection->index, (std::array{1, 7, 2}));
  emit table.clicked(table.model()->index(2, 7));
  EXPECT_EQ(screen.lab().document().selection->index, (std::array{1, 7, 2})) << "a key after the query has no value";
  table.setFocus();
  QTest::keyClick(&table, Qt::Key_Up);
  EXPECT_EQ(screen.lab().document().selection->index, (std::array{1, 6, 2}));
}

TEST(DataDock, shows_a_weight_with_its_layout) {
  Screen screen;
  screen.open("fable");
  const auto model = screen.lab().model();
  const scene::CellRef cell{{{}, "h.0.attn.c_attn.weight"}, {3, 300, -1}};
  screen.lab().execute(doc::select_cell(cell));
  const std::string text = screen.dock("data");
  EXPECT_TRUE(has(text, "d_model (qkv head d_head) · shape [256, 768] · strides [768, 1] · f16 · 196,608 numbers\n") ||
              has(text, "(qkv head d_head) d_model · shape [768, 256] · strides [256, 1] · f16 · 196,608 numbers\n"))
      << text;
  const auto& values = *data_dock(screen).values();
  EXPECT_EQ(values.cell(values.index_of(cell)), cell);
  EXPECT_EQ(*values.at(values.index_of(cell)), model->weights->blocks[0].qkv.at(3, 300));
}

TEST(DataDock, copies_what_shows_as_csv) {
  Screen screen;
  screen.open("fable");
  screen.run("select blocks.0.attn.hook_pattern 0 1 0");
  (void)screen.dock("data");
  const auto csv = data_dock(screen).csv();
  ASSERT_TRUE(csv) << csv.error().message;
  EXPECT_EQ(csv->substr(0, csv->find('\n', 25) + 1), "head,query,key,value\n0,0,0,1\n");
  EXPECT_EQ(std::count(csv->begin(), csv->end(), '\n'), 1 + 14 * 15 / 2);
  screen.lab().execute(doc::select_cell(scene::CellRef{{{}, "wte.weight"}, {0, 0, -1}}));
  const auto large = data_dock(screen).csv();
  ASSERT_FALSE(large);
  EXPECT_TRUE(has(large.error().message, "too many for the clipboard")) << large.error().message;
}

TEST(DataDock, draws_a_histogram_and_a_line) {
  Screen screen;
  screen.open("fable");
  screen.run("select blocks.2.hook_resid_pre 4 10");
  (void)screen.dock("data");
  auto& curve = data_part<CurvePlot>(screen, "data_curve");
  data_part<QAbstractButton>(screen, "data_line").click();
  const auto row = screen.lab().run()->base->row({HookKind::ResidPre, 2}, 4);
  ASSERT_EQ(curve.curve().values.size(), row.size());
  EXPECT_EQ(curve.curve().values[10], static_cast<double>(row[10]));
  data_part<QAbstractButton>(screen, "data_histogram").click();
  ASSERT_TRUE(screen.until([&] { return curve.curve().bars && !curve.curve().values.empty(); }));
  double counted = 0, low = 1e9, high = -1e9;
  for (const double bin : curve.curve().values) counted += bin;
  EXPECT_EQ(counted, 14 * 256);
  for (int p = 0; p < 14; ++p)
    for (const float value : screen.lab().run()->base->row({HookKind::ResidPre, 2}, p))
      low = std::min(low, static_cast<double>(value)), high = std::max(high, static_cast<double>(value));
  EXPECT_EQ(curve.curve().first, low);
  EXPECT_EQ(curve.curve().last, high);
  EXPECT_TRUE(has(screen.dock("data"), "mean ")) << screen.dock("data");
}

TEST(DataDock, reads_its_tensor_again_only_when_it_shows_something_else) {
  Screen screen;
  screen.open("fable");
  screen.run("select blocks.3.attn.hook_z 5 2 7");
  (void)screen.dock("data");
  auto& note = data_part<QLabel>(screen, "data_note");
  const auto filled_by = [&](const auto& act) {
    note.setText("old");
    act();
    EXPECT_TRUE(screen.settle());
    QCoreApplication::processEvents();
    return note.text() != "old";
  };
  for (const char* form : {"data_table", "data_line"}) {
    data_part<QAbstractButton>(screen, form).click();
    EXPECT_FALSE(filled_by([&] { screen.lab().execute(doc::set_speed(scene::Pace::Token, form[5] == 't' ? 2 : 3)); })) << form;
    EXPECT_FALSE(filled_by([&] { screen.window().docks().refresh({.jobs = true}); })) << form;
    EXPECT_TRUE(filled_by([&] { screen.run("select blocks.3.attn.hook_z 5 2 8"); })) << form;
    EXPECT_TRUE(filled_by([&] { screen.lab().set_cut({2, 1}, true); })) << form;
    EXPECT_TRUE(filled_by([&] { screen.lab().set_cut({2, 1}, false); })) << form;
    EXPECT_TRUE(filled_by([&] { screen.run("select blocks.3.attn.hook_z 5 2 7"); })) << form;
  }
}

TEST(DataDock, draws_a_heat_map_whose_cells_are_those_of_the_table) {
  Screen screen;
  screen.open("fable");
  screen.run("select blocks.3.attn.hook_pattern 1 9 3");
  (void)screen.dock("data");
  data_part<QAbstractButton>(screen, "data_map").click();
  auto& map = data_part<MatrixPlot>(screen, "data_map_plot");
  EXPECT_TRUE(map.isVisible());
  EXPECT_FALSE(data_part<QTableView>(screen, "data_cells").isVisible());
  ASSERT_EQ(map.matrix().values.size(), 14U * 14U);
  EXPECT_EQ(map.matrix().row_axis, "query");
  EXPECT_FALSE(map.matrix().is_signed);
  const auto row = screen.lab().run()->base->causal_row({HookKind::Pattern, 3}, 1, 9);
  for (int key = 0; key <= 9; ++key)
    EXPECT_EQ(map.matrix().values[static_cast<std::size_t>(9 * 14 + key)], row[static_cast<std::size_t>(key)]);
  EXPECT_TRUE(std::isnan(map.matrix().values[9 * 14 + 10])) << "a key after the query has no value";
  EXPECT_EQ(map.current_row(), 9);
  EXPECT_EQ(map.current_column(), 3);
  map.on_select(7, 2);
  EXPECT_EQ(screen.lab().document().selection->index, (std::array{1, 7, 2}));
  EXPECT_EQ(map.current_row(), 7);
  data_part<QSpinBox>(screen, "data_held").setValue(4);
  const auto other = screen.lab().run()->base->causal_row({HookKind::Pattern, 3}, 4, 9);
  EXPECT_EQ(map.matrix().values[9 * 14], other[0]) << "of the head that is held";
  EXPECT_TRUE(has(screen.dock("data"), "full colour at ")) << screen.dock("data");
}

TEST(DataDock, shows_of_a_large_tensor_what_is_near_the_cell) {
  Screen screen;
  screen.open("fable");
  screen.lab().execute(doc::select_cell(scene::CellRef{{{}, "wte.weight"}, {1000, 100, -1}}));
  (void)screen.dock("data");
  data_part<QAbstractButton>(screen, "data_map").click();
  const auto& map = data_part<MatrixPlot>(screen, "data_map_plot");
  const auto& values = *data_dock(screen).values();
  ASSERT_EQ(map.matrix().rows.size(), 512);
  ASSERT_EQ(map.matrix().columns.size(), 256);
  const std::string text = screen.dock("data");
  EXPECT_TRUE(has(text, " · rows 744 to 1255 of ")) << text;
  EXPECT_EQ(map.matrix().values[static_cast<std::size_t>(map.current_row() * 256 + map.current_column())], *values.at({1000, 100}));
}

}  // namespace
}  // namespace gf::ui
