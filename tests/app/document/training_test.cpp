// A training in the background: its looks become the open model, it rests and goes on, and its series has head scores.
#include "app/document/training.h"

#include <cmath>
#include <fstream>
#include <sstream>

#include "tests/app/document/lab_fixture.h"

namespace gf::doc {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

class TrainingTest : public LabFixture {
 protected:
  [[nodiscard]] TrainingPlan plan(const std::string& folder, int steps) const {
    TrainingPlan p;
    p.source.call.model = "tiny";
    p.source.call.data = "repeats";
    p.source.call.steps = steps;
    p.source.call.batch = 4;
    p.source.call.context = 32;
    p.source.call.every = 10;
    p.folder = (folder_ / folder).string();
    p.look_every = 5;
    p.said = {"train-start", p.folder, "repeats"};
    return p;
  }
  bool until(Lab& lab, TrainingPhase phase) {
    return loop.pump_until([&] { return lab.training().state().phase == phase && (phase != TrainingPhase::Done || lab.up_to_date()); });
  }
};

TEST_F(TrainingTest, shows_the_model_as_it_learns) {
  Lab lab(loop.post());
  lab.open_model("sort-nano");
  ASSERT_TRUE(settle(lab));
  int models = 0;
  bool together = true;
  lab.on_change([&](const Changes& c) {
    models += c.model ? 1 : 0;
    if (c.model && lab.run() && lab.session()) together = together && &lab.session()->model() == lab.model().get();
  });
  TrainingPlan sums = plan("live", 30);
  sums.source.call.data = "sums";  // of which much is learnt in a few steps
  sums.source.call.lr = 0.01;
  ASSERT_TRUE(lab.training().start(sums));
  EXPECT_EQ(lab.training().state().phase, TrainingPhase::Preparing);
  EXPECT_EQ(lab.training().start(plan("other", 5)).error().message,
            "A training goes on in " + (folder_ / "live").string() + "; pause or stop it first.");
  ASSERT_TRUE(until(lab, TrainingPhase::Done));
  ASSERT_TRUE(loop.pump_until([&] { return lab.head_series().of((folder_ / "live").string()).contains(30) && lab.up_to_date(); }));
  const TrainingState& s = lab.training().state();
  EXPECT_FALSE(s.error) << s.error->message;
  EXPECT_EQ(s.steps, 30);
  EXPECT_EQ(s.kept, 30);
  EXPECT_EQ(s.losses.points().size(), 30U);
  EXPECT_EQ(s.held_out.front().step, 0);
  EXPECT_EQ(s.held_out.back().step, 30);
  EXPECT_LT(*s.held_out.back().held_out, *s.held_out.front().held_out);
  ASSERT_FALSE(s.samples.empty());
  EXPECT_EQ(s.samples.back().step, 30);
  EXPECT_EQ(s.samples.back().prompt.size(), 16U) << "characters are tokens, and half of a context is the prompt";
  // The document follows the training, and its model is the newest state, not a file.
  EXPECT_EQ(lab.document().model, (folder_ / "live").string());
  EXPECT_EQ(lab.history().undo_name(), "train " + (folder_ / "live").string());
  EXPECT_GE(models, 3);
  EXPECT_TRUE(together);
  EXPECT_TRUE(lab.model()->weights->files.empty());
  const auto stored = open_by_name((folder_ / "live").string());
  ASSERT_TRUE(stored);
  EXPECT_EQ(lab.model()->weights->config, stored->model->weights->config);
  for (int i = 0; i < 64; ++i) EXPECT_EQ(lab.model()->weights->wte.at(i), stored->model->weights->wte.at(i)) << i;
  // Its checkpoints are a series.
  EXPECT_EQ(training_steps_of(lab.document().model), (std::vector{0, 10, 20, 30}));
  lab.execute(show_training_step(10));
  ASSERT_TRUE(settle(lab));
  EXPECT_NE(lab.model()->weights->wte.at(0), stored->model->weights->wte.at(0));
  lab.undo();
  lab.undo();
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(lab.document().model, "sort-nano");
}

TEST_F(TrainingTest, has_the_gradient_and_the_change_of_the_newest_step) {
  Lab lab(loop.post());
  TrainingPlan p = plan("motion", 3);
  p.source.call.every = 1;
  p.look_every = 1;
  ASSERT_TRUE(lab.training().start(p));
  ASSERT_TRUE(until(lab, TrainingPhase::Done));
  const std::string folder = lab.training().state().folder;
  ASSERT_TRUE(loop.pump_until([&] { return lab.head_series().of(folder).contains(3) && lab.has_gradient(); }));
  EXPECT_EQ(lab.scene_input().in_place, nullptr);
  lab.show_weights(Lab::WeightsShown::Update);
  const auto update = lab.scene_input().in_place;
  ASSERT_TRUE(update);
  const auto before = open_by_name(folder + "@2"), after = open_by_name(folder + "@3");
  ASSERT_TRUE(before && after);
  for (std::int64_t i = 0; i < 200; ++i)
    EXPECT_EQ(update->wte.at(i), after->model->weights->wte.at(i) - before->model->weights->wte.at(i)) << i;
  lab.show_weights(Lab::WeightsShown::Gradient);
  const auto gradient = lab.scene_input().in_place;
  ASSERT_TRUE(gradient);
  EXPECT_STREQ(lab.scene_input().in_place_name, "gradient of the loss");
  double norm = 0;
  for (std::int64_t i = 0; i < gradient->wte.shape.elements(); ++i) norm += std::abs(static_cast<double>(gradient->wte.at(i)));
  EXPECT_GT(norm, 0);
  lab.open_model("sort-nano");
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(lab.scene_input().in_place, nullptr) << "it was not trained here";
}

TEST_F(TrainingTest, rests_goes_on_and_gives_the_same_bits) {
  Lab lab(loop.post());
  ASSERT_TRUE(lab.training().start(plan("whole", 30)));
  ASSERT_TRUE(until(lab, TrainingPhase::Done));
  ASSERT_TRUE(lab.training().start(plan("parts", 30)));
  ASSERT_TRUE(loop.pump_until([&] { return lab.training().state().steps > 0; }));
  lab.training().pause();
  ASSERT_TRUE(loop.pump_until([&] { return !lab.training().state().running(); }));
  const TrainingState& s = lab.training().state();
  if (s.phase == TrainingPhase::Paused) {
    EXPECT_EQ(s.kept, s.steps);
    EXPECT_TRUE(fs::exists(folder_ / "parts" / "checkpoints" / ("step-" + std::to_string(s.kept) + ".safetensors")));
    lab.training().stop();
    EXPECT_EQ(s.phase, TrainingPhase::Stopped);
    ASSERT_TRUE(lab.training().go_on());
  }
  ASSERT_TRUE(until(lab, TrainingPhase::Done));
  EXPECT_EQ(s.losses.points().size(), 30U);
  EXPECT_TRUE(bytes_of(folder_ / "whole" / "model.safetensors") == bytes_of(folder_ / "parts" / "model.safetensors"));
  EXPECT_EQ(lab.training().go_on().error().message,
            "The training in " + (folder_ / "parts").string() + " has made its 30 steps; Train on in the Train dock makes more.");
  // More steps are a wish of their own.
  ASSERT_TRUE(lab.training().resume((folder_ / "parts").string(), 34));
  ASSERT_TRUE(until(lab, TrainingPhase::Done));
  EXPECT_EQ(s.kept, 34);
}

TEST_F(TrainingTest, keeps_its_step_when_the_program_ends) {
  {
    Lab lab(loop.post());
    ASSERT_TRUE(lab.training().start(plan("ended", 100'000)));
    ASSERT_TRUE(loop.pump_until([&] { return lab.training().state().steps >= 3; }));
  }
  const auto notes = training::TrainingNotes::read((folder_ / "ended").string());
  ASSERT_TRUE(notes) << notes.error().message;
  EXPECT_GE(notes->curve.back().step, 3);
}

TEST_F(TrainingTest, says_why_it_does_not_begin) {
  Lab lab(loop.post());
  TrainingPlan nowhere = plan("none", 10);
  nowhere.source.call.data = (folder_ / "missing.txt").string();
  ASSERT_TRUE(lab.training().start(nowhere));
  ASSERT_TRUE(until(lab, TrainingPhase::Stopped));
  ASSERT_TRUE(lab.training().state().error);
  EXPECT_NE(lab.training().state().error->message.find("missing.txt"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder_ / "none"));
  EXPECT_EQ(lab.training().go_on().error().message, "There is no training that could go on; start one, or open the folder of one.");
  nowhere.folder.clear();
  EXPECT_NE(lab.training().start(nowhere).error().message.find("choose a new or empty one"), std::string::npos);
}

TEST_F(TrainingTest, a_series_has_head_scores_in_which_induction_appears) {
  Lab lab(loop.post());
  lab.head_series().want("induction-nano");
  ASSERT_TRUE(loop.pump_until([&] { return !lab.head_series().computing(); }));
  const auto& steps = lab.head_series().of("induction-nano");
  EXPECT_EQ(steps.size(), training_steps_of("induction-nano").size());
  const auto most = [&](std::int64_t step) { return std::ranges::max(steps.at(step)->grid("induction").values); };
  EXPECT_LT(most(0), 0.1F);
  EXPECT_GT(most(3000), 0.7F);
  lab.head_series().want("induction-nano");
  EXPECT_FALSE(lab.head_series().computing()) << "all is known";
}

}  // namespace
}  // namespace gf::doc
