// Docks that show the answer to a question have the same numbers as the command line.
#include "app/ui/docks/answer_dock.h"

#include <QTableView>

#include "app/scene/stream/stream_reading.h"
#include "app/ui/answers/answer_view.h"
#include "app/ui/plots/lines_plot.h"
#include "app/ui/widgets/words.h"
#include "tests/app/cli/program.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

/// Shows a dock and waits for its answer.
const AnswerView& answered(Screen& screen, const std::string& id) {
  (void)screen.dock(id);
  const auto& view = dynamic_cast<AnswerDock&>(screen.window().docks().dock(id)).view();
  EXPECT_TRUE(screen.until([&] { return view.isVisible() && !view.sheet().cells.empty(); })) << id;
  return view;
}

testing::Json asked(const std::string& what) {
  const testing::Outcome o = testing::program({"analyze", "fable", "--prompt", doc::kDefaultPrompt, "--what", what, "--json"});
  EXPECT_EQ(o.code, 0) << o.err;
  return o.json();
}

TEST(LensDock, says_what_the_command_line_says) {
  Screen screen;
  screen.open("fable");
  const AnswerView& view = answered(screen, "lens");
  const testing::Json top = asked("logit-lens")["logit_lens"]["top"]["values"];
  const AnswerSheet& sheet = view.sheet();
  ASSERT_EQ(sheet.rows.size(), 7);
  ASSERT_EQ(sheet.columns.size(), 14);
  for (int depth = 0; depth < 7; ++depth)
    for (int position = 0; position < 14; ++position) {
      const testing::Json& first = top[static_cast<std::size_t>(depth)][static_cast<std::size_t>(position)][0];
      EXPECT_EQ(sheet.at(depth, position).text.toStdString(),
                token_text(*screen.lab().model(), TokenId(first["id"].get<std::int32_t>())).toStdString());
      EXPECT_NEAR(static_cast<double>(*sheet.at(depth, position).value), first["logprob"].get<double>(), 1e-6);
    }
  EXPECT_EQ(sheet.at(6, 13).text.toStdString(), "·Mary");
}

TEST(LensDock, scrolls_to_what_is_selected_anywhere) {
  Screen screen;
  screen.open("fable", "When Mary and John went to the garden, John gave a ring to Mary and then went home to read a book");
  const AnswerView& view = answered(screen, "lens");
  const int last = screen.lab().run()->base->length() - 1;
  auto* table = screen.window().docks().dock("lens").findChild<QTableView*>("lens_cells");
  ASSERT_NE(table, nullptr);
  table->setFixedSize(220, 90);  // too small for all columns and rows
  ASSERT_TRUE(screen.until([&] { return table->isVisible() && table->viewport()->width() < 220; }));
  const auto in_sight = [&](int row, int column) {
    return table->viewport()->rect().contains(table->visualRect(table->model()->index(row, column)).center());
  };
  EXPECT_EQ(screen.run("select blocks.0.attn.hook_pattern 3 0 0"), "");
  EXPECT_TRUE(in_sight(0, 0)) << "a head reads the stream before its block";
  EXPECT_EQ(screen.run("select blocks.5.mlp.hook_post " + std::to_string(last) + " 7"), "");
  EXPECT_TRUE(in_sight(5, last));
  EXPECT_EQ(screen.run("select-position 1"), "");
  EXPECT_TRUE(in_sight(5, 1)) << "a position alone moves the column";
  EXPECT_EQ(screen.run("select blocks.5.hook_resid_post " + std::to_string(last) + " 0"), "");
  table->setFixedSize(120, 60);
  EXPECT_TRUE(screen.until([&] { return table->viewport()->width() < 120 && in_sight(6, last); })) << "also in a dock that becomes smaller";
  EXPECT_EQ(view.cursor().at("position"), last);
}

