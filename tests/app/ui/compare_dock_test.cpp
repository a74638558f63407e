// The Compare dock: another prompt, recipe or model, what differs in words and numbers, and both in the scene.
#include "app/ui/docks/compare_dock.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QTest>
#include <cmath>
#include <gtest/gtest.h>

#include "app/document/cell_edits.h"
#include "app/ui/answers/answer_view.h"
#include "model/base/logits.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

constexpr const char* kOther = "When Mary and John went to the garden, Mary gave a ring to";

CompareDock& shown_compare(Screen& screen) {
  (void)screen.dock("compare");
  return dynamic_cast<CompareDock&>(screen.window().docks().dock("compare"));
}

/// A run of its own, by another session.
Run twin_run(const std::shared_ptr<const Model>& model, const std::string& prompt, const Recipe& recipe = {}) {
  const auto session = Session::create(model, {});
  EXPECT_TRUE(session);
  RunRequest request;
  request.prompt = model->tokenizer->ids_of(prompt).value();
  request.recipe = recipe;
  auto run = (*session)->run(request);
  EXPECT_TRUE(run) << (run ? "" : run.error().message);
  return std::move(*run);
}

TEST(CompareDock, says_what_to_choose_and_what_differs) {
  Screen screen;
  screen.open("fable");
  EXPECT_TRUE(has(screen.dock("compare"), "Choose what the other has in place of this: a model or training step, a prompt, or edits.\n"))
      << screen.dock("compare");
  screen.run("cut-head 4.3");
  ASSERT_TRUE(screen.settle());
  screen.run("other-prompt \"" + std::string(kOther) + "\"");
  EXPECT_TRUE(has(screen.dock("compare"), "Prompt: “" + std::string(doc::kDefaultPrompt) + "” here, “" + kOther +
                                              "” there.\nEdits: zero block 4 head 3 z, all positions here, none there.\n"))
      << screen.dock("compare");
  screen.run("other-recipe present");
  EXPECT_FALSE(has(screen.dock("compare"), "Edits: zero")) << screen.dock("compare");
  screen.run("stop-comparing");
  EXPECT_TRUE(has(screen.dock("compare"), "Choose what the other has")) << screen.dock("compare");
  screen.run("undo");
  EXPECT_TRUE(screen.lab().document().other.has_value());
}

TEST(CompareDock, has_the_norms_and_logits_of_the_two_runs) {
  Screen screen;
  screen.open("fable");
  screen.run("other-prompt \"" + std::string(kOther) + "\"");
  CompareDock& dock = shown_compare(screen);
  ASSERT_TRUE(screen.until([&] { return dock.found() != nullptr; })) << screen.dock("compare");
  const auto model = screen.lab().model();
  const gf::Run own = twin_run(model, doc::kDefaultPrompt), other = twin_run(model, kOther);
  const Grid &stream = dock.found()->grid("stream"), &mlp = dock.found()->grid("mlp_out");
  for (const int position : {0, 8, 9, 13}) {
    const auto share = [&](HookId hook) {
      double difference = 0, norm = 0;
      const auto a = own.edited->row(hook, position), b = other.edited->row(hook, position);
      for (std::size_t i = 0; i < a.size(); ++i) {
        difference += std::pow(static_cast<double>(b[i]) - static_cast<double>(a[i]), 2);
        norm += std::pow(static_cast<double>(a[i]), 2);
      }
      return std::sqrt(difference / norm);
    };
    EXPECT_NEAR(static_cast<double>(stream.at(3, position)), share({HookKind::ResidPre, 3}), 1e-5) << position;
    EXPECT_NEAR(static_cast<double>(stream.at(6, position)), share({HookKind::ResidPost, 5}), 1e-5) << position;
    EXPECT_NEAR(static_cast<double>(mlp.at(2, position)), share({HookKind::MlpOut, 2}), 1e-5) << position;
  }
  EXPECT_EQ(stream.at(3, 8), 0) << "until the names differ, both runs are the same";
  EXPECT_GT(stream.at(0, 9), 0.1F);
  ASSERT_TRUE(screen.until([&] { return has(screen_text(dock.next()), "token"); }));
  const std::string shown = screen_text(dock.next());
  const auto a = own.edited->last_logits(), b = other.edited->last_logits();
  const auto mary = model->tokenizer->ids_of(" Mary").value().front();
  EXPECT_TRUE(has(shown, "·Mary | ")) << shown;
  EXPECT_TRUE(has(shown, "token | here, p | there, p | difference, logit\n")) << shown;
  const std::string csv = dock.next().csv();
  const auto row = csv.find("\" Mary\",");
  ASSERT_NE(row, std::string::npos) << csv;
  const std::string rest = csv.substr(row + 8);
  EXPECT_NEAR(std::stod(rest), std::exp(logprob_of(a, mary.index())), 1e-4) << csv;
  EXPECT_NEAR(std::stod(rest.substr(rest.find(',') + 1)), std::exp(logprob_of(b, mary.index())), 1e-4) << csv;
  dock.next().show_part("kl");
  EXPECT_EQ(screen_text(dock.next()).substr(0, 4), "<KL>");
}

