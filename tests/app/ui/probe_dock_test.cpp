// The Probe: strength and scope of edits, MLPs beside the heads, the menu of a cell, copying and pasting, and What if.
#include "app/ui/docks/probe_dock.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QContextMenuEvent>
#include <QDockWidget>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSlider>
#include <QTest>
#include <QToolButton>
#include <set>

#include "app/document/directions.h"
#include "app/ui/heads/head_grid.h"
#include "app/ui/widgets/words.h"
#include "tests/app/cli/program.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

template <class Widget>
Widget& probe_part(Screen& screen, const char* name) {
  auto* found = screen.window().docks().dock("probe").findChild<Widget*>(name);
  EXPECT_NE(found, nullptr) << name;
  return *found;
}

HeadGridView& head_grid(Screen& screen) {
  return *static_cast<HeadGridView*>(screen.window().docks().dock("probe").findChild<QWidget*>("head_grid"));
}

const std::vector<Edit>& edits(Screen& screen) { return screen.lab().document().recipe.edits; }

void click_cell(Screen& screen, int layer, int head, Qt::KeyboardModifiers keys = {}) {
  HeadGridView& grid = head_grid(screen);
  QTest::mouseClick(&grid, Qt::LeftButton, keys, grid.cell_rect(layer, head).center());
}

/// The menu of a cell; it closes when it is dropped.
std::unique_ptr<QMenu> menu_of(Screen& screen, int layer, int head) {
  HeadGridView& grid = head_grid(screen);
  const QPoint at = grid.cell_rect(layer, head).center();
  QContextMenuEvent event(QContextMenuEvent::Mouse, at, grid.mapToGlobal(at));
  QCoreApplication::sendEvent(&grid, &event);
  std::unique_ptr<QMenu> newest;
  for (auto* menu : grid.findChildren<QMenu*>("head_menu", Qt::FindDirectChildrenOnly)) {
    menu->setAttribute(Qt::WA_DeleteOnClose, false);
    newest.reset(menu);
  }
  return newest;
}

QAction* action_of(const QMenu& menu, const QString& words) {
  for (QAction* action : menu.actions()) {
    if (action->text() == words) return action;
    if (action->menu() == nullptr) continue;
    if (QAction* inside = action_of(*action->menu(), words)) return inside;
  }
  return nullptr;
}

void choose(Screen& screen, int layer, int head, const QString& words) {
  const auto menu = menu_of(screen, layer, head);
  QAction* action = menu ? action_of(*menu, words) : nullptr;
  ASSERT_NE(action, nullptr) << words.toStdString();
  ASSERT_TRUE(action->isEnabled()) << action->toolTip().toStdString();
  action->trigger();
}

TEST(ProbeDock, moves_the_run_while_the_strength_is_dragged_and_undoes_a_drag_at_once) {
  Screen screen;
  screen.open("fable");
  screen.run("scale-head 4.3 0.5");
  ASSERT_TRUE(screen.settle());
  (void)screen.dock("probe");
  auto& slider = probe_part<QSlider>(screen, "edit_slider_0");
  std::set<const gf::Run*> runs;
  std::vector<std::shared_ptr<const gf::Run>> kept;  // so that no address is used twice
  const auto note = [&] {
    if (runs.insert(screen.lab().run().get()).second) kept.push_back(screen.lab().run());
  };
  const std::size_t before = screen.lab().history().done();
  note();
  slider.setSliderDown(true);
  for (const int place : {30, 40, 50, 60}) {
    slider.setValue(place);
    ASSERT_TRUE(screen.settle());
    note();
    EXPECT_FALSE(has(probe_part<QLabel>(screen, "edit_receipt_0").text().toStdString(), "running")) << "a receipt does not flicker";
  }
  slider.setSliderDown(false);
  EXPECT_EQ(kept.size(), 5U) << "each place has a run of its own";
  EXPECT_NEAR(edits(screen)[0].factor.value_or(0), 1.2, 1e-6) << "the slider goes to 2";
  EXPECT_EQ(probe_part<QDoubleSpinBox>(screen, "edit_strength_0").value(), 1.2);
  EXPECT_EQ(screen.lab().history().done(), before + 1);
  slider.setSliderDown(true);
  slider.setValue(0);
  slider.setSliderDown(false);
  EXPECT_EQ(screen.lab().history().done(), before + 2) << "another drag is another step";
  screen.run("undo");
  EXPECT_NEAR(edits(screen)[0].factor.value_or(0), 1.2, 1e-6);
  screen.run("undo");
  EXPECT_NEAR(edits(screen)[0].factor.value_or(0), 0.5, 1e-6);
}

