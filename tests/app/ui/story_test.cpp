// The story of a pass in the window: what begins it, its keys, its sentence, and the user's own camera.
#include <QLabel>
#include <QSettings>
#include <QToolButton>
#include <gtest/gtest.h>

#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/transport.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

class StoryScreen : public Screen {
 public:
  StoryScreen() {
    open("sort-nano", "CBABBC");
    window().transport().pause();
  }
  bool shown() {
    return until([&] { return window().story().showing() && window().viewport().caption() == window().story().caption(); });
  }
  std::string moment() { return window().findChild<QLabel*>("moment_label")->text().toStdString(); }
};

TEST(Story, is_told_on_demand_and_esc_brings_everything_back) {
  StoryScreen screen;
  const doc::Document mine = screen.lab().document();
  EXPECT_EQ(screen.run("tell"), "");
  ASSERT_TRUE(screen.shown());
  EXPECT_TRUE(has(screen.moment(), "story, step 1 of ")) << screen.moment();
  screen.key("Right");
  EXPECT_EQ(screen.window().story().index(), 1);
  screen.key("PgDown");
  EXPECT_EQ(screen.window().story().index(), 2);
  screen.key("PgUp");
  screen.key("Left");
  EXPECT_EQ(screen.window().story().index(), 0);
  screen.key("Esc");
  EXPECT_FALSE(screen.window().story().active());
  EXPECT_EQ(screen.window().viewport().caption(), "");
  EXPECT_EQ(screen.lab().document(), mine);
}

TEST(Story, is_told_on_the_page_though_a_product_is_open) {
  StoryScreen screen;
  EXPECT_EQ(screen.run("open-product blocks.1.attn.hook_z.0"), "");
  ASSERT_TRUE(screen.lab().document().cube);
  EXPECT_EQ(screen.run("tell"), "");
  ASSERT_TRUE(screen.shown());
  EXPECT_FALSE(screen.lab().document().cube);
  screen.key("Esc");
  EXPECT_TRUE(screen.lab().document().cube) << "it comes back with the rest of one's work";
}

TEST(Story, space_pauses_and_goes_on_and_so_does_the_users_own_camera) {
  StoryScreen screen;
  EXPECT_EQ(screen.run("tell"), "");
  ASSERT_TRUE(screen.shown());
  EXPECT_TRUE(screen.window().story().playing());
  screen.key("Space");
  EXPECT_FALSE(screen.window().story().playing());
  screen.key("Space");
  EXPECT_TRUE(screen.window().story().playing());
  screen.window().viewport().zoom(1);
  EXPECT_FALSE(screen.window().story().playing()) << "the camera is the user's until Space";
  screen.key("Space");
  EXPECT_TRUE(screen.window().story().playing());
}

TEST(Story, is_the_first_thing_that_space_does_on_a_first_start) {
  StoryScreen screen;
  QSettings().remove("story/told");
  screen.window().offer_story();
  EXPECT_TRUE(has(screen.window().viewport().caption(), "Space"));
  screen.key("Space");
  EXPECT_TRUE(screen.window().story().active());
  ASSERT_TRUE(screen.shown());
  screen.key("Esc");
  screen.key("Space");
  EXPECT_FALSE(screen.window().story().active()) << "the second time it plays";
  EXPECT_TRUE(screen.window().transport().playing());
  screen.window().transport().pause();
  screen.window().offer_story();
  EXPECT_EQ(screen.window().viewport().caption(), "") << "it has been told";
}

TEST(Story, is_no_longer_offered_to_someone_who_does_something_else) {
  StoryScreen screen;
  QSettings().remove("story/told");
  screen.window().offer_story();
  EXPECT_EQ(screen.run("view stream"), "");
  ASSERT_TRUE(screen.rest());
  EXPECT_EQ(screen.window().viewport().caption(), "");
  screen.key("Space");
  EXPECT_FALSE(screen.window().story().active());
  EXPECT_TRUE(screen.window().transport().playing());
  screen.window().transport().pause();
  screen.window().offer_story();
  EXPECT_EQ(screen.run("present on"), "");
  EXPECT_EQ(screen.window().viewport().caption(), "") << "an audience is not told how to begin";
  EXPECT_EQ(screen.run("present off"), "");
}

TEST(Story, a_lesson_and_a_story_follow_each_other) {
  StoryScreen screen;
  EXPECT_TRUE(screen.until([&] { return !screen.window().player().lessons().empty(); }));
  EXPECT_EQ(screen.run("tell"), "");
  ASSERT_TRUE(screen.shown());
  EXPECT_EQ(screen.run("lesson tokens"), "");
  EXPECT_FALSE(screen.window().story().active());
  EXPECT_TRUE(screen.window().player().active());
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(screen.run("tell"), "");
  EXPECT_FALSE(screen.window().player().active());
}

TEST(Follow, is_a_switch_with_undo_that_lets_go_of_a_camera_that_the_user_moves) {
  StoryScreen screen;
  Viewport& viewport = screen.window().viewport();
  EXPECT_FALSE(viewport.following());
  EXPECT_EQ(screen.run("follow on"), "");
  EXPECT_TRUE(screen.lab().document().follow);
  EXPECT_TRUE(viewport.following());
  viewport.zoom(1);
  EXPECT_FALSE(viewport.following());
  screen.key("Space");
  EXPECT_TRUE(viewport.following());
  screen.window().transport().pause();
  EXPECT_EQ(screen.run("undo"), "");
  EXPECT_FALSE(screen.lab().document().follow);
  EXPECT_FALSE(viewport.following());
}

TEST(Follow, the_camera_is_that_of_the_time) {
  StoryScreen screen;
  Viewport& viewport = screen.window().viewport();
  EXPECT_EQ(screen.run("pace operation"), "");
  EXPECT_EQ(screen.run("follow on"), "");
  const auto camera_at = [&](double time) {
    screen.lab().set_time(time);
    EXPECT_TRUE(screen.until([&] { return viewport.answered() && viewport.led(); }));
    return viewport.report().camera;
  };
  const render::Camera early = camera_at(9.5);
  EXPECT_NE(camera_at(40.5), early);
  EXPECT_EQ(camera_at(9.5), early);
}

}  // namespace
}  // namespace gf::ui
