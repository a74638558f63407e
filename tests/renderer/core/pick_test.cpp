#include "renderer/pick.h"

#include <gtest/gtest.h>

#include "tests/renderer/core/scenes.h"

namespace gf::render {
namespace {

TEST(Pick, finds_the_nearest_panel_and_its_cell) {
  const auto source = testing::random_source(4, 10, 1);
  Scene scene;
  scene.panels.push_back(testing::panel_of(source, {-5, -2, 1}, {10, 0, 0}, {0, 4, 0}));
  scene.panels.push_back(testing::panel_of(source, {-5, -2, 0}, {5, 0, 0}, {0, 4, 0}));
  const auto both = pick_panel(scene, {{-4.75F, 1.5F, -10}, {0, 0, 1}});
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(both->panel, 1);
  EXPECT_EQ(both->row, 3);
  EXPECT_EQ(both->col, 0);
  EXPECT_FLOAT_EQ(both->distance, 10);
  const auto behind = pick_panel(scene, {{4.5F, -1.5F, -10}, {0, 0, 1}});
  ASSERT_TRUE(behind.has_value());
  EXPECT_EQ(behind->panel, 0);
  EXPECT_EQ(behind->row, 0);
  EXPECT_EQ(behind->col, 9);
  EXPECT_FALSE(pick_panel(scene, {{-4.75F, 1.5F, -10}, {0, 0, -1}}).has_value()) << "behind the eye";
  EXPECT_FALSE(pick_panel(scene, {{6, 0, -10}, {0, 0, 1}}).has_value());
}

TEST(Pick, finds_both_sides_and_leaves_out_what_is_not_drawn) {
  Scene scene;
  scene.panels.push_back(testing::panel_of(testing::random_source(4, 4, 1), {0, 0, 0}, {1, 0, 0}, {0, 1, 0}));
  EXPECT_TRUE(pick_panel(scene, {{0.5F, 0.5F, 3}, {0, 0, -1}}).has_value());
  scene.panels[0].alpha = 0;
  EXPECT_FALSE(pick_panel(scene, {{0.5F, 0.5F, 3}, {0, 0, -1}}).has_value());
}

}  // namespace
}  // namespace gf::render