/// The heads that the edits are of, in their order.
std::string order_of(Screen& screen) {
  std::string heads;
  for (const Edit& edit : edits(screen)) heads += std::to_string(edit.heads->list.front()) + " ";
  return heads;
}

TEST(ProbeDock, drags_an_edit_to_another_place) {
  Screen screen;
  screen.open("fable");
  screen.run("cut-head 2.0");
  ASSERT_TRUE(screen.settle());
  (void)screen.dock("probe");
  EXPECT_FALSE(probe_part<QWidget>(screen, "edit_grip_0").isVisible()) << "one edit has no order";
  screen.run("cut-head 2.1 2.2");
  ASSERT_TRUE(screen.settle());
  (void)screen.dock("probe");
  ASSERT_EQ(order_of(screen), "0 1 2 ");
  const auto card = [&](int index) -> QWidget& { return probe_part<QWidget>(screen, ("edit_" + std::to_string(index)).c_str()); };
  QWidget& grip = probe_part<QWidget>(screen, "edit_grip_0");
  const auto over = [&](int index, double share) {
    const QWidget& onto = card(index);
    return grip.mapFromGlobal(onto.mapToGlobal(QPoint(10, static_cast<int>(share * onto.height()))));
  };
  const std::size_t before = screen.lab().history().done();
  const auto drag = [&](QPoint to) {
    QTest::mousePress(&grip, Qt::LeftButton, {}, grip.rect().center());
    QTest::mouseMove(&grip, (grip.rect().center() + to) / 2);
    QTest::mouseMove(&grip, to);
  };
  drag(over(2, 0.9));
  EXPECT_EQ(order_of(screen), "0 1 2 ") << "until it is dropped";
  QTest::mouseRelease(&grip, Qt::LeftButton, {}, over(2, 0.9));
  EXPECT_EQ(order_of(screen), "1 2 0 ");
  EXPECT_EQ(screen.lab().history().done(), before + 1);
  screen.run("undo");
  EXPECT_EQ(order_of(screen), "0 1 2 ");
  drag(over(1, 0.2));
  QTest::mouseRelease(&grip, Qt::LeftButton, {}, over(1, 0.2));
  EXPECT_EQ(order_of(screen), "0 1 2 ") << "above the next one is where it was";
  drag(over(2, 0.9));
  QTest::keyClick(&grip, Qt::Key_Escape);
  QTest::mouseRelease(&grip, Qt::LeftButton, {}, over(2, 0.9));
  EXPECT_EQ(order_of(screen), "0 1 2 ") << "Esc leaves it where it was";
}

TEST(ProbeDock, moves_an_edit_by_keys) {
  Screen screen;
  screen.open("fable");
  screen.run("cut-head 2.0 2.1 2.2");
  ASSERT_TRUE(screen.settle());
  (void)screen.dock("probe");
  const auto press = [&](int index, Qt::Key key, Qt::KeyboardModifiers with = {}) {
    QTest::keyClick(&probe_part<QWidget>(screen, ("edit_grip_" + std::to_string(index)).c_str()), key, with);
  };
  press(0, Qt::Key_Down);
  EXPECT_EQ(order_of(screen), "1 0 2 ");
  press(1, Qt::Key_Down, Qt::AltModifier);
  EXPECT_EQ(order_of(screen), "1 2 0 ");
  press(2, Qt::Key_Down);
  EXPECT_EQ(order_of(screen), "1 2 0 ") << "it is the last one";
  press(2, Qt::Key_Up);
  EXPECT_EQ(order_of(screen), "1 0 2 ");
  EXPECT_EQ(probe_part<QWidget>(screen, "edit_grip_1").accessibleName(), "Move edit 1");
}

