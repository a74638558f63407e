// The player on a Lab: steps, answers, and what one worked on coming back.
#include "app/lessons/player.h"

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>

#include "app/document/request.h"
#include "tests/app/document/loop.h"

namespace gf::lessons {
namespace {

class PlayerTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / "glassformer_player_test";
    std::filesystem::create_directories(folder_);
    setenv("XDG_STATE_HOME", folder_.c_str(), 1);
    lab_ = std::make_unique<doc::Lab>(loop_.post());
    player_ = std::make_unique<Player>(*lab_);
    lab_->on_change([this](const doc::Changes& changes) { player_->refresh(changes); });
    lab_->open_model("sort-nano");
    ASSERT_TRUE(settle());
    ASSERT_TRUE(loop_.pump_until([&] { return !player_->lessons().empty(); }));
  }
  void TearDown() override {
    player_.reset();
    lab_.reset();
    std::filesystem::remove_all(folder_);
  }
  bool settle() {
    return loop_.pump_until([&] { return lab_->error() || (lab_->up_to_date() && !lab_->busy()); });
  }
  std::shared_ptr<const Lesson> lesson(const std::string& name) {
    for (const auto& l : player_->lessons())
      if (l->name == name) return l;
    ADD_FAILURE() << "no lesson " << name;
    return nullptr;
  }
  bool at_step(const std::string& id) {
    for (int i = 0; i < player_->count(); ++i) {
      if (player_->step().id == id) return settle();
      player_->next();
    }
    return false;
  }
  bool judged() {
    return loop_.pump_until([&] { return player_->verdict() != Player::Verdict::Judging; });
  }

  doc::Loop loop_;
  std::filesystem::path folder_;
  std::unique_ptr<doc::Lab> lab_;
  std::unique_ptr<Player> player_;
};

TEST_F(PlayerTest, leaving_brings_back_what_one_worked_on_with_its_history) {
  lab_->execute(doc::set_prompt("ABCABC"));
  lab_->set_cut({1, 2}, true);
  lab_->undo();
  ASSERT_TRUE(settle());
  const doc::Document own = lab_->document();

  player_->start(lesson("first-look"));
  ASSERT_TRUE(settle());
  EXPECT_EQ(lab_->model()->weights->name, "fable");
  EXPECT_FALSE(lab_->history().can_undo()) << "undo must not reach before the lesson";
  EXPECT_EQ(lab_->history().own(), own);
  lab_->set_cut({4, 3}, true);
  EXPECT_TRUE(lab_->history().can_undo());
  player_->next();
  EXPECT_FALSE(lab_->history().can_undo()) << "a step is its own";
  EXPECT_TRUE(lab_->document().recipe.empty());
  player_->next();
  player_->back();
  EXPECT_EQ(player_->step().id, "tokens");

  player_->leave();
  ASSERT_TRUE(settle());
  EXPECT_FALSE(player_->active());
  EXPECT_EQ(lab_->document(), own);
  EXPECT_EQ(lab_->model()->weights->name, "sort-nano");
  EXPECT_EQ(lab_->history().undo_name(), "change the prompt");
  EXPECT_EQ(lab_->history().redo_name(), "cut head 2 of block 1");
}

TEST_F(PlayerTest, theme_and_speed_are_the_viewers) {
  player_->start(lesson("first-look"));
  lab_->execute({"light", [](doc::Document& d) { d.theme = render::Theme::Light; }, {}});
  player_->next();
  EXPECT_EQ(lab_->document().theme, render::Theme::Light);
  player_->leave();
  EXPECT_EQ(lab_->document().theme, render::Theme::Light);
}

TEST_F(PlayerTest, a_step_is_ready_when_its_run_is_there) {
  std::vector<std::string> ready;
  player_->on_ready = [&](const Step& step) {
    EXPECT_TRUE(lab_->up_to_date());
    EXPECT_EQ(lab_->model()->weights->name, "fable");
    ready.push_back(step.id);
  };
  player_->start(lesson("first-look"));
  EXPECT_TRUE(ready.empty()) << "fable is not open yet";
  ASSERT_TRUE(settle());
  EXPECT_EQ(ready, std::vector<std::string>{"whole"});
  player_->next();
  ASSERT_TRUE(settle());
  EXPECT_EQ(ready, (std::vector<std::string>{"whole", "tokens"}));
}

