// Answers on the screen, by their axes.
#include "app/ui/answers/answer_view.h"

#include <QApplication>
#include <QClipboard>
#include <QTableView>
#include <gtest/gtest.h>
#include <limits>

#include "app/ui/answers/answer_places.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

Grid grid_of(std::vector<std::string> axes, std::vector<int> shape, std::vector<float> values, std::string unit = "nats") {
  return {std::move(axes), std::move(shape), std::move(unit), std::move(values)};
}

/// A header, then a line for each row.
std::string shown(const AnswerSheet& sheet) {
  if (sheet.kind == AnswerSheet::Kind::Sentence) return sheet.sentence.toStdString();
  std::string text = sheet.row_axis + " \\ " + sheet.column_axis + ": " + sheet.columns.join(" | ").toStdString() + "\n";
  for (int r = 0; r < sheet.rows.size(); ++r) {
    text += sheet.rows[r].toStdString() + ":";
    for (int c = 0; c < sheet.columns.size(); ++c) text += " " + sheet.at(r, c).text.toStdString();
    text += "\n";
  }
  return text;
}

TEST(AnswerSheet, shows_a_number_with_its_unit_and_what_is_undefined_with_its_reason) {
  EXPECT_EQ(shown(sheet_of(Answer::Number{3.25, "nats"}, nullptr, {}, {})), "3.25 nats");
  EXPECT_EQ(shown(sheet_of(Answer::Number{}, nullptr, {}, {})), "NaN");
  EXPECT_EQ(shown(sheet_of(Answer::Undefined{"There is one position only."}, nullptr, {}, {})), "There is one position only.");
}

TEST(AnswerSheet, shows_layers_and_heads_as_a_grid_with_holes) {
  const Grid grid = grid_of({"layer", "head"}, {2, 3}, {0.5F, kNaN, -2, 1, 0, 12.25F});
  const AnswerSheet sheet = sheet_of(grid, nullptr, {}, {});
  EXPECT_EQ(sheet.kind, AnswerSheet::Kind::Cells);
  EXPECT_EQ(shown(sheet), "layer \\ head: 0 | 1 | 2\n0: 0.50 NaN -2.00\n1: 1.00 0 12.2\n");
  EXPECT_TRUE(sheet.is_signed);
  EXPECT_EQ(sheet.largest, 12.25F);
}

TEST(AnswerSheet, holds_the_axes_that_are_not_shown) {
  const Grid grid = grid_of({"layer", "head", "query"}, {1, 2, 3}, {0, 1, 2, 3, 4, 5});
  ASSERT_EQ(held_axes(grid).size(), 1U);
  EXPECT_EQ(held_axes(grid)[0].name, "query");
  EXPECT_EQ(held_axes(grid)[0].extent, 3);
  EXPECT_EQ(shown(sheet_of(grid, nullptr, {}, {{"query", 2}})), "layer \\ head: 0 | 1\n0: 2.00 5.00\n");
  EXPECT_EQ(shown(sheet_of(grid, nullptr, {}, {{"query", 99}})), "layer \\ head: 0 | 1\n0: 2.00 5.00\n") << "the nearest there is";
}

TEST(AnswerSheet, shows_one_axis_as_a_line) {
  const AnswerSheet sheet = sheet_of(grid_of({"layer"}, {3}, {1, 2, kNaN}), nullptr, {}, {});
  EXPECT_EQ(sheet.kind, AnswerSheet::Kind::Line);
  EXPECT_EQ(shown(sheet), " \\ layer: 0 | 1 | 2\n: 1.00 2.00 NaN\n");
}

TEST(AnswerSheet, shows_records_by_their_columns) {
  Answer::Table table;
  table.columns = {{"layer", "", std::vector<int>{4, 0}}, {"logits", "logit", std::vector<float>{1.5F, kNaN}}};
  EXPECT_EQ(shown(sheet_of(table, nullptr, {}, {})), " \\ : layer | logits, logit\n0: 4 1.50\n1: 0 NaN\n");
}