TEST(ProbeDock, has_a_slider_as_far_as_the_number_goes) {
  Screen screen;
  screen.open("fable");
  screen.run("scale-head 4.3 7");
  ASSERT_TRUE(screen.settle());
  (void)screen.dock("probe");
  const auto& slider = probe_part<QSlider>(screen, "edit_slider_0");
  EXPECT_EQ(slider.accessibleName(), "Strength of edit 0, from -8 to 8");
  EXPECT_EQ(slider.value(), 88);
  screen.run("cut-head 4.3");
  ASSERT_TRUE(screen.settle());
  EXPECT_FALSE(slider.isVisible()) << "a cut has no strength";
}

TEST(ProbeDock, takes_the_positions_of_an_edit_as_recipes_have_them) {
  Screen screen;
  screen.open("fable");
  screen.run("cut-head 4.3");
  ASSERT_TRUE(screen.settle());
  (void)screen.dock("probe");
  auto& scope = probe_part<QComboBox>(screen, "edit_scope_0");
  EXPECT_EQ(scope.currentText(), "all positions");
  const auto type = [&](const QString& words) {
    scope.lineEdit()->setText(words);
    emit scope.lineEdit()->editingFinished();
  };
  type("2:7");
  EXPECT_EQ(to_json(Recipe{{edits(screen)[0]}, {}}, -1).find(R"("positions":"2:7")") == std::string::npos, false);
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(has(screen.dock("probe"), "zero block 4 head 3 z, positions 2:7\n")) << screen.dock("probe");
  type("last position");
  EXPECT_EQ(edits(screen)[0].positions->kind, Selector::Kind::Last);
  screen.run("select-position 9");
  ASSERT_TRUE(screen.settle());
  const int here = scope.findText("selected position, 9");
  ASSERT_GE(here, 0);
  scope.setCurrentIndex(here);
  emit scope.activated(here);
  EXPECT_EQ(edits(screen)[0].positions, Selector::only(9));
  screen.run("select-position 5");
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(edits(screen)[0].positions, Selector::only(9)) << "it stays where it was put";
  EXPECT_EQ(scope.currentText(), "9");
  type("99");
  EXPECT_EQ(edits(screen)[0].positions, Selector::only(9));
  EXPECT_TRUE(has(screen_text(screen.window()), "There is no position 99; the positions are 0 to 13."));
  EXPECT_EQ(scope.currentText(), "9") << "what was refused does not stay";
}

TEST(ProbeDock, names_the_direction_that_is_added) {
  Screen screen;
  screen.open("fable");
  VectorSource mary;
  mary.tokens = " Mary";
  const doc::Direction direction{"towards Mary", doc::push_along("blocks.4.hook_resid_post", mary)};
  screen.lab().execute(doc::keep_direction(direction));
  screen.lab().execute(doc::steer(direction, 2));
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(has(screen.dock("probe"), "along “towards Mary”\n")) << screen.dock("probe");
  EXPECT_TRUE(has(screen.dock("probe"), "added at block 4 resid_post, last position\n")) << screen.dock("probe");
  EXPECT_TRUE(probe_part<QSlider>(screen, "edit_slider_0").isVisible());
  probe_part<QDoubleSpinBox>(screen, "edit_strength_0").setValue(3.5);
  EXPECT_EQ(doc::strength_of(screen.lab().document().recipe, direction), 3.5F);
}

TEST(ProbeDock, shows_the_numbers_of_all_cells_or_of_none) {
  Screen screen;
  screen.open("fable");
  (void)screen.dock("probe");
  ASSERT_TRUE(screen.rest());
  HeadGridView& grid = head_grid(screen);
  const auto hint = [&] { return probe_part<QLabel>(screen, "head_hint").text().toStdString(); };
  EXPECT_TRUE(grid.has_room_for_numbers());
  EXPECT_FALSE(has(hint(), "pointing")) << hint();
  HeadGridView alone(screen.lab());  // in no scroll area, which would give it its own width
  alone.refresh();
  std::set<bool> seen;
  for (int width = 340; width >= 170; --width) {
    alone.resize(width, alone.heightForWidth(width));
    for (int layer = 0; layer < alone.n_layer(); ++layer)
      for (int head = 0; head <= alone.n_head(); ++head)
        ASSERT_EQ(alone.cell_rect(layer, head).size(), alone.cell_rect(0, 0).size()) << width;
    seen.insert(alone.has_room_for_numbers());
  }
  EXPECT_EQ(seen.size(), 2U) << "there are wide ones and narrow ones";
  // In the narrowest dock that a small window leaves for it.
  screen.window().resize(960, 540);
  auto* frame = screen.window().findChild<QDockWidget*>("probe_dock");
  screen.window().resizeDocks({frame}, {1}, Qt::Horizontal);
  ASSERT_TRUE(screen.rest());
  QCoreApplication::processEvents();
  EXPECT_NE(has(hint(), "· pointing: the number"), grid.has_room_for_numbers()) << hint();
}

