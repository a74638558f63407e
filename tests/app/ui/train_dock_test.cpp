// The Train dock: what it says before, while and after a training, and the heads of a series.
#include "app/ui/docks/train_dock.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTextEdit>
#include <QToolButton>
#include <gtest/gtest.h>

#include "app/ui/actions/command_palette.h"
#include "app/ui/actions/history_script.h"
#include "app/ui/docks/train_lines.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

template <class Widget>
Widget& train_part(Screen& screen, const char* name) {
  return *screen.window().docks().dock("train").findChild<Widget*>(QLatin1String(name));
}

TrainDock& train_dock(Screen& screen) { return dynamic_cast<TrainDock&>(screen.window().docks().dock("train")); }

bool until_phase(Screen& screen, doc::TrainingPhase phase) {
  return screen.until([&] { return screen.lab().training().state().phase == phase; });
}

/// Fills the form for a short training in `folder`.
void set_up_training(Screen& screen, const std::string& folder, int steps) {
  (void)screen.dock("train");
  train_part<QSpinBox>(screen, "train_steps").setValue(steps);
  train_part<QSpinBox>(screen, "train_batch").setValue(2);
  train_part<QSpinBox>(screen, "train_context").setValue(16);
  auto& line = train_part<QLineEdit>(screen, "train_folder");
  line.setText(QString::fromStdString(folder));
  emit line.textEdited(line.text());
}

TEST(TrainDock, says_before_it_begins_what_it_will_take) {
  Screen screen;
  const std::string before = screen.dock("train");
  EXPECT_TRUE(has(before, "<repeated strings>\nText\n")) << before;
  EXPECT_TRUE(has(before, "<tiny: 2 blocks, 4 heads, 64 wide>")) << before;
  EXPECT_TRUE(has(before, "[Start]\n[Go on in a folder …]\n")) << before;
  EXPECT_FALSE(has(before, "Loss")) << before;
  ASSERT_TRUE(screen.until([&] { return has(screen.dock("train"), " of memory. A step of 64 × 64 tokens takes "); }))
      << screen.dock("train");
  EXPECT_TRUE(has(screen.dock("train"), "108.2 k parameters")) << screen.dock("train");
  auto& text = train_part<QComboBox>(screen, "train_text");
  text.setCurrentIndex(text.findText("own text"));
  ASSERT_TRUE(screen.until([&] { return has(screen.dock("train"), "Paste a text to train on."); }));
  train_part<QPlainTextEdit>(screen, "train_own").setPlainText("too short");
  ASSERT_TRUE(screen.until([&] { return has(screen.dock("train"), "Your text has 9 tokens to train on"); })) << screen.dock("train");
}

TEST(TrainDock, trains_on_own_text_and_the_scene_follows) {
  Screen screen;
  QTemporaryDir home;
  const std::string folder = home.path().toStdString() + "/mine";
  set_up_training(screen, folder, 12);
  auto& text = train_part<QComboBox>(screen, "train_text");
  text.setCurrentIndex(text.findText("own text"));
  QString own;
  for (int i = 0; i < 200; ++i) own += QStringLiteral("The garden has %1 trees. ").arg(i % 7);
  train_part<QPlainTextEdit>(screen, "train_own").setPlainText(own);
  train_part<QPushButton>(screen, "train_begin").click();
  ASSERT_TRUE(until_phase(screen, doc::TrainingPhase::Done)) << screen.dock("train");
  ASSERT_TRUE(screen.until([&] { return screen.lab().head_series().of(folder).contains(12) && screen.lab().up_to_date(); }));
  EXPECT_EQ(screen.lab().document().model, folder);
  EXPECT_EQ(screen.lab().document().prompt, "The gard");  // how its text begins: half a context of it
  const std::string after = screen.dock("train");
  EXPECT_TRUE(has(after, "mine\nstep 12 of 12 · loss ")) << after;
  EXPECT_TRUE(has(after, "all steps are made; the model is in " + folder)) << after;
  EXPECT_TRUE(has(after, "[x] Loss\n[ ] Heads\n[ ] Samples\n")) << after;
  const LinesOf& losses = train_dock(screen).losses().lines();
  ASSERT_EQ(losses.lines.size(), 2U);
  EXPECT_EQ(losses.lines[0].points.size(), 12U);
  EXPECT_EQ(losses.lines[1].name, "held out");
  EXPECT_EQ(losses.lines[1].points.back().first, 12);
  const std::string csv = train_dock(screen).losses().csv();
  EXPECT_EQ(csv.substr(0, 32), "step,line,nats\n0.5,\"training\",3.") << csv.substr(0, 60);
  train_part<QToolButton>(screen, "train_samples_page").click();
  EXPECT_TRUE(has(train_part<QTextEdit>(screen, "train_samples").toPlainText().toStdString(), "step 12\n"));
  train_part<QToolButton>(screen, "train_heads_page").click();
  EXPECT_EQ(train_dock(screen).heads().lines().lines.size(), 8U);
  EXPECT_TRUE(has(screen.dock("train"), "does it most: ")) << screen.dock("train");
  EXPECT_TRUE(has(screen.dock("train"), "is learnt without such heads")) << screen.dock("train");
  // The scene shows the gradient instead of the weights, and the dock says where.
  EXPECT_FALSE(has(screen.dock("train"), "in the shelves behind q, k, v")) << screen.dock("train");
  EXPECT_EQ(screen.run("train-weights gradient"), "");
  EXPECT_TRUE(has(screen.dock("train"), "in the shelves behind q, k, v")) << screen.dock("train");
  screen.window().show_palette();
  screen.window().palette()->search("gradient");
  ASSERT_FALSE(screen.window().palette()->shown().empty());
  EXPECT_EQ(screen.window().palette()->shown().front().label.toStdString(), "Weights show the gradient of the loss");
  screen.window().palette()->close();
  // A point of a plot is a checkpoint in the scene.
  train_dock(screen).heads().on_select(train_dock(screen).heads().place_near(6));
  EXPECT_EQ(screen.lab().document().model, folder + "@6");
  ASSERT_TRUE(screen.settle());
  ASSERT_GE(train_dock(screen).heads().current(), 0);
  EXPECT_EQ(train_dock(screen).heads().places()[static_cast<std::size_t>(train_dock(screen).heads().current())], 6);
  // What was done can be done again.
  HistoryScript script;
  doc::Document trained;
  trained.model = folder;
  trained.training = {"train-start", folder, folder + ".txt", "size=tiny"};
  add_calls(script, doc::Document(), trained);
  EXPECT_EQ(shell_command(script), "glassformer \\\n  --do train-start " + folder + " " + folder + ".txt size=tiny\n");
}

