// The camera that follows: a function of the time alone, at rest while one reads, never faster than an eye, and never through a sheet.
#include "app/scene/operations/follow.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "app/scene/glide.h"
#include "app/scene/operations/tempo.h"
#include "app/scene/views.h"
#include "tests/app/truth/small_model.h"

namespace gf::scene {
namespace {

render::Camera at(float x, float y, float distance, float yaw = 0) {
  render::Camera c;
  c.target = {x, y, 0};
  c.distance = distance;
  c.yaw = yaw;
  return c;
}

TEST(Glide, begins_and_ends_exactly_where_it_should) {
  const render::Camera a = at(0, 0, 30), b = at(12, -3, 2, 0.2F);
  EXPECT_EQ(glide(a, b, 0), a);
  EXPECT_EQ(glide(a, b, 1), b);
  EXPECT_EQ(glide_length(a, a), 0);
  EXPECT_FLOAT_EQ(glide_length(a, b), glide_length(b, a));
}

TEST(Glide, is_never_faster_than_an_eye_and_backs_away_on_a_long_way) {
  for (const auto& [a, b] : {std::pair(at(0, 0, 30), at(12, -3, 2, 0.2F)), {at(0, 0, 1), at(40, 0, 1)}, {at(0, 0, 1), at(0, 0, 50)}}) {
    const float seconds = glide_seconds(a, b);
    constexpr int kSteps = 200;
    float farthest = 0;
    for (int i = 0; i < kSteps; ++i) {
      const auto now = glide(a, b, static_cast<float>(i) / kSteps), next = glide(a, b, static_cast<float>(i + 1) / kSteps);
      EXPECT_LE(glide_length(now, next), 1.01F * kFastestGlide * seconds / kSteps) << "at " << i;
      farthest = std::max(farthest, now.distance);
    }
    if (a.distance == b.distance) {
      EXPECT_GT(farthest, 5 * a.distance);
    }
  }
}

TEST(Glide, a_detour_is_never_shorter) {
  const render::Camera a = at(0, 0, 3), b = at(9, 4, 1, 0.1F);
  for (const render::Camera& by : {at(4, 2, 8), at(0, 0, 1), at(-5, 0, 2), at(9, 4, 20)})
    EXPECT_LE(glide_length(a, b), glide_length(a, by) + glide_length(by, b) + 1e-4F);
}

class FollowTest : public testing::Test {
 protected:
  std::shared_ptr<const Model> model = testing_models::random_model(testing_models::small_config(), 3);
  std::shared_ptr<const gf::Run> run =
      testing_models::run_of(*model, testing_models::random_ids(4, 57, 5), testing_models::everything(), "");
  SceneInput input{model, run};
  ViewState view;
  SceneBuilder builder;
  Pane pane;
  Timeline timeline{model->weights->config, 4};

  FollowPath path(Pace pace, double speed = 1) { return follow_path(builder, input, view, pane, seconds_of_pass(pace, speed, timeline)); }
};

TEST_F(FollowTest, stays_on_the_page_whatever_is_shown_alone_by_then) {
  const FollowPath on_page = path(Pace::Operation);
  view.one_head = OneHead{0, 1, {}};
  EXPECT_EQ(path(Pace::Operation).at(7), on_page.at(7));
  view.one_head.reset();
  view.cube = *cube_named("blocks.0.attn.hook_attn_scores.0");
  EXPECT_EQ(path(Pace::Operation).at(7), on_page.at(7));
}

TEST_F(FollowTest, the_seconds_are_those_of_playing_from_the_start) {
  for (const Pace pace : {Pace::Term, Pace::Operation, Pace::Token, Pace::Pass}) {
    const auto seconds = seconds_of_pass(pace, 2, timeline);
    ASSERT_EQ(seconds.size(), static_cast<std::size_t>(timeline.end()) + 1);
    for (const int i : {0, 7, 60, 150})
      EXPECT_NEAR(seconds[static_cast<std::size_t>(i) + 1] - seconds[static_cast<std::size_t>(i)],
                  0.5 / operations_a_second(pace, timeline, i, 0), 1e-9)
          << spelled(pace) << " " << i;
  }
}

TEST_F(FollowTest, the_same_time_has_the_same_camera_whatever_was_asked_before) {
  const FollowPath once = path(Pace::Operation), again = path(Pace::Operation);
  std::vector<render::Camera> forwards;
  constexpr int kTimes = 300;
  const auto time = [&](int i) { return timeline.end() * i / kTimes; };
  for (int i = 0; i < kTimes; ++i) forwards.push_back(once.at(time(i)));
  for (int i = kTimes - 1; i >= 0; --i) EXPECT_EQ(again.at(time(i)), forwards[static_cast<std::size_t>(i)]) << i;
  EXPECT_EQ(once.at(1e18), once.at(timeline.end()));
}

TEST_F(FollowTest, goes_near_where_there_is_time_and_is_nowhere_too_fast) {
  for (const View shown : {View::Machine, View::Stream}) {
    view.view = shown;
    for (const Pace pace : {Pace::Term, Pace::Operation, Pace::Token}) {
      const FollowPath follow = path(pace);
      const double length = follow.seconds_at(1e18);
      constexpr int kSteps = 4000;
      const double step = timeline.end() / kSteps;
      for (int i = 0; i < kSteps; ++i) {
        const double seconds = follow.seconds_at((i + 1) * step) - follow.seconds_at(i * step);
        EXPECT_LE(glide_length(follow.at(i * step), follow.at((i + 1) * step)), 1.02 * kFastestGlide * seconds + 1e-4)
            << spelled(pace) << " at " << i * step;
      }
      if (pace == Pace::Token) {
        EXPECT_EQ(follow.stations().size(), 1U) << "so soon over that the whole is shown";
      } else {
        EXPECT_GT(follow.stations().size(), 20U);
        EXPECT_GT(length, 60);
      }
    }
  }
}

TEST_F(FollowTest, stands_still_at_each_place_for_a_while) {
  const FollowPath follow = path(Pace::Operation);
  const auto all = follow.stations();
  for (std::size_t i = 0; i < all.size(); ++i) {
    double rest = all[i].to - all[i].from;
    if (i > 0) rest -= static_cast<double>(glide_seconds(all[i - 1].camera, all[i].camera)) / 2;
    if (i + 1 < all.size()) rest -= static_cast<double>(glide_seconds(all[i].camera, all[i + 1].camera)) / 2;
    EXPECT_GE(rest, 1.19) << i;
  }
}

TEST_F(FollowTest, never_goes_through_a_sheet) {
  const FollowPath follow = path(Pace::Operation);
  const ViewScene scene = builder.build(input, view, pane);
  constexpr int kSteps = 2000;
  glm::vec3 before = follow.at(0).eye();
  for (int i = 1; i <= kSteps; ++i) {
    const glm::vec3 eye = follow.at(timeline.end() * i / kSteps).eye();
    const glm::vec3 way = eye - before;
    if (glm::length(way) > 1e-6F) {
      const auto hit = render::pick_panel(*scene.scene, {before, glm::normalize(way)});
      EXPECT_TRUE(!hit || glm::length(hit->point - before) > glm::length(way)) << i;
    }
    before = eye;
  }
}

}  // namespace
}  // namespace gf::scene
