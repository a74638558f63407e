// The Attention dock: the run's own weights, the command line's split of a score, selection both ways.
#include "app/ui/docks/attention_dock.h"

#include <QAbstractButton>
#include <QDockWidget>
#include <QLabel>
#include <QTest>

#include "app/ui/plots/head_lines.h"
#include "app/ui/plots/head_thumbs.h"
#include "app/ui/plots/matrix_plot.h"
#include "app/ui/plots/waterfall.h"
#include "tests/app/cli/program.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

template <class Widget>
Widget& part_of_dock(Screen& screen, const char* name) {
  return *static_cast<Widget*>(screen.window().docks().dock("attention").findChild<QWidget*>(name));
}

/// Opens fable, shows the dock and selects a cell of the pattern of head 4.3.
void look_at_head(Screen& screen) {
  screen.open("fable");
  (void)screen.dock("attention");
  EXPECT_EQ(screen.run("select blocks.4.attn.hook_pattern 3 13 1"), "");
}

TEST(AttentionDock, shows_the_weights_of_the_run) {
  Screen screen;
  look_at_head(screen);
  const auto& matrix = part_of_dock<MatrixPlot>(screen, "attention_matrix").matrix();
  ASSERT_EQ(matrix.rows.size(), 14);
  EXPECT_EQ(matrix.rows[1].toStdString(), "1 ·Mary");
  const auto run = screen.lab().run();
  for (int query = 0; query < 14; ++query) {
    const auto row = run->base->causal_row({HookKind::Pattern, 4}, 3, query);
    for (int key = 0; key < 14; ++key) {
      const float value = matrix.values[static_cast<std::size_t>(query * 14 + key)];
      if (key > query) EXPECT_TRUE(std::isnan(value));
      else EXPECT_EQ(value, row[static_cast<std::size_t>(key)]);
    }
  }
}