TEST(TrainDock, pauses_stops_and_goes_on_by_its_buttons) {
  Screen screen;
  QTemporaryDir home;
  const std::string folder = home.path().toStdString() + "/long";
  EXPECT_EQ(screen.run("train-pause"), "\"Pause the training\" cannot be done now.");
  EXPECT_EQ(screen.run("train-start " + folder + " repeats steps=100000 batch=2 context=16 look-every=1000"), "");
  ASSERT_TRUE(screen.until([&] { return screen.lab().training().state().steps > 2; }));
  EXPECT_TRUE(has(screen.dock("train"), "[Pause]\n[Stop]\n")) << screen.dock("train");
  EXPECT_TRUE(has(screen.dock("train"), " steps/s · ")) << screen.dock("train");
  EXPECT_EQ(screen.run("train-look-every 7"), "");
  EXPECT_EQ(train_part<QSpinBox>(screen, "train_look_every").value(), 7);
  EXPECT_TRUE(has(screen.run("train-start " + folder + "-2 repeats"), "pause or stop it first"));
  train_part<QPushButton>(screen, "train_pause").click();
  ASSERT_TRUE(until_phase(screen, doc::TrainingPhase::Paused));
  const auto kept = screen.lab().training().state().kept;
  EXPECT_EQ(kept, screen.lab().training().state().steps);
  EXPECT_TRUE(has(screen.dock("train"), "[Go on]\n[Stop]\n")) << screen.dock("train");
  EXPECT_TRUE(has(screen.dock("train"), "paused; step ")) << screen.dock("train");
  train_part<QPushButton>(screen, "train_pause").click();
  ASSERT_TRUE(screen.until([&] { return screen.lab().training().state().steps > kept; }));
  train_part<QPushButton>(screen, "train_stop").click();
  ASSERT_TRUE(until_phase(screen, doc::TrainingPhase::Stopped));
  EXPECT_TRUE(has(screen.dock("train"), "the training can go on from there")) << screen.dock("train");
  const auto stopped = screen.lab().training().state().kept;
  EXPECT_EQ(screen.run("train-resume " + folder + " " + std::to_string(stopped + 2)), "");
  ASSERT_TRUE(until_phase(screen, doc::TrainingPhase::Done));
  EXPECT_EQ(screen.lab().training().state().kept, stopped + 2);
  // One that has made all its steps goes on with more.
  EXPECT_TRUE(has(screen.dock("train"), "[Train on]\n")) << screen.dock("train");
  train_part<QSpinBox>(screen, "train_more").setValue(3);
  train_part<QPushButton>(screen, "train_on").click();
  ASSERT_TRUE(screen.until([&] { return screen.lab().training().state().kept == stopped + 5; })) << screen.dock("train");
  EXPECT_EQ(screen.lab().training().state().call.steps, stopped + 5);
}

