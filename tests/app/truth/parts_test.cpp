// A large picture is drawn part by part, and is the same picture: nothing shows where two parts meet.
#include <cstdlib>

#include "app/scene/views.h"
#include "tests/app/truth/picture_of_run.h"

namespace gf::truth {
namespace {

class PictureParts : public PictureOfRun {
 protected:
  PictureParts() : PictureOfRun(R"({"version": 1, "edits": [{"hook": "blocks.1.attn.hook_z", "op": "zero", "heads": [2]}]})") {}
  exporting::PictureOptions options = [] {
    exporting::PictureOptions o;
    o.width = 1003;
    o.height = 577;
    o.caption = "A caption that runs over more than one part of the picture";
    return o;
  }();

  render::Image drawn(int part_width, int part_height) {
    target->set_part(part_width, part_height);
    return picture({model, run}, options);
  }
  /// Expects the picture in parts to be the whole one, but for the edges that lie within a 256th of a pixel of a pixel's middle: an
  /// edge of a panel is rounded to that, and where a part begins decides to which side. There are fewer than one in 5,000 pixels of
  /// them, and where parts meet no more than elsewhere.
  void expect_same(const render::Image& whole, const render::Image& parts, int part_width, int part_height) {
    ASSERT_EQ(whole.pixels.size(), parts.pixels.size());
    ASSERT_FALSE(whole.pixels.empty());
    constexpr int kSeen = 8;
    int other = 0, beside_seam = 0, other_beside_seam = 0;
    for (int y = 0; y < whole.height; ++y)
      for (int x = 0; x < whole.width; ++x) {
        const auto at = (static_cast<std::size_t>(y) * static_cast<std::size_t>(whole.width) + static_cast<std::size_t>(x)) * 4;
        bool differs = false;
        for (std::size_t i = at; i < at + 4; ++i) differs = differs || std::abs(int{whole.pixels[i]} - int{parts.pixels[i]}) > kSeen;
        const bool seam = (x + 1) % part_width < 2 || (y + 1) % part_height < 2;
        other += differs ? 1 : 0;
        beside_seam += seam ? 1 : 0;
        other_beside_seam += seam && differs ? 1 : 0;
      }
    EXPECT_LE(other, whole.width * whole.height / 5000);
    EXPECT_LE(other_beside_seam, beside_seam / 500);
  }
};

/// In both views, from afar and from near, with legend, caption and letters of odd sizes; parts that end in the middle of words.
TEST_F(PictureParts, make_the_whole_picture) {
  ASSERT_NE(target, nullptr);
  for (const scene::View view : {scene::View::Machine, scene::View::Stream})
    for (const char* camera : {"whole", "block 1", "head 1.2"})
      for (const float dpr : {1.0F, 1.37F}) {
        SCOPED_TRACE(testing::Message() << scene::info_of(view).name << ", " << camera << ", " << dpr);
        document.view = view;
        options.dpr = dpr;
        document.camera = *builder.camera(camera, {model, run}, document, exporting::pane_of(options));
        const render::Image whole = drawn(4096, 4096);
        // Equal parts of even sides: 4 x 3, 1 x 6 and 4 x 1 of them.
        expect_same(whole, drawn(256, 200), 252, 194);
        expect_same(whole, drawn(4096, 101), 4096, 98);
        expect_same(whole, drawn(333, 4096), 252, 4096);
      }
}

/// The line of a split runs through all parts.
TEST_F(PictureParts, make_both_sides_of_a_split) {
  ASSERT_NE(target, nullptr);
  document.compare = scene::Compare::Split;
  for (const double share : {0.1, 0.499, 0.9}) {
    document.split = share;
    const render::Image whole = drawn(4096, 4096);
    expect_same(whole, drawn(170, 170), 168, 146);
  }
}

TEST_F(PictureParts, are_what_is_compared) {
  ASSERT_NE(target, nullptr);
  const render::Image whole = drawn(4096, 4096);
  document.theme = render::Theme::Light;
  EXPECT_NE(whole.pixels, drawn(256, 200).pixels) << "the parts are drawn anew";
}

}  // namespace
}  // namespace gf::truth
