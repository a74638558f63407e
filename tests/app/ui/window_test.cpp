// The window, as a user works with it.
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDockWidget>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenuBar>
#include <QSettings>
#include <QSlider>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <gtest/gtest.h>

#include "app/ui/docks/drawn.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/prompt_bar.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/transport.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

TEST(MainWindow, that_was_left_on_a_larger_screen_comes_back_inside_this_one) {
  Screen screen;
  screen.window().resize(4000, 3000);
  screen.window().close();  // it keeps its size
  QSettings settings;
  ASSERT_FALSE(settings.value("window/geometry").toByteArray().isEmpty());
  doc::Lab lab([](std::function<void()> work) { QMetaObject::invokeMethod(qApp, std::move(work), Qt::QueuedConnection); });
  MainWindow again(lab);
  const QSize room = again.screen()->availableSize(), least = again.minimumSizeHint();
  EXPECT_LE(again.width(), std::max(room.width(), least.width()));
  EXPECT_LE(again.height(), std::max(room.height(), least.height()));
}

// As a lesson does that is asked for at the start: Qt then arranges the docks while it still waits for the window's last size.
TEST(MainWindow, that_opens_maximised_lets_its_docks_be_raised_at_once) {
  Screen screen;
  screen.window().showMaximized();
  screen.window().close();
  doc::Lab lab([](std::function<void()> work) { QMetaObject::invokeMethod(qApp, std::move(work), Qt::QueuedConnection); });
  MainWindow again(lab);
  ASSERT_TRUE(again.isMaximized());
  again.show();
  const auto docks = again.findChildren<QDockWidget*>();
  ASSERT_GT(docks.size(), 10);
  for (int round = 0; round < 3; ++round) {
    if (round > 0) QApplication::processEvents();
    for (QDockWidget* dock : docks) dock->hide();
    for (QDockWidget* dock : docks) dock->show();
    for (QDockWidget* dock : docks) dock->raise();
  }
  for (const QDockWidget* dock : docks) EXPECT_FALSE(dock->isHidden()) << dock->objectName().toStdString();
}

TEST(FileDesk, proposes_a_name_for_what_is_saved) {
  Screen screen;
  screen.open("fable");
  QTemporaryDir folder;
  const auto proposed = [&](const char* action) {
    EXPECT_EQ(screen.run(action), "");
    auto* dialog = screen.window().findChild<QFileDialog*>("file_dialog");
    const QString path = dialog ? dialog->selectedFiles().value(0) : QString();
    delete dialog;
    return path;
  };
  EXPECT_EQ(QFileInfo(proposed("save-session")).fileName(), "fable.glassformer.json");
  EXPECT_EQ(QFileInfo(proposed("save-handout")).fileName(), "fable.html");
  EXPECT_EQ(QFileInfo(proposed("save-notebook")).fileName(), "fable.ipynb");
  EXPECT_EQ(QFileInfo(proposed("save-recipe")).fileName(), "fable.glassformer-recipe.json");
  const QString kept = folder.filePath("mine.glassformer.json");
  ASSERT_EQ(screen.run("save-session " + kept.toStdString()), "");
  EXPECT_EQ(proposed("save-session"), kept) << "the file that the session has";
}

TEST(Generate, plays_on_to_the_end_of_the_new_tokens) {
  Screen screen;
  screen.open("fable");
  screen.run("speed 100");
  screen.run("time end");
  for (const char* line : {"generate 2", "generate-token"}) {
    const int before = screen.lab().run()->base->length();
    screen.run(line);
    ASSERT_TRUE(screen.until([&] { return screen.lab().run()->base->length() > before; }));
    Transport& transport = screen.window().transport();
    ASSERT_TRUE(screen.until([&] { return !transport.playing() && transport.now() == transport.timeline()->end(); })) << line;
  }
}

TEST(PromptBar, says_whose_numbers_it_shows) {
  Screen screen;
  screen.open("fable");
  EXPECT_FALSE(has(screen_text(screen.window().prompt()), "run\n"));
  screen.run("cut-head 0.0 0.5 4.3");
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(has(screen_text(screen.window().prompt()), "edited run\n"));
  screen.run("compare base");
  EXPECT_TRUE(has(screen_text(screen.window().prompt()), "base run\n"));
}

TEST(Window, undoes_the_playing_speed) {
  Screen screen;
  screen.open("fable");
  const doc::Document before = screen.lab().document();
  EXPECT_EQ(screen.run("pace operation"), "");
  EXPECT_EQ(screen.run("speed 4"), "");
  EXPECT_EQ(screen.lab().document().pace, scene::Pace::Operation);
  EXPECT_EQ(screen.lab().document().speed, 4);
  auto* list = screen.window().findChild<QComboBox*>("speed_combo");
  emit list->activated(0);
  EXPECT_EQ(screen.lab().document().pace, scene::Pace::Term);
  for (int i = 0; i < 3; ++i) screen.run("undo");
  EXPECT_EQ(screen.lab().document(), before);
}