TEST(AttentionDock, splits_a_score_as_the_command_line_does) {
  Screen screen;
  look_at_head(screen);
  const testing::Outcome o = testing::program({"analyze", "fable", "--prompt", doc::kDefaultPrompt, "--what", "why-attention", "--head",
                                               "4.3", "--query", "13", "--key", "1", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const testing::Json found = o.json()["why_attention"];
  auto& plot = part_of_dock<Waterfall>(screen, "attention_why");
  ASSERT_TRUE(screen.until([&] { return !plot.bars().empty(); }));
  const double score = found["score"].get<double>();
  EXPECT_NEAR(plot.bars().back().value, score, 1e-3);
  for (const auto& [button, side] : {std::pair{"attention_by_query", "query_parts"}, std::pair{"attention_by_key", "key_parts"}}) {
    part_of_dock<QAbstractButton>(screen, button).click();
    double strongest = 0, sum = 0;
    for (const auto& value : found[side]["values"])
      if (std::abs(value.get<double>()) > std::abs(strongest)) strongest = value.get<double>();
    EXPECT_NEAR(plot.bars().front().value, strongest, 1e-3) << side;
    for (const WaterfallBar& bar : plot.bars()) sum += bar.sum ? 0 : bar.value;
    EXPECT_NEAR(sum, score, 1e-3) << side;
  }
  part_of_dock<QAbstractButton>(screen, "attention_by_pairs").click();
  EXPECT_NEAR(plot.bars().front().value, found["pairs"][0]["score"].get<double>(), 1e-3);
}

TEST(AttentionDock, selects_the_cell_that_is_clicked) {
  Screen screen;
  look_at_head(screen);
  auto& matrix = part_of_dock<MatrixPlot>(screen, "attention_matrix");
  ASSERT_TRUE(screen.until([&] { return matrix.cell_rect(9, 3).width() > 2; }));
  QTest::mouseClick(&matrix, Qt::LeftButton, {}, matrix.cell_rect(9, 3).center().toPoint());
  ASSERT_TRUE(screen.lab().document().selection);
  EXPECT_EQ(screen.lab().document().selection->tensor.name(), "blocks.4.attn.hook_pattern");
  EXPECT_EQ(screen.lab().document().selection->index, (std::array{3, 9, 3}));
  EXPECT_TRUE(has(screen.dock("attention"), "head 4.3: “·John” at 9 looks at ")) << screen.dock("attention");
}

TEST(AttentionDock, uses_the_room_of_a_dock_that_fills_the_window) {
  Screen screen;
  look_at_head(screen);
  auto* frame = screen.window().findChild<QDockWidget*>("attention_dock");
  ASSERT_NE(frame, nullptr);
  frame->setFloating(true);
  frame->resize(1280, 720);
  ASSERT_TRUE(screen.rest());
  const auto& matrix = part_of_dock<MatrixPlot>(screen, "attention_matrix");
  const auto& thumbs = part_of_dock<HeadThumbs>(screen, "attention_heads");
  const auto& why = part_of_dock<Waterfall>(screen, "attention_why");
  const auto left_of = [&](const QWidget& part) { return part.mapTo(frame, QPoint()).x(); };
  EXPECT_GT(left_of(matrix), left_of(thumbs) + thumbs.width()) << "beside the heads";
  EXPECT_LT(left_of(why), left_of(matrix)) << "below the heads";
  EXPECT_GT(matrix.cell_rect(13, 0).bottom() - matrix.cell_rect(0, 0).top(), 400);
  frame->setFloating(false);
  ASSERT_TRUE(screen.until([&] { return left_of(matrix) < left_of(thumbs) + thumbs.width(); })) << "below them in a narrow dock";
}

TEST(AttentionDock, moves_by_arrow_keys) {
  Screen screen;
  look_at_head(screen);
  auto& matrix = part_of_dock<MatrixPlot>(screen, "attention_matrix");
  matrix.setFocus();
  QTest::keyClick(&matrix, Qt::Key_Up);
  QTest::keyClick(&matrix, Qt::Key_Right);
  EXPECT_TRUE(matrix.accessibleDescription().startsWith("query 12 ")) << matrix.accessibleDescription().toStdString();
  QTest::keyClick(&matrix, Qt::Key_Return);
  EXPECT_EQ(screen.lab().document().selection->index, (std::array{3, 12, 2}));
}

TEST(AttentionDock, cuts_a_single_edge_by_del) {
  Screen screen;
  look_at_head(screen);
  auto& matrix = part_of_dock<MatrixPlot>(screen, "attention_matrix");
  matrix.setFocus();
  QTest::keyClick(&matrix, Qt::Key_Delete);
  ASSERT_TRUE(screen.settle());
  ASSERT_FALSE(screen.lab().error()) << screen.lab().error()->message;
  const auto run = screen.lab().run();
  EXPECT_EQ(run->edited->causal_row({HookKind::Pattern, 4}, 3, 13)[1], 0.0F);
  EXPECT_GT(run->receipts.at(0).attention, 0.01) << "the receipt says how much attention was moved";
  EXPECT_EQ(matrix.matrix().values[13 * 14 + 1], 0.0F);
  QTest::keyClick(&matrix, Qt::Key_Delete);
  EXPECT_TRUE(screen.lab().document().recipe.empty());
}

TEST(AttentionDock, leads_from_text_to_text) {
  Screen screen;
  look_at_head(screen);
  part_of_dock<QAbstractButton>(screen, "attention_as_lines").click();
  auto& lines = part_of_dock<HeadLines>(screen, "attention_lines");
  ASSERT_TRUE(screen.until([&] { return lines.isVisible() && lines.width() > 100; }));
  QTest::mouseClick(&lines, Qt::LeftButton, {}, lines.token_rect(true, 9).center().toPoint());
  const auto row = screen.lab().run()->base->causal_row({HookKind::Pattern, 4}, 3, 9);
  const int most = static_cast<int>(std::ranges::max_element(row) - row.begin());
  EXPECT_EQ(screen.lab().document().selection->index, (std::array{3, 9, most}));
  QTest::mouseClick(&lines, Qt::LeftButton, {}, lines.token_rect(false, 4).center().toPoint());
  EXPECT_EQ(screen.lab().document().selection->index, (std::array{3, 9, 4}));
}

TEST(AttentionDock, picks_a_head_by_its_picture) {
  Screen screen;
  look_at_head(screen);
  auto& thumbs = part_of_dock<HeadThumbs>(screen, "attention_heads");
  ASSERT_TRUE(screen.until([&] { return thumbs.csv().size() > 100; }));
  QTest::mouseClick(&thumbs, Qt::LeftButton, {}, thumbs.thumb_rect(2, 5).center().toPoint());
  EXPECT_EQ(screen.lab().document().selection->tensor.name(), "blocks.2.attn.hook_pattern");
  EXPECT_EQ(screen.lab().document().selection->index[0], 5);
  EXPECT_TRUE(has(screen.dock("attention"), "head 2.5: ")) << screen.dock("attention");
}

TEST(AttentionDock, says_what_to_do_before_a_cell_is_chosen_and_shows_differences) {
  Screen screen;
  screen.open("fable");
  EXPECT_TRUE(has(screen.dock("attention"), "head 0.0: click a cell to see why the head looks there.\n")) << screen.dock("attention");
  screen.run("cut-head 0.0");
  ASSERT_TRUE(screen.settle());
  screen.run("select blocks.4.attn.hook_pattern 3 13 1");
  screen.run("compare difference");
  const auto& matrix = part_of_dock<MatrixPlot>(screen, "attention_matrix").matrix();
  EXPECT_TRUE(matrix.is_signed);
  const auto run = screen.lab().run();
  const HookId hook{HookKind::Pattern, 4};
  EXPECT_EQ(matrix.values[13 * 14 + 1], run->edited->causal_row(hook, 3, 13)[1] - run->base->causal_row(hook, 3, 13)[1]);
}

}  // namespace
}  // namespace gf::ui