TEST(CompareDock, compares_recipes_and_follows_the_selection) {
  Screen screen;
  screen.open("fable");
  screen.run("cut-head 0.5");
  ASSERT_TRUE(screen.settle());
  screen.run("other-recipe present");
  screen.run("remove-edits");
  ASSERT_TRUE(screen.settle());
  CompareDock& dock = shown_compare(screen);
  const auto model = screen.lab().model();
  const gf::Run cut = twin_run(model, doc::kDefaultPrompt, Recipe{{edit_of_head(0, 5)}, {}});
  ASSERT_TRUE(screen.until([&] { return dock.found() != nullptr; })) << screen.dock("compare");
  const auto other = screen.lab().second().run();
  ASSERT_TRUE(other);
  EXPECT_TRUE(std::ranges::equal(other->edited->last_logits(), cut.edited->last_logits())) << "the other's edits act in its run";
  EXPECT_EQ(dock.found()->grid("stream").at(0, 5), 0);
  EXPECT_GT(dock.found()->grid("z").at(1, 0), 0);
  screen.run("select blocks.3.hook_resid_pre 7");
  EXPECT_EQ(dock.hooks().cursor(), (AnswerPlace{{"depth", 3}, {"position", 7}}));
}

TEST(CompareDock, opens_another_model_and_says_that_its_shapes_differ) {
  Screen screen;
  screen.open("induction-nano");
  screen.run("other-model sort-nano");
  CompareDock& dock = shown_compare(screen);
  EXPECT_TRUE(has(screen.dock("compare"), "Model: induction-nano here, sort-nano there.\n")) << screen.dock("compare");
  EXPECT_TRUE(screen.until([&] { return screen.lab().second().error() || screen.lab().second().run(); }));
  // Its alphabet is another, so that it refuses the prompt in a sentence; one that it reads has a run.
  EXPECT_FALSE(screen.lab().second().run());
  screen.run("other-prompt CBABBCA");
  ASSERT_TRUE(screen.until([&] { return screen.lab().second().run() != nullptr; })) << screen.dock("compare");
  ASSERT_TRUE(screen.until([&] { return has(screen.dock("compare"), "The shapes differ, so hooks cannot be compared"); }))
      << screen.dock("compare");
  EXPECT_FALSE(dock.found());
  EXPECT_EQ(screen.lab().second().model()->weights->name, "sort-nano");
  EXPECT_EQ(screen.lab().model()->weights->name, "induction-nano");
}

TEST(CompareDock, compares_training_steps) {
  Screen screen;
  screen.open("induction-nano");
  const auto& steps = screen.window().findChild<QComboBox*>("compare_model");
  CompareDock& dock = shown_compare(screen);
  std::string step;
  for (int i = 0; i < steps->count() && step.empty(); ++i)
    if (steps->itemText(i).startsWith("induction-nano@")) step = steps->itemText(i).toStdString();
  ASSERT_NE(step, "") << "it has training steps";
  EXPECT_EQ(screen.run("other-model " + step), "");
  ASSERT_TRUE(screen.until([&] { return dock.found() != nullptr || screen.lab().second().error(); })) << screen.dock("compare");
  ASSERT_TRUE(dock.found()) << screen.dock("compare");
  EXPECT_GT(dock.found()->grid("stream").at(0, 1), 0) << "the embedding has learnt";
}

TEST(CompareDock, shows_the_other_run_in_the_scene_in_place_of_base) {
  Screen screen;
  screen.open("fable");
  screen.run("other-prompt \"" + std::string(kOther) + "\"");
  (void)shown_compare(screen);
  ASSERT_TRUE(screen.until([&] { return screen.lab().second().run() != nullptr; }));
  EXPECT_EQ(screen.lab().scene_input().run, screen.lab().run());
  screen.window().findChild<QCheckBox*>("compare_both")->click();
  const auto shown = screen.lab().scene_input().run;
  EXPECT_EQ(shown->base, screen.lab().second().run()->edited);
  EXPECT_EQ(shown->edited, screen.lab().run()->edited);
  EXPECT_EQ(screen.lab().scene_input().run, shown) << "the scene is made again only when a run changes";
  screen.run("show-dock compare off");
  EXPECT_TRUE(screen.lab().second().run()) << "the scene still shows it";
  screen.run("other-prompt \"Mary\"");
  ASSERT_TRUE(screen.until([&] { return screen.lab().second().run() && screen.lab().second().run()->edited->length() == 1; }));
  EXPECT_EQ(screen.lab().scene_input().run, screen.lab().run()) << "lengths differ";
}

}  // namespace
}  // namespace gf::ui