TEST(TrainDock, goes_on_with_a_finished_training_of_another_day) {
  QTemporaryDir home;
  const std::string folder = home.path().toStdString() + "/done";
  {
    Screen screen;
    EXPECT_EQ(screen.run("train-start " + folder + " repeats steps=4 batch=2 context=16"), "");
    ASSERT_TRUE(until_phase(screen, doc::TrainingPhase::Done));
  }
  Screen screen;
  screen.open(folder);
  const std::string said = screen.dock("train");
  EXPECT_FALSE(has(said, "[Go on]\n")) << said;
  EXPECT_TRUE(has(said, "[Train on]\n")) << said;
  EXPECT_TRUE(has(said, "Steps more: 2 steps more\n")) << "half as many again\n" << said;
  auto& more = train_part<QSpinBox>(screen, "train_more");
  more.setValue(3);
  EXPECT_EQ(screen.run("select-position 1"), "");
  (void)screen.dock("train");
  EXPECT_EQ(more.value(), 3) << "what the user says stays";
  train_part<QPushButton>(screen, "train_on").click();
  ASSERT_TRUE(screen.until([&] { return screen.lab().training().state().kept == 7; })) << screen.dock("train");
}

TEST(TrainDock, closes_the_window_when_the_step_is_kept) {
  Screen screen;
  QTemporaryDir home;
  const std::string folder = home.path().toStdString() + "/closed";
  EXPECT_EQ(screen.run("train-start " + folder + " repeats steps=100000 batch=2 context=16 look-every=1000"), "");
  ASSERT_TRUE(screen.until([&] { return screen.lab().training().state().steps > 2; }));
  screen.window().close();
  EXPECT_TRUE(screen.window().isVisible());
  EXPECT_EQ(screen.window().last_message().toStdString(), "The training keeps its present step; the window closes then.");
  ASSERT_TRUE(screen.until([&] { return !screen.window().isVisible(); }));
  EXPECT_EQ(screen.lab().training().state().kept, screen.lab().training().state().steps);
  EXPECT_TRUE(training::TrainingFolder::open(folder));
}

TEST(TrainDock, shows_the_heads_of_a_series_that_is_open) {
  Screen screen;
  screen.open("induction-nano");
  const std::string before = screen.dock("train");
  EXPECT_TRUE(has(before, "a series of 19 training steps")) << before;
  EXPECT_TRUE(has(before, "[New …]")) << before;
  ASSERT_TRUE(screen.until(
      [&] { return !screen.lab().head_series().computing() && screen.lab().head_series().of("induction-nano").size() == 19; }));
  const std::string text = screen.dock("train");
  EXPECT_TRUE(has(text, "<induction>\n")) << text;
  EXPECT_TRUE(has(text, "more than half from step 250 on.")) << text;
  const LinesOf& lines = train_dock(screen).heads().lines();
  ASSERT_EQ(lines.lines.size(), 8U);
  EXPECT_EQ(lines.lines.back().name.substr(0, 2), "1.");
  EXPECT_TRUE(lines.lines.back().named);
  EXPECT_FALSE(lines.lines.front().named);
  train_part<QPushButton>(screen, "train_anew").click();
  EXPECT_TRUE(has(screen.dock("train"), "[Start]\n")) << screen.dock("train");
  EXPECT_TRUE(train_part<QComboBox>(screen, "train_size").findText("train induction-nano on") >= 0);
}

TEST(TrainDock, offers_for_the_open_model_what_train_does_for_it) {
  Screen screen;
  screen.open("fable");
  (void)screen.dock("train");
  auto& size = train_part<QComboBox>(screen, "train_size");
  auto& batch = train_part<QSpinBox>(screen, "train_batch");
  auto& rate = train_part<QDoubleSpinBox>(screen, "train_rate");
  auto& tokens = train_part<QComboBox>(screen, "train_tokens");
  ASSERT_TRUE(screen.until([&] { return size.findText("train fable on") >= 0; }));
  size.setCurrentIndex(size.findText("train fable on"));
  EXPECT_EQ(batch.value(), 8);
  EXPECT_DOUBLE_EQ(rate.value(), 0.0001);
  EXPECT_EQ(tokens.currentText(), "its own");
  EXPECT_FALSE(tokens.isEnabled());
  batch.setValue(16);
  size.setCurrentIndex(0);
  EXPECT_EQ(batch.value(), 16) << "what was chosen stays";
  EXPECT_DOUBLE_EQ(rate.value(), 0.003);
  EXPECT_EQ(tokens.currentText(), "characters");
  EXPECT_EQ(tokens.findText("its own"), -1);
  EXPECT_TRUE(tokens.isEnabled());
}

TEST(TrainDock, says_what_is_wrong_with_a_training) {
  Screen screen;
  EXPECT_EQ(screen.run("train-start no-such-folder/mine repeats quick"),
            "\"quick\" is no setting of a training; write NAME=VALUE, such as steps=500.");
  EXPECT_EQ(screen.run("train-start no-such-folder/mine repeats steps=none"), "\"none\" is no value for steps of a training.");
  EXPECT_EQ(screen.run("train-start no-such-folder/mine"), "A text to train on is missing.");
}

}  // namespace
}  // namespace gf::ui
