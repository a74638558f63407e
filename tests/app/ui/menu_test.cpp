// The menus of the scene: each kind of cell has what can be done with it, and so has the ground between them.
#include <QApplication>
#include <QClipboard>
#include <QMenu>
#include <gtest/gtest.h>

#include "app/scene/cards/explain_code.h"
#include "app/ui/viewport/viewport.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

/// Everything that a menu offers, a line each; what stands in a menu of a menu behind its name.
std::string entries_of(const QMenu& menu, const std::string& before = {}) {
  std::string all;
  for (const QAction* action : menu.actions()) {
    if (action->isSeparator() || !action->isEnabled()) continue;
    const std::string words = before + action->text().toStdString();
    if (const QMenu* inner = action->menu()) all += entries_of(*inner, words + " > ");
    else all += words + "\n";
  }
  return all;
}

QAction* entry(const QMenu& menu, const std::string& words) {
  for (QAction* action : menu.actions())
    if (has(action->text().toStdString(), words)) return action;
  return nullptr;
}

class SceneMenus : public ::testing::Test {
 protected:
  SceneMenus() { screen_.open("fable"); }
  QMenu& of(const scene::CellRef& cell) {
    delete screen_.window().findChild<QMenu*>("cell_menu");
    screen_.window().viewport().on_context_menu({cell, {}, 0}, {});
    return *screen_.window().findChild<QMenu*>("cell_menu");
  }
  Screen screen_;
};

scene::CellRef hook_at(HookKind kind, int layer, std::array<int, 3> index) { return {{{kind, layer}, {}}, index}; }

TEST_F(SceneMenus, of_a_cell_have_all_that_can_be_done_with_it) {
  screen_.run("other-prompt \"When Mary and John went to the garden, Mary gave a ring to\"");
  for (const scene::CellRef& cell : {hook_at(HookKind::Pattern, 4, {3, 13, 1}), hook_at(HookKind::Q, 2, {5, 1, 3}),
                                     hook_at(HookKind::MlpPost, 1, {5, 7, -1}), hook_at(HookKind::ResidPost, 3, {5, 7, -1}),
                                     hook_at(HookKind::Ln1Scale, 3, {5, 0, -1}), hook_at(HookKind::Embed, -1, {5, 7, -1})}) {
    const std::string all = entries_of(of(cell));
    for (const char* words :
         {"Select\n", "Fly there\n", "Pin its card\n", "Select position ", "Set to zero > ", "Scale > ", "Patch from “When Mary and John",
          "Copy the value ", "Copy its row\n", "Copy its code\n", "Copy its tensor\n", "Plot its numbers\n", "Save its numbers"})
      EXPECT_TRUE(has(all, words)) << cell.tensor.name() << " lacks " << words << ":\n" << all;
  }
  const std::string head = entries_of(of(hook_at(HookKind::Pattern, 4, {3, 13, 1})));
  for (const char* words : {"Cut head 3 of block 4\n", "Replace by its mean", "Open scores of head 3 as a cube\n", "Save a figure"})
    EXPECT_TRUE(has(head, words)) << head;
  const std::string weight = entries_of(of({{{}, "h.2.mlp.c_fc.weight"}, {3, 4, -1}}));
  for (const char* words : {"Select\n", "Fly there\n", "Pin its card\n", "Open MLP pre as a cube\n", "Copy the value ", "Copy its row\n",
                            "Copy its code\n", "Copy its tensor\n", "Plot its numbers\n", "Save its numbers"})
    EXPECT_TRUE(has(weight, words)) << weight;
}

TEST_F(SceneMenus, copy_the_code_and_select_the_position_of_a_cell) {
  const scene::CellRef cell = hook_at(HookKind::MlpPost, 1, {5, 7, -1});
  entry(of(cell), "Copy its code")->trigger();
  EXPECT_TRUE(has(QApplication::clipboard()->text().toStdString(), "\nprint(mlp_post[5, 7].item())  # "));
  EXPECT_EQ(QApplication::clipboard()->text().toStdString(),
            scene::code_of(cell, screen_.lab().scene_input(), screen_.window().viewport().view_state()));
  entry(of(cell), "Select position 5")->trigger();
  EXPECT_EQ(screen_.lab().document().selected_position, 5);
}

TEST_F(SceneMenus, of_a_word_are_headed_by_it) {
  screen_.window().viewport().on_context_menu({hook_at(HookKind::ResidPre, 0, {1, 0, -1}), {}, 0, "·Mary"}, {});
  const auto* menu = screen_.window().findChild<QMenu*>("cell_menu");
  ASSERT_NE(menu, nullptr);
  EXPECT_EQ(menu->actions().front()->text().toStdString(), "·Mary, position 1");
}

TEST_F(SceneMenus, of_the_ground_have_the_view) {
  screen_.window().viewport().on_ground_menu({});
  const auto* menu = screen_.window().findChild<QMenu*>("ground_menu");
  ASSERT_NE(menu, nullptr);
  const std::string all = entries_of(*menu);
  for (const char* words : {"Home\n", "Fit everything\n", "Tell this pass\n", "Cards go deeper\n", "Save picture"})
    EXPECT_TRUE(has(all, words)) << all;
}

}  // namespace
}  // namespace gf::ui
