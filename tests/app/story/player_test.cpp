// A story in the window, without the window: steps, time, cameras, and what one worked on coming back.
#include "app/story/player.h"

#include "app/scene/glide.h"
#include "tests/app/document/lab_fixture.h"

namespace gf::story {
namespace {

class StoryPlayerTest : public doc::LabFixture {
 protected:
  void SetUp() override {
    LabFixture::SetUp();
    lab_ = std::make_unique<doc::Lab>(loop.post());
    player_ = std::make_unique<Player>(*lab_);
    lab_->on_change([this](const doc::Changes&) { player_->refresh(); });
    player_->on_camera = [this](const render::Camera& camera) { camera_ = camera; };
    player_->on_veil = [this](float share) { veil_ = share; };
    lab_->open_model("sort-nano");
    ASSERT_TRUE(settle(*lab_));
    lab_->execute(doc::set_prompt("CBABBC"));
    ASSERT_TRUE(settle(*lab_));
  }
  void TearDown() override {
    player_.reset();
    lab_.reset();
    LabFixture::TearDown();
  }
  bool shown() {
    return loop.pump_until([&] { return player_->showing(); });
  }
  void give_places() {
    std::vector<Place> places;
    for (int i = 0; i < player_->count(); ++i) {
      Place place;
      place.camera.target = {static_cast<float>(i), 0, 0};
      if (player_->story().steps[static_cast<std::size_t>(i)].one_head) place.door = door();
      places.push_back(place);
    }
    player_->set_places(places);
  }
  static render::Camera door() {
    render::Camera camera;
    camera.target = {0, 100, 0};
    return camera;
  }
  std::unique_ptr<doc::Lab> lab_;
  std::unique_ptr<Player> player_;
  render::Camera camera_;
  float veil_ = 0;
};

TEST_F(StoryPlayerTest, leaving_brings_back_what_one_worked_on) {
  lab_->set_cut({1, 2}, true);
  ASSERT_TRUE(settle(*lab_));
  lab_->set_time(7);
  const doc::Document mine = lab_->document();
  const std::size_t done = lab_->history().done();
  player_->start();
  EXPECT_TRUE(player_->preparing());
  EXPECT_FALSE(player_->caption().empty());
  ASSERT_TRUE(shown());
  EXPECT_TRUE(lab_->history().aside());
  EXPECT_EQ(player_->caption(), player_->story().steps.front().sentence);
  player_->next();
  player_->next();
  EXPECT_NE(lab_->document(), mine);
  player_->leave();
  EXPECT_FALSE(player_->active());
  EXPECT_EQ(lab_->document(), mine);
  EXPECT_EQ(lab_->history().done(), done);
  EXPECT_EQ(player_->caption(), "");
}

TEST_F(StoryPlayerTest, plays_from_step_to_step_and_rests_at_the_end) {
  player_->start();
  ASSERT_TRUE(shown());
  give_places();
  EXPECT_TRUE(player_->playing());
  std::vector<int> seen;
  double before = -1, seconds = 0;
  while (player_->playing() && seconds < 600) {
    if (seen.empty() || seen.back() != player_->index()) seen.push_back(player_->index());
    EXPECT_GE(lab_->document().time, before) << "time goes on";
    before = lab_->document().time;
    player_->advance(0.1);
    seconds += 0.1;
  }
  EXPECT_EQ(static_cast<int>(seen.size()), player_->count());
  EXPECT_TRUE(player_->showing()) << "the last picture stays";
  EXPECT_DOUBLE_EQ(lab_->document().time, player_->step().to);
  EXPECT_GT(seconds, 30);
  EXPECT_LT(seconds, 100);
  player_->toggle();
  EXPECT_EQ(player_->index(), 0) << "from the end it begins anew";
}

TEST_F(StoryPlayerTest, the_camera_glides_and_the_sentence_waits_for_it) {
  player_->start();
  ASSERT_TRUE(shown());
  give_places();
  const render::Camera first = camera_;
  player_->next();
  EXPECT_EQ(camera_, first) << "the way begins where the step before was";
  EXPECT_EQ(player_->caption(), "");
  render::Camera before = camera_;
  while (player_->caption().empty()) {
    player_->advance(0.05);
    EXPECT_LE(scene::glide_length(before, camera_), 1.02F * scene::kFastestGlide * 0.05F + 1e-4F);
    before = camera_;
  }
  EXPECT_EQ(camera_.target.x, 1);
  EXPECT_EQ(player_->caption(), player_->step().sentence);
}

TEST_F(StoryPlayerTest, closes_the_picture_before_another_page_comes) {
  player_->start();
  ASSERT_TRUE(shown());
  give_places();
  const auto alone = [&] { return lab_->document().one_head.has_value(); };
  int doors = 0;
  for (int i = 0; i + 1 < player_->count(); ++i) {
    player_->go(i);
    player_->pause();
    const scene::View view = lab_->document().view;
    const bool was_alone = alone();
    player_->next();
    float before = 0;
    render::Camera from = camera_;
    while (player_->index() == i + 1 && player_->caption().empty()) {
      const bool same = lab_->document().view == view && alone() == was_alone;
      const bool other_step = lab_->document().view == player_->step().view && alone() == player_->step().one_head.has_value();
      EXPECT_TRUE(same || other_step);
      if (camera_ == door()) ++doors;
      EXPECT_LT(std::abs(veil_ - before), 0.3F) << "it closes and opens by degrees";
      EXPECT_TRUE(veil_ > 0 || scene::glide_length(from, camera_) <= 0.1F) << "a camera jumps only where nothing is seen";
      before = veil_;
      from = camera_;
      player_->advance(0.02);
    }
    EXPECT_EQ(veil_, 0);
    EXPECT_EQ(lab_->document().view, player_->step().view);
    EXPECT_EQ(alone(), player_->step().one_head.has_value());
  }
  EXPECT_GT(doors, 0) << "to a head that is shown alone the camera goes through its plate";
}

TEST_F(StoryPlayerTest, can_be_gone_through_by_hand) {
  player_->start();
  ASSERT_TRUE(shown());
  give_places();
  player_->pause();
  const double time = lab_->document().time;
  player_->advance(5);
  EXPECT_EQ(lab_->document().time, time) << "it is paused";
  player_->back();
  EXPECT_EQ(player_->index(), 0);
  for (int i = 1; i < player_->count(); ++i) {
    player_->next();
    EXPECT_EQ(player_->index(), i);
  }
  player_->next();
  EXPECT_FALSE(player_->active()) << "behind the last step it ends";
}

TEST_F(StoryPlayerTest, another_run_is_told_anew) {
  player_->start();
  ASSERT_TRUE(shown());
  const auto before = player_->told();
  lab_->set_cut({0, 0}, true);
  ASSERT_TRUE(loop.pump_until([&] { return player_->showing() && player_->told() != before; }));
  player_->leave();
  EXPECT_FALSE(lab_->history().aside());
}

TEST_F(StoryPlayerTest, can_be_left_before_it_is_ready) {
  player_->start();
  player_->leave();
  EXPECT_FALSE(player_->active());
  ASSERT_TRUE(settle(*lab_));
  EXPECT_FALSE(player_->active());
  EXPECT_FALSE(lab_->history().aside());
}

}  // namespace
}  // namespace gf::story
