// How wide lines are drawn.
#include "renderer/strokes.h"

#include <gtest/gtest.h>

namespace gf::render {
namespace {

TEST(LineLook, an_outline_thins_out_with_what_it_surrounds) {
  Line line;
  line.width_px = 7;
  line.color = {1, 0.5F, 0, 0.8F};
  EXPECT_EQ(look_of_line(line, {10, 4}, 2).width, 14) << "a line without a share keeps its width";
  line.most_share = 0.3F;
  EXPECT_EQ(look_of_line(line, {100, 80}, 1).width, 7);
  EXPECT_FLOAT_EQ(look_of_line(line, {100, 10}, 1).width, 3);
  // Under a pixel it fades.
  const LineLook faint = look_of_line(line, {2, 2}, 1);
  EXPECT_EQ(faint.width, 1);
  EXPECT_FLOAT_EQ(faint.color.a, 0.8F * 0.6F);
  EXPECT_EQ(glm::vec3(faint.color), glm::vec3(line.color));
}

TEST(Strokes, the_frame_of_a_small_sheet_leaves_room_for_its_cells) {
  Panel plate;
  plate.frame_px = 2;
  EXPECT_EQ(look_of_frame(plate, 100, 1).width, 2);
  EXPECT_EQ(look_of_frame(plate, 100, 2).width, 4);
  EXPECT_FLOAT_EQ(look_of_frame(plate, 20, 1).width, 1.25F);
  EXPECT_EQ(look_of_frame(plate, 4, 1).width, 1) << "never under a pixel";
  EXPECT_EQ(look_of_frame(plate, 20, 1).color.a, 1);
  EXPECT_LT(look_of_frame(plate, 4, 1).color.a, 1) << "but then it fades";
}

TEST(Hatch, of_a_small_sheet_is_no_larger_than_the_sheet) {
  EXPECT_FLOAT_EQ(hatch_of_sheet(100, 1), 3.5F);
  EXPECT_FLOAT_EQ(hatch_of_sheet(100, 2), 7);
  for (const float narrow : {4.0F, 8.0F, 16.0F}) EXPECT_LE(4 * hatch_of_sheet(narrow, 1), narrow) << "at both sides";
  EXPECT_GT(hatch_of_sheet(1, 1), 0.5F) << "it is still seen";
}

}  // namespace
}  // namespace gf::render
