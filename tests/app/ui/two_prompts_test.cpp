// The Two prompts dock: the command line's numbers, dragging, keys, the cone, and the tries that are kept.
#include <QCheckBox>
#include <QComboBox>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTest>
#include <algorithm>
#include <cmath>

#include "app/document/cell_edits.h"
#include "app/ui/docks/try_list.h"
#include "app/ui/docks/two_prompts_dock.h"
#include "tests/app/cli/program.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

constexpr const char* kSecondPrompt = "When Mary and John went to the garden, Mary gave a ring to";
using Spot = PatchBoard::Spot;

TwoPromptsDock& shown_two(Screen& screen) {
  (void)screen.dock("two_prompts");
  return dynamic_cast<TwoPromptsDock&>(screen.window().docks().dock("two_prompts"));
}

bool is_filled(const PatchBoard& board) {
  return std::ranges::all_of(board.shown().panels, [](const LensWords& panel) { return panel.depths > 0; });
}

/// Fable's prompt with Mary twice reads a row of the one with John: the names are as in the walk of the README.
TwoPromptsDock& two_of_fable(Screen& screen) {
  screen.open("fable", kSecondPrompt);
  EXPECT_EQ(screen.run("target \" Mary\""), "");
  EXPECT_EQ(screen.run("rival \" John\""), "");
  EXPECT_EQ(screen.run("other-prompt \"" + std::string(doc::kDefaultPrompt) + "\""), "");
  TwoPromptsDock& dock = shown_two(screen);
  EXPECT_TRUE(screen.until([&] { return is_filled(dock.board()) && dock.result(); })) << screen.dock("two_prompts");
  return dock;
}

/// Waits for the run and for what it did.
std::shared_ptr<const doc::TryResult> result_after(Screen& screen, TwoPromptsDock& dock) {
  EXPECT_TRUE(screen.settle());
  EXPECT_TRUE(screen.until([&] { return dock.result() != nullptr; })) << screen.dock("two_prompts");
  return dock.result();
}

testing::Json asked_patch(std::vector<std::string> options) {
  std::vector<std::string> line{"analyze", "fable", "--json"};
  line.insert(line.end(), options.begin(), options.end());
  const testing::Outcome o = testing::program(line);
  EXPECT_EQ(o.code, 0) << o.err;
  return o.json();
}

void choose_site(Screen& screen, int site) {
  auto* combo = screen.window().findChild<QComboBox*>("two_site");
  combo->setCurrentIndex(site);
  emit combo->activated(site);
}

void drag(PatchBoard& board, const Spot& from, const Spot& to) {
  const QPoint start = board.cell_rect(from).center().toPoint(), end = board.cell_rect(to).center().toPoint();
  QTest::mousePress(&board, Qt::LeftButton, {}, start);
  const auto move = [&](QPoint at) {
    QMouseEvent event(QEvent::MouseMove, QPointF(at), board.mapToGlobal(QPointF(at)), Qt::NoButton, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&board, &event);
  };
  move((start + end) / 2);
  move(end);
  QTest::mouseRelease(&board, Qt::LeftButton, {}, end);
}

TEST(TwoPrompts, says_what_to_do_while_there_is_one) {
  Screen screen;
  screen.open("fable");
  EXPECT_TRUE(has(screen.dock("two_prompts"), "Type a prompt to copy from, and press Enter.\n")) << screen.dock("two_prompts");
  screen.window().findChild<QPushButton*>("two_swap")->click();
  auto* field = screen.window().findChild<QLineEdit*>("two_second");
  EXPECT_EQ(field->text().toStdString(), doc::kDefaultPrompt);
  QTest::keyClick(field, Qt::Key_Return);
  EXPECT_TRUE(has(screen.dock("two_prompts"), "Both prompts are the same.")) << screen.dock("two_prompts");
}