TEST(Window, says_that_it_shows_base_while_b_is_held) {
  Screen screen;
  screen.open("fable");
  screen.run("cut-head 0.0 0.5 4.3");
  screen.run("compare difference");
  ASSERT_TRUE(screen.settle());
  const std::string newest = screen.lab().history().undo_name();
  QTest::keyPress(&screen.window().viewport(), Qt::Key_B);
  EXPECT_TRUE(has(screen_text(screen.window().prompt()), "base run\n"));
  EXPECT_EQ(screen.lab().document().compare, scene::Compare::Base);
  QTest::keyRelease(&screen.window().viewport(), Qt::Key_B);
  EXPECT_TRUE(has(screen_text(screen.window().prompt()), "edited run\n"));
  EXPECT_EQ(screen.lab().document().compare, scene::Compare::Difference);
  EXPECT_EQ(screen.lab().history().undo_name(), newest) << "looking is not a step of undo";
}

TEST(ProbeDock, says_in_observe_that_edits_are_off) {
  Screen screen;
  screen.open("fable");
  screen.run("cut-head 4.3");
  screen.run("observe");
  ASSERT_TRUE(screen.settle());
  const std::string text = screen.dock("probe");
  EXPECT_TRUE(has(text, "Edits are off: this is the model as it is.\n")) << text;
  EXPECT_FALSE(has(text, "the prediction is the same")) << text;
}

TEST(ProbeDock, keeps_an_edits_controls_in_the_dock) {
  Screen screen;
  screen.open("fable");
  const std::string file = qEnvironmentVariable("XDG_DATA_HOME").toStdString() + "/long.json";
  FILE* out = std::fopen(file.c_str(), "w");
  ASSERT_NE(out, nullptr);
  std::fputs(R"({"version": 1, "edits": [{"hook": "blocks.2.hook_mlp_out", "op": "patch", "positions": [3],
    "source": {"prompt": "When Tom and James went to the garden, James gave a ring to, and then all of them went home again"}}]})",
             out);
  std::fclose(out);
  ASSERT_EQ(screen.run("open-recipe " + file), "");
  ASSERT_TRUE(screen.settle());
  (void)screen.dock("probe");
  const QWidget* card = screen.window().findChild<QWidget*>("edit_0");
  const QWidget* remove = screen.window().findChild<QWidget*>("edit_remove_0");
  ASSERT_TRUE(card && remove);
  const Dock& dock = screen.window().docks().dock("probe");
  EXPECT_LE(remove->mapTo(&dock, QPoint(remove->width(), 0)).x(), dock.width());
  EXPECT_TRUE(has(screen.dock("model"), "block 2 | 1 edit\n")) << screen.dock("model");
}

TEST(ModelDock, has_a_slider_over_training_steps) {
  Screen screen;
  screen.open("fable");
  EXPECT_FALSE(has(screen.dock("model"), "trained\n"));
  screen.run("open sort-nano");
  ASSERT_TRUE(screen.until([&] { return screen.lab().model()->weights->name.starts_with("sort-nano") && screen.lab().up_to_date(); }));
  EXPECT_TRUE(has(screen.dock("model"), "trained\n")) << screen.dock("model");
  const std::string prompt = screen.lab().document().prompt;
  auto* slider = screen.window().findChild<QSlider*>("training_slider");
  slider->setValue(slider->maximum() - 1);
  ASSERT_TRUE(screen.until([&] { return screen.lab().document().model == "sort-nano@3000" && screen.lab().up_to_date(); }));
  EXPECT_TRUE(has(screen.dock("model"), "step 3,000\n")) << screen.dock("model");
  EXPECT_EQ(screen.lab().document().prompt, prompt);
  EXPECT_EQ(slider->toolTip().toStdString(), "The model at a training step: sort-nano@3000");
  EXPECT_EQ(screen.run("training-step 7").substr(0, 30), "This model has no step 7; it h");
  screen.run("undo");
  ASSERT_TRUE(screen.until([&] { return screen.lab().document().model == "sort-nano" && screen.lab().up_to_date(); }));
}

TEST(LogitsDock, shows_what_the_sampler_draws) {
  Screen screen;
  screen.open("fable", "Once upon a time");
  const std::string greedy = screen.dock("logits");
  screen.window().findChild<QDoubleSpinBox*>("sampling_temperature")->setValue(0.5);
  ASSERT_TRUE(screen.settle());
  const std::string drawn = screen.dock("logits");
  EXPECT_TRUE(has(drawn, ", as it is drawn\n")) << drawn;
  EXPECT_NE(drawn, greedy);
  screen.run("top-k 1");
  ASSERT_TRUE(screen.settle());
  const auto* table = screen.window().findChild<QTableWidget*>("logits_table");
  EXPECT_TRUE(has(screen.dock("logits"), "100.0 %\n")) << screen.dock("logits");
  EXPECT_EQ(table->item(1, 2)->text().toStdString(), "0.0 %");
  screen.run("greedy on");
  ASSERT_TRUE(screen.settle());
  EXPECT_FALSE(has(screen.dock("logits"), "drawn")) << screen.dock("logits");
}