TEST_F(PlayerTest, tokens_are_judged_on_the_live_model) {
  player_->start(lesson("first-look"));
  ASSERT_TRUE(at_step("predict"));
  player_->answer({-1, -1, "Rome", -1});
  EXPECT_EQ(player_->verdict(), Player::Verdict::Judging);
  ASSERT_TRUE(judged());
  EXPECT_EQ(player_->verdict(), Player::Verdict::Wrong);
  player_->answer({-1, -1, "Paris", -1});
  ASSERT_TRUE(judged());
  EXPECT_EQ(player_->verdict(), Player::Verdict::Right) << "the space before a word may be left out";
  player_->answer({-1, -1, "not one token at all", -1});
  ASSERT_TRUE(judged());
  EXPECT_NE(player_->problem().find("tokens"), std::string::npos) << player_->problem();
}

TEST_F(PlayerTest, the_prediction_is_hidden_until_it_is_named) {
  player_->start(lesson("first-look"));
  ASSERT_TRUE(at_step("prediction"));
  EXPECT_FALSE(lab_->document().hide_prediction);
  player_->next();
  ASSERT_TRUE(settle());
  ASSERT_EQ(player_->step().id, "predict");
  EXPECT_TRUE(lab_->document().hide_prediction);
  lab_->execute(doc::select_position(2));
  player_->answer({-1, -1, "rome", -1});
  ASSERT_TRUE(judged());
  EXPECT_EQ(player_->verdict(), Player::Verdict::Wrong);
  EXPECT_TRUE(lab_->document().hide_prediction);
  player_->answer({-1, -1, "paris", -1});
  ASSERT_TRUE(judged());
  EXPECT_EQ(player_->verdict(), Player::Verdict::Right) << "in another case, without its blank";
  const auto revealed = [&] {
    const auto paris = *doc::token_of(" Paris", *lab_->model());
    return !lab_->document().hide_prediction && scene::is_highlighted(lab_->document(), *paris);
  };
  EXPECT_TRUE(revealed());
  EXPECT_EQ(lab_->history().undo_name(), "select position 2") << "what the lesson shows is no step of the user's";
  lab_->undo();
  EXPECT_TRUE(revealed()) << "undo hides nothing again";
  player_->answer({-1, -1, "rome", -1});
  ASSERT_TRUE(judged());
  EXPECT_TRUE(revealed());
  player_->back();
  player_->next();
  EXPECT_TRUE(lab_->document().hide_prediction) << "it is asked again";
  player_->leave();
  EXPECT_FALSE(lab_->document().hide_prediction);
}

TEST_F(PlayerTest, a_session_that_was_saved_during_a_question_hides_nothing) {
  player_->start(lesson("first-look"));
  ASSERT_TRUE(at_step("predict"));
  const std::string path = (folder_ / "during.json").string();
  ASSERT_TRUE(lab_->save(path));
  player_->leave();
  ASSERT_TRUE(lab_->load(path));
  EXPECT_EQ(lab_->document().prompt, "The capital of France is");
  EXPECT_FALSE(lab_->document().hide_prediction);
}

TEST_F(PlayerTest, heads_and_choices_are_judged_and_edits_answer_by_themselves) {
  player_->start(lesson("attention"));
  ASSERT_TRUE(at_step("find"));
  player_->answer({0, 0, {}, -1});
  ASSERT_TRUE(judged());
  EXPECT_EQ(player_->verdict(), Player::Verdict::Wrong);
  player_->answer({4, 7, {}, -1});
  ASSERT_TRUE(judged());
  EXPECT_EQ(player_->verdict(), Player::Verdict::Right);
  ASSERT_EQ(lab_->document().highlights.size(), 1U) << "the head that was asked for gets a frame";
  EXPECT_EQ(lab_->document().highlights[0], (scene::CellRef{{HookId{HookKind::Pattern, 4}, {}}, {7, -1, -1}}));

  player_->start(lesson("cut-a-head"));
  ASSERT_TRUE(at_step("until"));
  ASSERT_TRUE(judged());
  EXPECT_EQ(player_->verdict(), Player::Verdict::Wrong);
  player_->solve();
  ASSERT_TRUE(loop_.pump_until([&] { return player_->verdict() == Player::Verdict::Right; }));
  ASSERT_TRUE(at_step("direct"));
  player_->answer({-1, -1, {}, 0});
  ASSERT_TRUE(judged());
  EXPECT_EQ(player_->verdict(), Player::Verdict::Wrong);
}

TEST_F(PlayerTest, behind_the_last_step_is_the_end) {
  std::string finished;
  player_->on_finished = [&](const std::string& name) { finished = name; };
  player_->start(lesson("first-look"));
  for (int i = 0, n = player_->count(); i < n; ++i) player_->next();
  EXPECT_EQ(finished, "first-look");
  EXPECT_FALSE(player_->active());
}

}  // namespace
}  // namespace gf::lessons
