// The text of the docks.
#include <QDockWidget>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QTabBar>
#include <QTest>
#include <QToolButton>
#include <gtest/gtest.h>
#include <set>

#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/words.h"
#include "model/base/logits.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

TEST(Docks, have_ids_and_titles_of_their_own) {
  std::set<std::string> ids, titles;
  for (const DockInfo& dock : docks()) EXPECT_TRUE(ids.insert(dock.id).second && titles.insert(dock.title).second) << dock.id;
}

TEST(Docks, say_what_to_do_while_there_is_nothing) {
  Screen screen;
  for (const DockInfo& info : docks()) {
    const std::string text = screen.dock(info.id);
    EXPECT_EQ(screen.window().docks().dock(info.id).accessibleName().toStdString(), info.title);
    EXPECT_NE(text, "") << info.id << " is blank";
    if (info.needs != DockNeeds::Nothing) {
      EXPECT_EQ(text, "No model yet. Open one with Ctrl+O, or drop a model folder anywhere.\n") << info.id;
    }
  }
}

TEST(Docks, fill_when_a_run_is_there) {
  Screen screen;
  screen.open("fable");
  for (const DockInfo& info : docks()) {
    const std::string text = screen.dock(info.id);
    EXPECT_NE(text, "") << info.id;
    EXPECT_FALSE(has(text, "No model yet") || has(text, "No run yet")) << info.id << ": " << text;
  }
}

TEST(Docks, rest_while_hidden_and_catch_up) {
  Screen screen;
  screen.open("fable");
  screen.run("show-dock logits off");
  screen.run("set-prompt \"The capital of France is\"");
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(has(screen.dock("logits"), "next token after “·is”, position 4"));
}

TEST(ModelDock, is_an_outline_with_what_is_cut) {
  Screen screen;
  screen.open("fable");
  screen.run("cut-head 0.5");
  ASSERT_TRUE(screen.settle());
  const std::string text = screen.dock("model");
  EXPECT_EQ(text.substr(0, text.find("embedding")),
            "fable\n5.9 M parameters · f16\n6 blocks · 8 heads · d_model 256\ncontext 256 · vocabulary 4,096\n")
      << text;
  EXPECT_TRUE(has(text, "\nblock 0 | 1 edit\n  attention | 263.2 k · 8 heads\n    head 0\n")) << text;
  EXPECT_TRUE(has(text, "    head 5 | cut\n")) << text;
  EXPECT_TRUE(has(text, "\nblock 1 | 789.8 k\n")) << text;
  EXPECT_TRUE(has(text, "embedding | 1.0 M · 4,096 × 256\npositions | 65.5 k · 256 × 256\n")) << text;
  EXPECT_TRUE(has(text, "\nfinal LayerNorm | 512\nunembedding | tied\n")) << text;
}

TEST(ModelDock, counts_an_edit_of_every_block_in_each) {
  Screen screen;
  screen.open("fable");
  const auto recipe = parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.*.mlp.hook_post", "op": "scale", "factor": 0.5},
    {"hook": "blocks.2.hook_resid_pre", "op": "scale", "factor": 0.5}, {"hook": "logits", "op": "scale", "factor": 0.5}]})");
  ASSERT_TRUE(recipe) << recipe.error().message;
  screen.lab().execute({"", [&](doc::Document& d) { d.recipe = *recipe; }, {}});
  ASSERT_TRUE(screen.settle());
  const std::string text = screen.dock("model");
  EXPECT_TRUE(has(text, "\nblock 0 | 1 edit\n")) << text;
  EXPECT_TRUE(has(text, "\n  MLP | 1 edit\n")) << text;
  EXPECT_TRUE(has(text, "\nblock 2 | 2 edits\n")) << text;
  EXPECT_TRUE(has(text, "\nblock 5 | 1 edit\n")) << text;
}

TEST(LogitsDock, shows_base_beside_edited) {
  Screen screen;
  screen.open("fable");
  EXPECT_TRUE(has(screen.dock("logits"), "next token after “·to”, position 13\ntoken |  | probability\n·Mary |  | 98.7 %\n"))
      << screen.dock("logits");
  screen.run("cut-head 0.0 0.5 4.3");
  ASSERT_TRUE(screen.settle());
  const std::string text = screen.dock("logits");
  EXPECT_TRUE(has(text, "token |  | base | edited | Δ\n·Mary |  | 98.7 % | 1.5 % | −97.2\n")) << text;
}

/// A run of the text up to a position: its last prediction is the one at that position.
Run run_up_to(Screen& screen, int position) {
  const auto model = screen.lab().model();
  const auto session = Session::create(model, {});
  EXPECT_TRUE(session) << session.error().message;
  RunRequest request = screen.lab().run()->request;
  request.prompt.resize(static_cast<std::size_t>(position) + 1);
  auto run = (*session)->run(request);
  EXPECT_TRUE(run) << run.error().message;
  return std::move(*run);
}