TEST(TwoPrompts, are_shown_by_both_spellings_and_fill_the_window_by_a_double_click) {
  Screen screen;
  screen.open("fable");
  EXPECT_EQ(screen.run("show-dock two-prompts on"), "");
  EXPECT_TRUE(screen.window().docks().in_front("two_prompts"));
  auto* frame = screen.window().findChild<QDockWidget*>("two_prompts_dock");
  QTest::mouseDClick(frame->titleBarWidget(), Qt::LeftButton);
  EXPECT_TRUE(frame->isFloating());
  EXPECT_EQ(frame->geometry().size(), screen.window().geometry().size());
  QTest::mouseDClick(frame->titleBarWidget(), Qt::LeftButton);
  EXPECT_FALSE(frame->isFloating());
}

TEST(TwoPrompts, shows_the_lens_of_both_as_the_command_line_has_it) {
  Screen screen;
  TwoPromptsDock& dock = two_of_fable(screen);
  EXPECT_TRUE(has(screen.dock("two_prompts"), "14 tokens each, of which 1 differs, at position 9.\n")) << screen.dock("two_prompts");
  const auto expect_lens = [&](PatchBoard::Panel panel, const char* prompt) {
    const testing::Json top = asked_patch({"--prompt", prompt, "--what", "logit-lens", "--top", "1"})["logit_lens"]["top"];
    const LensWords& shown = dock.board().shown().panels[panel];
    ASSERT_EQ(static_cast<std::size_t>(shown.depths), top["values"].size());
    for (int depth = 0; depth < shown.depths; ++depth)
      for (int position = 0; position < shown.tokens.size(); ++position) {
        const auto& word = top["values"][static_cast<std::size_t>(depth)][static_cast<std::size_t>(position)][0];
        EXPECT_NEAR(std::log(static_cast<double>(shown.share[shown.at(position, depth)])), word["logprob"].get<double>(), 1e-3);
      }
  };
  expect_lens(PatchBoard::Source, doc::kDefaultPrompt);
  expect_lens(PatchBoard::Target, kSecondPrompt);
  EXPECT_EQ(dock.board().shown().panels[PatchBoard::Result], dock.board().shown().panels[PatchBoard::Target]) << "there are no edits yet";
}

TEST(TwoPrompts, has_the_effects_that_patch_sweep_has) {
  Screen screen;
  TwoPromptsDock& dock = two_of_fable(screen);
  const testing::Json sweep =
      asked_patch({"--clean", doc::kDefaultPrompt, "--corrupt", kSecondPrompt, "--what", "patch-sweep", "--site",
                   "resid_pre,mlp_out,head_z,head_pattern", "--target", " Mary", "--against", " John"})["patch_sweep"];
  const auto expect_effect = [&](const std::string& line, const char* site, std::size_t layer, std::size_t place) {
    ASSERT_EQ(screen.run("patch " + line), "") << line;
    const auto found = result_after(screen, dock);
    ASSERT_TRUE(found && found->effect) << line;
    EXPECT_NEAR(*found->effect, sweep[site]["values"][layer][place].get<double>(), 1e-4) << line;
    EXPECT_NEAR(found->after - found->before, sweep["delta"][site]["values"][layer][place].get<double>(), 1e-3) << line;
    EXPECT_NEAR(found->source, sweep["clean"].get<double>(), 1e-3);
    EXPECT_NEAR(found->before, sweep["corrupt"].get<double>(), 1e-3);
    EXPECT_EQ(screen.lab().document().recipe.edits.size(), 1U) << line;
  };
  expect_effect("resid_pre 4,9", "resid_pre", 4, 9);
  expect_effect("resid_pre 5,13", "resid_pre", 5, 13);
  expect_effect("mlp_out 0,9", "mlp_out", 0, 9);
  expect_effect("head_z 4.7", "head_z", 4, 7);
  expect_effect("head_pattern 4.0", "head_pattern", 4, 0);
  EXPECT_EQ(screen.lab().document().tries.size(), 5U);
}

