// A split shows the base run's own picture left of its line and the edited run's right of it, pixel by pixel.
#include <algorithm>
#include <cmath>

#include "app/scene/views.h"
#include "tests/app/truth/picture_of_run.h"

namespace gf::truth {
namespace {

class SplitPicture : public PictureOfRun {
 protected:
  SplitPicture() : PictureOfRun(kScaledStream) {}
  exporting::PictureOptions options = of_size(643, 361);

  render::Image drawn(scene::Compare compare) {
    document.compare = compare;
    return picture({model, run}, options);
  }
  /// How many pixels differ in columns [from, to).
  static int differ(const render::Image& a, const render::Image& b, int from, int to) {
    int count = 0;
    for (int y = 0; y < a.height; ++y)
      for (int x = from; x < to; ++x) {
        const auto at = static_cast<std::ptrdiff_t>((y * a.width + x) * 4);
        count += std::equal(a.pixels.begin() + at, a.pixels.begin() + at + 4, b.pixels.begin() + at) ? 0 : 1;
      }
    return count;
  }
};

TEST_F(SplitPicture, has_the_pixels_of_both_runs) {
  ASSERT_NE(target, nullptr);
  for (const scene::View view : {scene::View::Machine, scene::View::Stream}) {
    document.view = view;
    const render::Image base = drawn(scene::Compare::Base), edited = drawn(scene::Compare::Edited);
    ASSERT_EQ(base.width, options.width);
    for (const double share : {0.0, 0.31, 0.5, 0.8, 1.0}) {
      SCOPED_TRACE(testing::Message() << scene::info_of(view).name << " at " << share);
      document.split = share;
      const int line = static_cast<int>(std::lround(share * options.width));
      const render::Image split = drawn(scene::Compare::Split);
      EXPECT_EQ(differ(split, base, 0, line), 0);
      EXPECT_EQ(differ(split, edited, line, options.width), 0);
      if (share == 0.5) {
        EXPECT_GT(differ(base, edited, 0, line), 100) << "the runs look alike left of the line, so that nothing is tested";
        EXPECT_GT(differ(base, edited, line, options.width), 100) << "the same right of it";
      }
    }
  }
}

/// While the run is played, from near, and with a selected cell: all that a frame adds is that of its own side.
TEST_F(SplitPicture, holds_at_any_moment_from_any_camera) {
  ASSERT_NE(target, nullptr);
  document.camera = *builder.camera("block 1", {model, run}, document);
  document.selection = scene::CellRef{{{HookKind::Z, 1}, {}}, {4, 1, 2}};
  document.split = 0.45;
  const int line = static_cast<int>(std::lround(document.split * options.width));
  for (const double time : {40.5, 1e18}) {
    document.time = time;
    const render::Image base = drawn(scene::Compare::Base), edited = drawn(scene::Compare::Edited), split = drawn(scene::Compare::Split);
    EXPECT_EQ(differ(split, base, 0, line), 0) << time;
    EXPECT_EQ(differ(split, edited, line, options.width), 0) << time;
  }
}

TEST_F(SplitPicture, of_a_run_without_edits_is_that_run) {
  ASSERT_NE(target, nullptr);
  run = testing_models::run_of(*model, testing_models::random_ids(9, 57, 5), testing_models::everything());
  const render::Image edited = drawn(scene::Compare::Edited), split = drawn(scene::Compare::Split);
  EXPECT_EQ(differ(split, edited, 0, options.width), 0);
}

/// The line is part of the legend, which says which run is on which side.
TEST_F(SplitPicture, with_its_legend_has_a_line_between_the_two) {
  ASSERT_NE(target, nullptr);
  document.compare = scene::Compare::Split;
  document.split = 0.25;
  const auto frame = exporting::compose(builder, {model, run}, document, options);
  ASSERT_TRUE(frame) << frame.error().message;
  EXPECT_EQ(frame->legend_room.split, 0.25F);
  ASSERT_NE(frame->scene.scene->left, nullptr);
  const render::Image without = drawn(scene::Compare::Split);
  options.legend = true;
  const render::Image with = drawn(scene::Compare::Split);
  const int line = static_cast<int>(std::lround(0.25 * options.width));
  EXPECT_GT(differ(with, without, line - 1, line + 1), options.height / 2);
}

}  // namespace
}  // namespace gf::truth