TEST(ProbeDock, cuts_an_mlp_beside_the_heads) {
  Screen screen;
  screen.open("fable");
  (void)screen.dock("probe");
  HeadGridView& grid = head_grid(screen);
  const int mlp = grid.n_head();
  EXPECT_GT(grid.cell_rect(0, mlp).left(), grid.cell_rect(0, mlp - 1).right() + 4) << "set off from the heads";
  EXPECT_LE(grid.cell_rect(0, mlp).right(), grid.width());
  click_cell(screen, 2, mlp);
  ASSERT_EQ(edits(screen).size(), 1U);
  EXPECT_EQ(place_of(edits(screen)[0]), "block 2 mlp_out, all positions");
  EXPECT_TRUE(grid.accessibleDescription().startsWith("block 2, MLP")) << grid.accessibleDescription().toStdString();
  click_cell(screen, 2, mlp);
  EXPECT_TRUE(edits(screen).empty());
  grid.setFocus();
  QTest::keyClick(&grid, Qt::Key_Down);
  QTest::keyClick(&grid, Qt::Key_Space);
  ASSERT_EQ(edits(screen).size(), 1U);
  EXPECT_EQ(edits(screen)[0].hook, "blocks.3.hook_mlp_out");
  QTest::keyClick(&grid, Qt::Key_Left);
  QTest::keyClick(&grid, Qt::Key_Space);
  ASSERT_EQ(edits(screen).size(), 2U);
  EXPECT_EQ(place_of(edits(screen)[1]), "block 3 head 7 z, all positions");
}