TEST(TwoPrompts, patches_as_a_recipe_that_run_reads) {
  Screen screen;
  TwoPromptsDock& dock = two_of_fable(screen);
  ASSERT_EQ(screen.run("patch resid_pre 3,9 4,9"), "");
  const auto found = result_after(screen, dock);
  const auto path = testing::scratch_file("two-prompts.glassformer-recipe.json").string();
  ASSERT_EQ(screen.run("save-recipe " + path), "");
  const testing::Outcome o = testing::program({"analyze", "fable", "--prompt", kSecondPrompt, "--recipe", path, "--what", "dla", "--target",
                                               " Mary", "--against", " John", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  EXPECT_NEAR(o.json()["dla"]["total"].get<double>(), found->after, 1e-3);
  EXPECT_TRUE(has(screen.dock("probe"), "patch block 4 resid_pre, position 9 from block 3 resid_pre, position 9 of \"" +
                                            std::string(doc::kDefaultPrompt) + "\"\n"))
      << screen.dock("probe");
}

TEST(TwoPrompts, copies_what_is_dragged_and_shades_what_it_can_reach) {
  Screen screen;
  TwoPromptsDock& dock = two_of_fable(screen);
  PatchBoard& board = dock.board();
  drag(board, {PatchBoard::Source, 9, 4}, {PatchBoard::Target, 9, 4});
  const auto found = result_after(screen, dock);
  ASSERT_EQ(screen.lab().document().recipe.edits.size(), 1U);
  EXPECT_EQ(place_of(screen.lab().document().recipe.edits[0]), "block 4 resid_pre, position 9");
  ASSERT_TRUE(found && found->effect);
  EXPECT_GT(*found->effect, 0.9) << "until block 4 begins, the second name's own position decides";
  ASSERT_TRUE(screen.until([&] { return !board.shown().reach.empty() && is_filled(board); }));
  const auto reached = [&](int depth, int position) {
    return board.shown().reach[static_cast<std::size_t>(depth) * 14 + static_cast<std::size_t>(position)] != 0;
  };
  EXPECT_TRUE(reached(4, 9) && reached(5, 9) && reached(5, 10) && reached(6, 13));
  EXPECT_FALSE(reached(3, 9) || reached(4, 10) || reached(6, 8));
  const LensWords& result = board.shown().panels[PatchBoard::Result];
  ASSERT_TRUE(screen.until([&] { return result.words[static_cast<qsizetype>(result.at(13, 6))] == "·Mary"; }));
  EXPECT_TRUE(screen.until([&] { return has(dock.says().toStdString(), "goes on: “ Mary"); })) << dock.says().toStdString();
  screen.run("undo");
  EXPECT_TRUE(screen.lab().document().recipe.empty());
  EXPECT_TRUE(screen.lab().document().tries.empty());
}

TEST(TwoPrompts, copies_a_head_with_keys_at_all_positions) {
  Screen screen;
  TwoPromptsDock& dock = two_of_fable(screen);
  choose_site(screen, 1);
  EXPECT_TRUE(screen.window().findChild<QCheckBox*>("two_all")->isChecked());
  screen.run("select blocks.4.attn.hook_z 9 7 0");
  EXPECT_EQ(screen.window().findChild<QSpinBox*>("two_head")->value(), 7) << "it follows the selection";
  PatchBoard& board = dock.board();
  ASSERT_TRUE(board.current() && *board.current() == (Spot{PatchBoard::Target, 9, 4}));
  board.setFocus();
  QTest::keyClick(&board, Qt::Key_PageUp);
  ASSERT_TRUE(*board.current() == (Spot{PatchBoard::Source, 9, 4}));
  QTest::keySequence(&board, QKeySequence::Copy);
  QTest::keyClick(&board, Qt::Key_PageDown);
  QTest::keySequence(&board, QKeySequence::Paste);
  ASSERT_EQ(screen.lab().document().recipe.edits.size(), 1U);
  EXPECT_EQ(place_of(screen.lab().document().recipe.edits[0]), "block 4 head 7 z, all positions");
  (void)result_after(screen, dock);
}

TEST(TwoPrompts, selects_in_the_scene_and_keeps_the_position_that_is_explained) {
  Screen screen;
  TwoPromptsDock& dock = two_of_fable(screen);
  PatchBoard& board = dock.board();
  QTest::mouseClick(&board, Qt::LeftButton, {}, board.cell_rect({PatchBoard::Target, 5, 2}).center().toPoint());
  ASSERT_TRUE(screen.lab().document().selection);
  EXPECT_EQ(screen.lab().document().selection->tensor.name(), "blocks.2.hook_resid_pre");
  EXPECT_EQ(screen.lab().document().selection->index[0], 5);
  EXPECT_EQ(screen.lab().document().selected_position, -1);
}

TEST(TwoPrompts, says_what_another_place_reads_as_the_patchscope_does) {
  Screen screen;
  TwoPromptsDock& dock = two_of_fable(screen);
  drag(dock.board(), {PatchBoard::Source, 13, 6}, {PatchBoard::Target, 9, 2});
  ASSERT_TRUE(screen.settle());
  ASSERT_TRUE(screen.until([&] { return has(dock.says().toStdString(), "goes on: "); }));
  const testing::Json said = asked_patch({"--what", "patchscope", "--from-prompt", doc::kDefaultPrompt, "--from", "6,13", "--into-prompt",
                                          kSecondPrompt, "--to", "2,9", "-n", "8"})["patchscope"];
  const auto in_a_line = [&](const char* part) {
    return QString::fromStdString(said[part].get<std::string>()).replace('\n', QStringLiteral("↵")).toStdString();
  };
  EXPECT_EQ(dock.says().toStdString(), "goes on: “" + in_a_line("says") + "” instead of “" + in_a_line("unpatched") + "”");
}

TEST(TwoPrompts, aligns_unequal_lengths_by_their_text) {
  Screen screen;
  screen.open("fable");
  screen.run("target \" Mary\"");
  screen.run("rival \" John\"");
  screen.run("other-prompt \"When Mary and John went to the old garden, Mary gave a ring to\"");
  TwoPromptsDock& dock = shown_two(screen);
  ASSERT_TRUE(screen.until([&] { return is_filled(dock.board()); }));
  EXPECT_TRUE(has(screen.dock("two_prompts"), "15 tokens against 14: aligned by their text. 14 stand beside each other"))
      << screen.dock("two_prompts");
  drag(dock.board(), {PatchBoard::Source, 10, 4}, {PatchBoard::Target, 9, 4});
  const auto found = result_after(screen, dock);
  ASSERT_TRUE(found && found->effect);
  EXPECT_EQ(screen.lab().document().recipe.edits[0].source->positions, Selector::only(10));
  EXPECT_GT(*found->effect, 0.5);
  EXPECT_EQ(screen.run("patch head_pattern 4.7"),
            "A pattern goes from each query and key to the same ones, so both texts need as many tokens; they have 15 and 14.");
}

TEST(TwoPrompts, keeps_tries_that_are_named_compared_and_gone_back_to) {
  Screen screen;
  TwoPromptsDock& dock = two_of_fable(screen);
  screen.run("patch resid_pre 4,9");
  ASSERT_TRUE(screen.settle());
  screen.run("patch head_z 5.1");
  ASSERT_TRUE(screen.settle());
  TryList& tries = dock.tries();
  ASSERT_TRUE(screen.until([&] { return tries.result(0) && tries.result(1); }));
  ASSERT_EQ(tries.topLevelItemCount(), 2);
  EXPECT_EQ(tries.topLevelItem(0)->text(TryList::What).toStdString(), "block 4 resid_pre, position 9");
  EXPECT_GT(tries.topLevelItem(0)->text(TryList::Effect).toDouble(), tries.topLevelItem(1)->text(TryList::Effect).toDouble());
  tries.topLevelItem(0)->setText(TryList::Name, "the second name");
  tries.topLevelItem(0)->setText(TryList::Note, "brings it back");
  EXPECT_EQ(screen.lab().document().tries[0].name, "the second name");
  EXPECT_TRUE(has(tries.csv(), "1,\"the second name\",\"block 4 resid_pre, position 9\"")) << tries.csv();
  tries.setCurrentItem(tries.topLevelItem(0));
  QTest::keyClick(&tries, Qt::Key_Return);
  EXPECT_EQ(place_of(screen.lab().document().recipe.edits.at(0)), "block 4 resid_pre, position 9");
  (void)result_after(screen, dock);
  const auto path = testing::scratch_file("two-prompts.json").string();
  ASSERT_EQ(screen.run("save-session " + path), "");
  QTest::keyClick(&tries, Qt::Key_Delete);
  EXPECT_EQ(screen.lab().document().tries.size(), 1U);
  ASSERT_EQ(screen.run("open-session " + path), "");
  ASSERT_TRUE(screen.settle());
  ASSERT_EQ(screen.lab().document().tries.size(), 2U);
  EXPECT_EQ(screen.lab().document().tries[0].note, "brings it back");
}

TEST(TwoPrompts, says_that_other_edits_leave_the_source_as_it_is) {
  Screen screen;
  TwoPromptsDock& dock = two_of_fable(screen);
  screen.run("patch resid_pre 4,9");
  (void)result_after(screen, dock);
  EXPECT_FALSE(has(screen.dock("two_prompts"), "without the edits")) << "a copy alters nothing else";
  screen.run("cut-head 0.0");
  (void)result_after(screen, dock);
  EXPECT_TRUE(has(screen.dock("two_prompts"), "the source is run without the edits")) << screen.dock("two_prompts");
}

TEST(TwoPrompts, keep_their_pair_when_they_are_swapped) {
  Screen screen;
  (void)two_of_fable(screen);
  screen.window().findChild<QPushButton*>("two_swap")->click();
  EXPECT_EQ(screen.lab().document().prompt, doc::kDefaultPrompt);
  EXPECT_EQ(screen.lab().document().rival, " John");
}

TEST(TwoPrompts, a_try_is_about_the_position_that_was_explained_when_its_drag_began) {
  Screen screen;
  TwoPromptsDock& dock = two_of_fable(screen);
  PatchBoard& board = dock.board();
  const QPoint start = board.cell_rect({PatchBoard::Source, 9, 4}).center().toPoint();
  const QPoint end = board.cell_rect({PatchBoard::Target, 9, 4}).center().toPoint();
  const auto move = [&](QPoint at) {
    QMouseEvent event(QEvent::MouseMove, QPointF(at), board.mapToGlobal(QPointF(at)), Qt::NoButton, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&board, &event);
  };
  QTest::mousePress(&board, Qt::LeftButton, {}, start);
  move((start + end) / 2);
  screen.run("select-position 9");  // another dock follows what was selected
  move(end);
  QTest::mouseRelease(&board, Qt::LeftButton, {}, end);
  ASSERT_EQ(screen.lab().document().tries.size(), 1U);
  EXPECT_EQ(screen.lab().document().tries[0].position, -1);
  const auto found = result_after(screen, dock);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->position, 13);

  TryList& tries = dock.tries();
  ASSERT_TRUE(screen.until([&] { return tries.result(0) != nullptr; }));
  const QString about = tries.topLevelItem(0)->text(TryList::About);
  EXPECT_EQ(about.toStdString(), "·Mary − ·John at 13");
  const double effect = *tries.result(0)->effect;
  screen.run("select-position 9");
  ASSERT_TRUE(screen.rest());
  EXPECT_EQ(tries.topLevelItem(0)->text(TryList::About), about) << "what is selected later does not change what was tried";
  EXPECT_EQ(*tries.result(0)->effect, effect);
  EXPECT_TRUE(has(tries.csv(), ",\" Mary\",\" John\",13,")) << tries.csv();
}

}  // namespace
}  // namespace gf::ui
