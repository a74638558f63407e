// An open product in the window: keys, timeline, undo, menu of a cell.
#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QMenu>
#include <gtest/gtest.h>

#include "app/document/cell_edits.h"
#include "app/ui/shell/cell_menu.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/transport.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

const std::optional<scene::Cube>& open_product_of(Screen& screen) { return screen.lab().document().cube; }

TEST(Product, opens_for_the_selected_cell_by_enter_plays_and_closes_by_escape) {
  Screen screen;
  screen.open("fable");
  EXPECT_EQ(screen.run("select blocks.2.attn.hook_pattern 1 4 0"), "");
  screen.lab().set_camera(render::Camera{{1, 2, 3}, 4, 0.1F, 0.2F, 0.5F, {}});
  const auto camera = screen.lab().document().camera;
  screen.window().viewport().setFocus();
  screen.key("Return");
  ASSERT_TRUE(open_product_of(screen));
  EXPECT_EQ(scene::cube_name(*open_product_of(screen)), "blocks.2.attn.hook_attn_scores.1");
  EXPECT_FALSE(screen.lab().document().camera) << "a cube has a camera of its own";
  EXPECT_TRUE(screen.window().transport().playing());
  EXPECT_TRUE(screen.until([&] { return open_product_of(screen)->time > 0.01; }));
  EXPECT_EQ(screen.window().transport().findChild<QLabel*>("moment_label")->text().toStdString(), "scores of head 1 · dot products");

  screen.key("O");
  EXPECT_EQ(open_product_of(screen)->order, scene::CubeOrder::Rows);
  screen.key("Space");
  EXPECT_FALSE(screen.window().transport().playing());
  screen.key("End");
  EXPECT_EQ(open_product_of(screen)->time, scene::Cube::kEnd);
  screen.key("Left");
  EXPECT_LT(open_product_of(screen)->time, scene::Cube::kEnd);
  const double pass = screen.lab().document().time;
  screen.key("Home");
  EXPECT_EQ(open_product_of(screen)->time, 0);
  EXPECT_EQ(screen.lab().document().time, pass) << "the pass has a time of its own";

  screen.key("Esc");
  EXPECT_FALSE(open_product_of(screen));
  EXPECT_EQ(screen.lab().document().camera, camera);
  screen.run("undo");
  ASSERT_TRUE(open_product_of(screen));
  EXPECT_EQ(open_product_of(screen)->order, scene::CubeOrder::Rows);
}

TEST(Product, says_why_it_does_not_open) {
  Screen screen;
  screen.open("fable");
  EXPECT_TRUE(
      screen.run("open-product blocks.9.attn.hook_q").starts_with("\"blocks.9.attn.hook_q\" is no product of this model; write a h"));
  EXPECT_EQ(screen.run("product-order rows"), "No product is open.");
  EXPECT_EQ(screen.run("open-product blocks.0.mlp.hook_pre"), "");
  EXPECT_NE(screen.run("product-order sideways"), "");
  EXPECT_NE(screen.run("product-time 2"), "");
  EXPECT_EQ(screen.run("product-time 0.25"), "");
  EXPECT_EQ(open_product_of(screen)->time, 0.25);
  EXPECT_EQ(screen.run("view stream"), "");
  EXPECT_FALSE(open_product_of(screen)) << "products are of the machine";
}

TEST(CellMenu, edits_are_offered_where_the_recipe_takes_them) {
  const auto words = [](const scene::CellRef& cell, EditOp op) {
    std::string all;
    for (const CellEdit& at : edits_at(cell, op)) all += at.words + "\n";
    return all;
  };
  const auto at = [](HookKind kind, std::array<int, 3> index) { return scene::CellRef{{{kind, 4}, {}}, index}; };
  EXPECT_EQ(words(at(HookKind::MlpPost, {3, 12, -1}), EditOp::Zero),
            "block 4 mlp.post, position 3, neuron 12\nblock 4 mlp.post, all positions, neuron 12\nblock 4 mlp.post, position 3\n"
            "block 4 mlp.post, all positions\n");
  EXPECT_NE(words(at(HookKind::Z, {3, 2, 0}), EditOp::Patch).find("block 4 head 2 z, position 3\n"), std::string::npos);
  EXPECT_EQ(words({{{}, "h.0.mlp.c_fc.weight"}, {0, 0, -1}}, EditOp::Zero), "");
  for (const HookKind kind : {HookKind::MlpPost, HookKind::Z, HookKind::Pattern, HookKind::ResidPre})
    for (const EditOp op : {EditOp::Zero, EditOp::Scale})
      for (const CellEdit& one : edits_at(at(kind, {3, 2, 1}), op))
        EXPECT_TRUE(parse_recipe(to_json(Recipe{{one.edit}, {}}, -1))) << one.words;
}

TEST(CellMenu, does_an_edit_and_copies_numbers) {
  Screen screen;
  screen.open("fable");
  const scene::CellRef cell{{{HookKind::MlpOut, 2}, {}}, {3, 5, -1}};
  QMenu menu;
  add_cell_edits(menu, screen.window(), screen.lab(), cell);
  ASSERT_EQ(menu.actions().size(), 3);
  EXPECT_EQ(menu.actions().at(0)->text().toStdString(), "Set to zero");
  EXPECT_FALSE(menu.actions().at(2)->isEnabled()) << "there is no second prompt";
  QMenu* zero = menu.actions().at(0)->menu();
  emit zero->actions().front()->triggered();
  ASSERT_EQ(screen.lab().document().recipe.edits.size(), 1U);
  EXPECT_EQ(screen.lab().document().recipe.edits.front().hook, "blocks.2.hook_mlp_out");
  ASSERT_TRUE(screen.settle());

  const auto row = numbers_of(screen.lab(), cell, true);
  ASSERT_TRUE(row) << row.error().message;
  EXPECT_TRUE(row->starts_with("position,d_model,value\n3,0,")) << row->substr(0, 60);
  EXPECT_EQ(std::count(row->begin(), row->end(), '\n'), 257);
  const auto tensor = numbers_of(screen.lab(), cell, false);
  ASSERT_TRUE(tensor);
  EXPECT_EQ(std::count(tensor->begin(), tensor->end(), '\n'), 1 + 14 * 256);
  EXPECT_TRUE(has(*tensor, row->substr(row->find('\n') + 1)));
  EXPECT_FALSE(numbers_of(screen.lab(), {{{}, "wte.weight"}, {0, 0, -1}}, false)) << "a million numbers are no text";
}

}  // namespace
}  // namespace gf::ui