TEST(ProbeDock, scores_an_mlp_as_the_command_line_does) {
  Screen screen;
  screen.open("fable");
  screen.run("target \" Mary\"");
  screen.run("rival \" John\"");
  screen.run("head-colour dla.heads");
  (void)screen.dock("probe");
  HeadGridView& grid = head_grid(screen);
  ASSERT_TRUE(screen.rest());
  const testing::Outcome o = testing::program(
      {"analyze", "fable", "--prompt", doc::kDefaultPrompt, "--target", " Mary", "--against", " John", "--what", "dla", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const double mlp = o.json()["dla"]["mlp"]["values"][5].get<double>();
  grid.setFocus();
  click_cell(screen, 4, grid.n_head());
  screen.run("undo");
  ASSERT_TRUE(screen.rest());
  QTest::keyClick(&grid, Qt::Key_Down);
  EXPECT_EQ(grid.accessibleDescription().toStdString(), "block 5, MLP, score " + signed_number(mlp, 3).toStdString());
}

TEST(ProbeDock, copies_an_edit_and_pastes_it_onto_others) {
  Screen screen;
  screen.open("fable");
  screen.run("scale-head 1.2 0.25");
  ASSERT_TRUE(screen.settle());
  (void)screen.dock("probe");
  choose(screen, 1, 2, "Copy its edit");
  EXPECT_TRUE(parse_recipe(QApplication::clipboard()->text().toStdString()));
  choose(screen, 4, 7, "Onto this head");
  ASSERT_EQ(edits(screen).size(), 2U);
  EXPECT_EQ(place_of(edits(screen)[1]), "block 4 head 7 z, all positions");
  EXPECT_EQ(edits(screen)[1].factor, 0.25F);
  choose(screen, 4, 7, "Onto all heads of block 4");
  EXPECT_EQ(edits(screen).size(), 9U);
  screen.run("undo");
  EXPECT_EQ(edits(screen).size(), 2U) << "all of them are one step";
  const std::size_t before = screen.lab().history().done();
  click_cell(screen, 0, 0, Qt::ControlModifier);
  ASSERT_EQ(edits(screen).size(), 3U);
  EXPECT_EQ(edits(screen)[2].factor, 0.25F) << "Ctrl pastes";
  EXPECT_EQ(screen.lab().history().done(), before + 1);
  QApplication::clipboard()->setText("not a recipe");
  const auto menu = menu_of(screen, 0, 1);
  QAction* paste = action_of(*menu, "Paste an edit");
  ASSERT_NE(paste, nullptr);
  EXPECT_FALSE(paste->isEnabled());
  EXPECT_TRUE(has(paste->toolTip().toStdString(), "copy one from another cell first"));
}

TEST(ProbeDock, patches_from_the_second_prompt_or_says_that_there_is_none) {
  Screen screen;
  screen.open("fable");
  (void)screen.dock("probe");
  {
    const auto menu = menu_of(screen, 4, 7);
    QAction* none = action_of(*menu, "Patch (there is no second prompt)");
    ASSERT_NE(none, nullptr);
    EXPECT_FALSE(none->isEnabled());
    EXPECT_TRUE(has(none->toolTip().toStdString(), "The dock Two prompts takes the prompt"));
  }
  screen.run("other-prompt \"When Mary and John went to the garden, Mary gave a ring to\"");
  choose(screen, 4, 7, "Its z, at all positions");
  ASSERT_EQ(edits(screen).size(), 1U);
  EXPECT_EQ(edits(screen)[0].op, EditOp::Patch);
  EXPECT_EQ(place_of(edits(screen)[0]), "block 4 head 7 z, all positions");
  EXPECT_EQ(screen.lab().document().tries.size(), 1U) << "it stands among the tries of Two prompts";
  ASSERT_TRUE(screen.settle());
  EXPECT_FALSE(screen.lab().error());
  choose(screen, 0, head_grid(screen).n_head(), "What it adds, at position 13");
  ASSERT_EQ(edits(screen).size(), 2U);
  EXPECT_EQ(place_of(edits(screen)[1]), "block 0 mlp_out, position 13");
}

TEST(ProbeDock, writes_on_with_and_without_the_edits) {
  Screen screen;
  screen.open("fable");
  screen.run("cut-head 0.0 0.5 4.3");
  (void)screen.dock("probe");
  EXPECT_FALSE(probe_part<QWidget>(screen, "what_if").isVisible());
  probe_part<QToolButton>(screen, "what_if_button").click();
  EXPECT_EQ(screen.lab().document().mode, doc::Mode::WhatIf);
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(screen.lab().run()->has_edits()) << "the edits act";
  const auto &base = probe_part<QLabel>(screen, "what_if_base"), &edited = probe_part<QLabel>(screen, "what_if_edited");
  ASSERT_TRUE(screen.until([&] {
    return has(screen.dock("probe"), "then they part.") || has(screen.dock("probe"), "The first token differs.");
  })) << screen.dock("probe");
  ASSERT_TRUE(screen.rest());
  EXPECT_TRUE(base.isVisible() && edited.isVisible());
  EXPECT_NE(base.text(), edited.text());
  EXPECT_TRUE(base.text().startsWith(" Mary")) << base.text().toStdString();
  EXPECT_TRUE(has(screen.dock("probe"), "Greedy: both take the likeliest token.")) << screen.dock("probe");
  const QString greedy = base.text();
  probe_part<QPushButton>(screen, "what_if_again").click();
  ASSERT_TRUE(screen.rest());
  EXPECT_TRUE(has(screen.dock("probe"), "Both draw with the same noise (seed ")) << screen.dock("probe");
  screen.run("remove-edits");
  ASSERT_TRUE(screen.rest());
  EXPECT_EQ(base.text(), edited.text()) << "with the same noise only edits part them";
  EXPECT_TRUE(has(screen.dock("probe"), "There is no edit that acts, so both texts are the same."));
  const auto path = testing::scratch_file("what-if.json").string();
  ASSERT_EQ(screen.run("save-session " + path), "");
  screen.run("intervene");
  EXPECT_FALSE(probe_part<QWidget>(screen, "what_if").isVisible());
  ASSERT_EQ(screen.run("open-session " + path), "");
  EXPECT_EQ(screen.lab().document().mode, doc::Mode::WhatIf);
}

}  // namespace
}  // namespace gf::ui