TEST(ProbeDock, names_the_score_in_the_tooltip_where_the_box_is_narrow) {
  Screen screen;
  screen.open("fable");
  (void)screen.dock("probe");
  const auto* box = screen.window().findChild<QComboBox*>("score_combo");
  EXPECT_TRUE(box->toolTip().endsWith(box->currentText())) << box->toolTip().toStdString();
}

TEST(Drawn, is_the_softmax_at_the_temperature_over_what_is_kept) {
  Screen screen;
  screen.open("fable", "Once upon a time");
  const auto model = screen.lab().model();
  const Trace& trace = *screen.lab().run()->base;
  const auto logits = trace.last_logits();
  SamplerOptions sampler;
  sampler.greedy = false;
  sampler.temperature = 0.7F;
  const auto drawn = Drawn::of(*model, trace, trace.length() - 1, sampler);
  ASSERT_TRUE(drawn);
  double sum = 0, total = 0;
  for (const float x : logits) total += std::exp((static_cast<double>(x) - static_cast<double>(logits[0])) / 0.7);
  for (int id = 0; id < 50; ++id) {
    const double naive =
        std::exp((static_cast<double>(logits[static_cast<std::size_t>(id)]) - static_cast<double>(logits[0])) / 0.7) / total;
    EXPECT_NEAR(drawn->probability(TokenId(id)), naive, 1e-6 + 1e-4 * naive) << id;
  }
  sampler.top_k = 3;
  const auto three = Drawn::of(*model, trace, trace.length() - 1, sampler);
  int kept = 0;
  for (int id = 0; id < static_cast<int>(logits.size()); ++id) {
    const double p = three->probability(TokenId(id));
    kept += p > 0;
    sum += p;
  }
  EXPECT_EQ(kept, 3);
  EXPECT_NEAR(sum, 1, 1e-6);
}

TEST(Present, hides_all_but_the_scene_and_enlarges_the_words) {
  Screen screen;
  screen.open("fable");
  const double points = font_of(10).pointSizeF();
  screen.run("present on");
  EXPECT_TRUE(screen.window().prompt().isHidden());
  EXPECT_TRUE(screen.window().menuBar()->isHidden());
  for (const DockInfo& dock : docks()) EXPECT_FALSE(screen.window().docks().shown(dock.id)) << dock.id;
  EXPECT_GT(font_of(10).pointSizeF(), 1.4 * points);
  screen.run("present off");
  EXPECT_FALSE(screen.window().prompt().isHidden());
  EXPECT_TRUE(screen.window().docks().shown("probe"));
  EXPECT_EQ(font_of(10).pointSizeF(), points);
}

TEST(LogitsDock, tells_a_token_with_a_blank_from_one_without) {
  Screen screen;
  screen.open("fable");
  screen.run("target \" John\"");
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(has(screen.dock("logits"), "Target token A: ·John\n")) << screen.dock("logits");
}

TEST(Cards, are_pinned_enlarged_and_closed_by_actions_and_go_with_their_model) {
  Screen screen;
  screen.open("fable");
  const CardDeck& deck = screen.window().viewport().cards();
  EXPECT_EQ(screen.run("pin-card blocks.2.hook_resid_pre 3 5"), "");
  EXPECT_EQ(screen.run("pin-card blocks.1.attn.hook_pattern 2 6 3"), "");
  ASSERT_EQ(deck.cards().size(), 2U);
  EXPECT_FALSE(deck.cards()[0].large);
  screen.run("large-cards on");
  EXPECT_TRUE(deck.cards()[0].large && deck.cards()[1].large);
  EXPECT_EQ(screen.run("card-depth code"), "");
  EXPECT_EQ(screen.window().viewport().card_depth(), scene::CardDepth::Code);
  screen.key("Q");
  EXPECT_EQ(screen.window().viewport().card_depth(), scene::CardDepth::Story) << "in turn";
  EXPECT_EQ(QSettings().value("view/card_depth").toString().toStdString(), "story") << "it is kept";
  EXPECT_NE(screen.run("card-depth deeper"), "");
  EXPECT_EQ(screen.run("copy-code blocks.1.attn.hook_pattern 2 6 3"), "");
  EXPECT_TRUE(has(QApplication::clipboard()->text().toStdString(), "\nprint(pattern[2, 6, 3].item())  # "));
  EXPECT_EQ(screen.run("pin-card blocks.2.hook_resid_pre 3 5"), "");
  ASSERT_EQ(deck.cards().size(), 1U) << "once more: it goes";
  screen.run("select blocks.0.hook_mlp_out 4 1");
  screen.key("P");
  ASSERT_EQ(deck.cards().size(), 2U) << "the selected cell's";
  EXPECT_TRUE(deck.cards()[1].large);
  screen.run("close-cards");
  EXPECT_TRUE(deck.cards().empty());
  screen.key("P");
  EXPECT_EQ(deck.cards().size(), 1U);
  EXPECT_NE(screen.run("pin-card no.such.hook"), "");
  screen.run("open sort-nano");
  ASSERT_TRUE(screen.until([&] { return screen.lab().model()->weights->name.starts_with("sort-nano") && screen.lab().up_to_date(); }));
  EXPECT_TRUE(deck.cards().empty()) << "its cell belongs to the old model";
}

}  // namespace
}  // namespace gf::ui