TEST(LogitsDock, has_every_probability_before_the_end_once_a_study_gives_them) {
  Screen screen;
  screen.open("fable");
  const auto recipe = parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.0.hook_mlp_out", "op": "zero"}]})");
  ASSERT_TRUE(recipe) << recipe.error().message;
  screen.lab().execute({"", [&](doc::Document& d) { d.recipe = *recipe; }, {}});
  ASSERT_TRUE(screen.settle());
  ASSERT_EQ(screen.run("select-position 4"), "");
  const auto run = screen.lab().run();
  const auto& top = run->edited->stats(4).top;
  ASSERT_TRUE(std::ranges::any_of(run->base->stats(4).top, [&](const auto& token) {
    return std::ranges::find(top, token.id, &TokenStats::Top::id) == top.end();
  })) << "else the traces alone know all of them";
  (void)screen.dock("logits");
  const auto* pair = screen.window().findChild<QLabel*>("pair_label");
  ASSERT_TRUE(screen.until([&] { return !pair->text().contains("…"); }));
  const std::string text = screen.dock("logits");
  EXPECT_FALSE(has(text, "| –")) << text;
}

TEST(Docks, tell_of_the_selected_position_in_every_number) {
  Screen screen;
  screen.open("fable");
  screen.run("cut-head 4.0");
  ASSERT_TRUE(screen.settle());
  const std::vector<std::pair<int, std::string>> places = {
      {0, "after “When”, position 0"}, {4, "after “·went”, position 4"}, {13, "after “·to”, position 13"}};
  for (const auto& [position, place] : places) {
    ASSERT_EQ(screen.run("select-position " + std::to_string(position)), "");
    (void)screen.dock("logits");
    const auto* pair = screen.window().findChild<QLabel*>("pair_label");
    ASSERT_TRUE(screen.until([&] { return !has(screen.dock("probe"), "on its way") && !pair->text().contains("…"); }));
    const gf::Run twin = run_up_to(screen, position);
    const TokenId a = *screen.lab().target(), b = *screen.lab().rival();
    const auto difference = [&](const Trace& trace) {
      const auto logits = trace.last_logits();
      return signed_number(static_cast<double>(logits[a.index()]) - static_cast<double>(logits[b.index()]), 2).toStdString();
    };
    const std::string logits = screen.dock("logits"), probe = screen.dock("probe");
    EXPECT_TRUE(has(logits, "next token " + place + "\n")) << logits;
    EXPECT_TRUE(has(logits, "logit A − B " + place + ": " + difference(*twin.base) + " edited " + difference(*twin.edited)))
        << difference(*twin.base) << " edited " << difference(*twin.edited) << "\n"
        << logits;
    const double kl = KlFrom(twin.base->last_logits()).to(twin.edited->last_logits());
    EXPECT_TRUE(has(probe, "KL(base || edited) " + place + " = " + fixed(kl, kl < 0.1 ? 4 : 2).toStdString() + " nats")) << kl << "\n"
                                                                                                                         << probe;
    EXPECT_TRUE(has(probe, ", " + place + " (in the base run)")) << "the heat map: " << probe;
  }
}

TEST(ProbeDock, lists_the_edits) {
  Screen screen;
  screen.open("fable");
  EXPECT_TRUE(has(screen.dock("probe"), "No edits yet: click a head above to cut it.\n")) << screen.dock("probe");
  screen.run("cut-head 4.3");
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(has(screen.dock("probe"), "block 4   head 3\n")) << screen.dock("probe");
}

TEST(ProbeDock, says_what_each_edit_is) {
  Screen screen;
  screen.open("fable");
  const auto recipe = parse_recipe(R"({"version": 1, "edits": [
    {"hook": "blocks.4.attn.hook_z", "heads": [7], "op": "patch",
     "source": {"prompt": "When Mary and John went to the garden, Mary gave a ring to"}},
    {"hook": "blocks.4.attn.hook_z", "heads": [6], "op": "zero"},
    {"hook": "blocks.4.attn.hook_z", "heads": [5], "op": "zero", "positions": [3]}]})");
  ASSERT_TRUE(recipe) << recipe.error().message;
  screen.lab().execute({"", [&](doc::Document& d) { d.recipe = *recipe; }, {}});
  ASSERT_TRUE(screen.settle());
  const std::string probe = screen.dock("probe");
  EXPECT_TRUE(has(probe, "block 4   head 7\n")) << probe;
  EXPECT_TRUE(has(probe, "Patch from another run: from “When Mary and John went to the garden, Mary gave a ring to”\n")) << probe;
  EXPECT_TRUE(has(probe, "block 4   head 6\n")) << probe;
  EXPECT_TRUE(has(probe, "<Cut>\n")) << probe;
  EXPECT_TRUE(has(probe, "zero block 4 head 5 z, position 3\n")) << "a cut of one position is not that of the head: " << probe;
}