TEST(AnswerCsv, is_tidy_one_column_an_axis_then_the_value) {
  EXPECT_EQ(csv_of(grid_of({"layer", "head"}, {1, 2}, {0.1F, kNaN}), {}), "layer,head,value\n0,0,0.1\n0,1,NaN\n");
  Answer::Tokens tokens{{"depth"}, {2}, {TokenId(5), TokenId(7)}, "logprob", "nats", {-1.5F, -2}};
  EXPECT_EQ(csv_of(tokens, {}), "depth,token,text,logprob\n0,5,\"\",-1.5\n1,7,\"\",-2\n");
}

TEST(AnswerView, calls_positions_by_their_tokens_and_follows_keys_and_selection) {
  Screen screen;
  screen.open("fable");
  const auto model = screen.lab().model();
  auto answer = std::make_shared<Answer>();
  answer->add("grid", grid_of({"depth", "position"}, {2, 2}, {1, 2, 3, 4}));
  answer->add("number", Answer::Number{2, "logit"});
  AnswerView view("test", nullptr);
  AnswerPlace chosen;
  view.on_select = [&](const AnswerPlace& place) { chosen = place; };
  view.show_answer(answer, nullptr, {model, {screen.lab().run()->base->ids().begin(), screen.lab().run()->base->ids().end()}});
  view.show();
  EXPECT_EQ(view.part(), "grid");
  EXPECT_EQ(view.sheet().columns.join("|").toStdString(), "0 When|1 ·Mary");
  view.follow({{"depth", 1}, {"position", 0}});
  auto* table = view.findChild<QTableView*>("test_cells");
  EXPECT_EQ(table->currentIndex().row(), 1);
  EXPECT_TRUE(chosen.empty()) << "following tells nobody";
  EXPECT_EQ(table->model()->data(table->currentIndex(), Qt::AccessibleTextRole).toString().toStdString(),
            "depth 1, position 0 When: 3 nats");
  view.activateWindow();
  table->setFocus(Qt::MouseFocusReason);
  ASSERT_TRUE(screen.until([&] { return table->hasFocus(); }));
  screen.key("Right");
  EXPECT_EQ(chosen, (AnswerPlace{{"depth", 1}, {"position", 1}}));
  screen.key("Ctrl+C");
  EXPECT_EQ(QApplication::clipboard()->text().toStdString(), "depth,position,value\n0,0,1\n0,1,2\n1,0,3\n1,1,4\n");
  view.show_part("number");
  EXPECT_TRUE(has(screen_text(view), "2 logit\n")) << screen_text(view);
}

TEST(AnswerPlaces, are_a_selection_and_back) {
  const ModelConfig config = [] {
    ModelConfig c;
    c.n_layer = 6;
    c.n_head = 8;
    return c;
  }();
  const auto there_and_back = [&](const AnswerPlace& place) {
    doc::Document d;
    select_place(d, place, config, 14);
    const AnswerPlace back = place_of(d, config, 14);
    for (const auto& [axis, index] : place) {
      EXPECT_TRUE(back.contains(axis)) << axis;
      if (back.contains(axis)) {
        EXPECT_EQ(back.at(axis), index) << axis;
      }
    }
    return d.selection ? d.selection->tensor.name() : std::string();
  };
  EXPECT_EQ(there_and_back({{"layer", 4}, {"head", 3}, {"query", 9}}), "blocks.4.attn.hook_pattern");
  EXPECT_EQ(there_and_back({{"layer", 1}, {"head", 0}, {"query", 9}, {"key", 2}}), "blocks.1.attn.hook_pattern");
  EXPECT_EQ(there_and_back({{"depth", 0}, {"position", 5}}), "blocks.0.hook_resid_pre");
  EXPECT_EQ(there_and_back({{"depth", 6}, {"position", 13}}), "blocks.5.hook_resid_post");
  EXPECT_EQ(there_and_back({{"layer", 2}}), "blocks.2.hook_resid_post");
  EXPECT_EQ(there_and_back({{"position", 3}}), "");
}

}  // namespace
}  // namespace gf::ui