TEST(LensDock, reads_through_a_lens_of_a_file) {
  const std::string lens = std::string(GLASSFORMER_SOURCE_DIR) + "/tests/golden/lenses/tuned";
  Screen screen;
  screen.open("sort-nano", "CBABBCA");
  const AnswerView& view = answered(screen, "lens");
  const float before = *view.sheet().at(0, 3).value;
  EXPECT_EQ(screen.run("read-lens " + lens), "");
  ASSERT_TRUE(screen.until([&] { return *view.sheet().at(0, 3).value != before; }));
  const auto* kl = screen.window().docks().dock("lens").findChild<LinesPlot*>("lens_kl");
  ASSERT_EQ(kl->lines().lines.size(), 2U);
  const auto said = testing::program({"analyze", "sort-nano", "--prompt", "CBABBCA", "--what", "logit-lens", "--lens", lens, "--json"});
  ASSERT_EQ(said.code, 0) << said.err;
  const testing::Json want = said.json()["logit_lens"];
  for (std::size_t depth = 0; depth < 4; ++depth) {
    EXPECT_NEAR(kl->lines().lines[0].points[depth].second, want["kl_by_depth"]["values"][depth].get<double>(), 1e-6);
    EXPECT_NEAR(kl->lines().lines[1].points[depth].second, want["kl_by_depth_plain"]["values"][depth].get<double>(), 1e-6);
  }
  EXPECT_EQ(kl->lines().lines[0].points[3].second, 0) << "there the lens says what the model says";
  EXPECT_EQ(screen.run("read-lens none"), "");
  EXPECT_EQ(screen.lab().document().lens, "");
  screen.run("undo");
  EXPECT_EQ(screen.lab().document().lens, lens);
  // The Stream's words are read through it too.
  EXPECT_EQ(screen.run("view stream"), "");
  ASSERT_TRUE(screen.until([&] { return screen.lab().scene_input().edited_reading != nullptr; }));
  EXPECT_EQ(screen.lab().scene_input().edited_reading->lens_name, "tuned");
  EXPECT_EQ(screen.run("view machine"), "");
  EXPECT_EQ(screen.run("read-lens /nowhere"), "");
  ASSERT_TRUE(screen.until([&] { return has(screen.dock("lens"), "There is no file"); })) << screen.dock("lens");
  EXPECT_FALSE(view.isVisible()) << "the sentence stands in its place";
  while (!screen.lab().document().lens.empty()) screen.run("undo");
  ASSERT_TRUE(screen.until([&] { return view.isVisible() && *view.sheet().at(0, 3).value == before; }));
}

TEST(LensDock, follows_the_selection_and_drives_it) {
  Screen screen;
  screen.open("fable");
  const AnswerView& view = answered(screen, "lens");
  const auto* table = view.findChild<QTableView*>("lens_cells");
  screen.run("select blocks.2.hook_resid_pre 5 0");
  EXPECT_EQ(table->currentIndex().row(), 2);
  EXPECT_EQ(table->currentIndex().column(), 5);
  view.on_select({{"depth", 4}, {"position", 7}, {"k", 0}});
  EXPECT_EQ(screen.lab().document().selection->tensor.name(), "blocks.4.hook_resid_pre");
  EXPECT_EQ(screen.lab().document().selected_position, 7);
}

TEST(EntropyDock, says_what_the_command_line_says_at_the_selected_position) {
  Screen screen;
  screen.open("fable");
  const AnswerView& view = answered(screen, "entropy");
  const testing::Json attention = asked("entropy")["entropy"]["attention"]["values"];
  screen.run("select-position 9");
  ASSERT_EQ(view.sheet().rows.size(), 6);
  ASSERT_EQ(view.sheet().columns.size(), 8);
  for (int layer = 0; layer < 6; ++layer)
    for (int head = 0; head < 8; ++head)
      EXPECT_NEAR(static_cast<double>(*view.sheet().at(layer, head).value),
                  attention[static_cast<std::size_t>(layer)][static_cast<std::size_t>(head)][9].get<double>(), 1e-6);
}

TEST(EntropyDock, names_the_position_of_what_has_no_axis_of_positions) {
  Screen screen;
  screen.open("fable");
  (void)answered(screen, "entropy");
  EXPECT_FALSE(has(screen.dock("entropy"), "position 13")) << "each query has its own";
  dynamic_cast<AnswerDock&>(screen.window().docks().dock("entropy")).view().show_part("by_layer");
  EXPECT_TRUE(has(screen.dock("entropy"), ", after “·to”, position 13 · nats")) << screen.dock("entropy");
  screen.run("select-position 9");
  ASSERT_TRUE(screen.until([&] { return has(screen.dock("entropy"), ", after “·John”, position 9 · nats"); })) << screen.dock("entropy");
}

TEST(EntropyDock, selects_the_head_that_is_clicked_and_says_whose_run_it_shows) {
  Screen screen;
  screen.open("fable");
  const AnswerView& view = answered(screen, "entropy");
  view.on_select({{"layer", 4}, {"head", 3}, {"query", 9}});
  EXPECT_EQ(screen.lab().document().selection->tensor.name(), "blocks.4.attn.hook_pattern");
  screen.run("cut-head 0.0");
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(has(screen.dock("entropy"), "edited run\n")) << screen.dock("entropy");
  screen.run("compare base");
  ASSERT_TRUE(screen.until([&] { return has(screen.dock("entropy"), "base run\n"); }));
}

}  // namespace
}  // namespace gf::ui