TEST(LessonsDock, lists_what_there_is_and_plays_one) {
  Screen screen;
  screen.open("fable");
  ASSERT_TRUE(screen.until([&] { return !screen.window().player().lessons().empty(); }));
  EXPECT_TRUE(has(screen.dock("lessons"), "First look\n")) << screen.dock("lessons");
  screen.run("lesson first-look");
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(has(screen.dock("lessons"), "First look\nstep 1 of ")) << screen.dock("lessons");
}

TEST(Docks, come_as_a_lesson_names_them_and_go_back) {
  Screen screen;
  screen.open("fable");
  ASSERT_TRUE(screen.until([&] { return !screen.window().player().lessons().empty(); }));
  screen.run("show-dock model off");
  screen.run("lesson first-look");
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(screen.window().docks().shown("lessons"));
  screen.run("leave-lesson");
  ASSERT_TRUE(screen.settle());
  EXPECT_FALSE(screen.window().docks().shown("model"));
  EXPECT_FALSE(screen.window().docks().shown("lessons"));
}

TEST(Docks, that_fill_the_window_say_how_to_go_back_and_esc_goes_back) {
  Screen screen;
  screen.open("fable");
  auto* frame = screen.window().findChild<QDockWidget*>("logits_dock");
  auto* back = frame->findChild<QPushButton*>("logits_dock_back");
  ASSERT_TRUE(frame && back);
  EXPECT_FALSE(back->isVisible());
  const auto fill = [&] {
    QTest::mouseDClick(frame->titleBarWidget(), Qt::LeftButton);
    return frame->isFloating() && back->isVisible();
  };
  ASSERT_TRUE(fill());
  back->click();
  EXPECT_FALSE(frame->isFloating() || back->isVisible());
  ASSERT_TRUE(fill());
  QTest::keyClick(frame, Qt::Key_Escape);
  EXPECT_FALSE(frame->isFloating() || back->isVisible());
  ASSERT_TRUE(fill());
  QTest::keyClick(&screen.window().viewport(), Qt::Key_Escape);
  EXPECT_FALSE(frame->isFloating() || back->isVisible()) << "the keyboard may have stayed where it was";
  frame->setFloating(true);
  EXPECT_FALSE(back->isVisible()) << "it floats, and does not fill the window";
  frame->setFloating(false);
  ASSERT_TRUE(fill());
  ASSERT_TRUE(screen.window().close());
  EXPECT_FALSE(frame->isFloating()) << "at the next start it would stand behind the window";
}

TEST(Docks, have_their_sizes_again_after_one_has_filled_the_window) {
  Screen screen;
  screen.open("fable");
  screen.run("layout explore");
  const auto settle = [] {
    QCoreApplication::sendPostedEvents();
    QCoreApplication::processEvents();
  };
  auto* frame = screen.window().findChild<QDockWidget*>("logits_dock");
  screen.window().resizeDocks({frame}, {260}, Qt::Vertical);
  screen.window().resizeDocks({frame}, {470}, Qt::Horizontal);
  settle();
  const auto sizes = [&] {
    std::string all;
    for (const char* id : {"model", "probe", "logits"}) {
      const QSize size = screen.window().docks().dock(id).size();
      all += std::string(id) + " " + std::to_string(size.width()) + " x " + std::to_string(size.height()) + "\n";
    }
    return all;
  };
  const std::string before = sizes();
  for (int i = 0; i < 3; ++i) {
    QTest::mouseDClick(frame->titleBarWidget(), Qt::LeftButton);
    settle();
    QTest::keyClick(frame, Qt::Key_Escape);
    settle();
  }
  EXPECT_EQ(sizes(), before);
}

TEST(Docks, that_are_stacked_have_whole_names_and_a_list) {
  Screen screen;
  screen.open("fable");
  for (const char* id : {"why", "attention", "sweep", "features", "compare", "data"}) (void)screen.dock(id);
  QTabBar* stack = nullptr;
  for (QTabBar* tabs : screen.window().findChildren<QTabBar*>(Qt::FindDirectChildrenOnly))
    if (tabs->count() >= 7) stack = tabs;
  ASSERT_NE(stack, nullptr);
  EXPECT_EQ(stack->elideMode(), Qt::ElideNone);
  EXPECT_TRUE(stack->usesScrollButtons());
  auto* list = screen.window().findChild<QToolButton*>("data_dock_stacked");
  ASSERT_TRUE(list && list->isVisible());
  emit list->menu()->aboutToShow();
  QStringList names;
  for (const QAction* entry : list->menu()->actions()) names << entry->text();
  EXPECT_EQ(names.join(", ").toStdString(), "Attention, Compare, Data, Features, Probe, Sweep, Why");
  list->menu()->actions().first()->trigger();
  EXPECT_TRUE(screen.window().docks().in_front("attention"));
}

}  // namespace
}  // namespace gf::ui
