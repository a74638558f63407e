// A large picture is drawn part by part, and is the same picture: nothing shows where two parts meet.
#include <algorithm>

#include "app/export/picture.h"
#include "app/scene/views.h"
#include "tests/app/truth/small_model.h"
#include "tests/app/truth/views.h"

namespace gf::truth {
namespace {

class PictureParts : public testing::Test {
 protected:
  std::shared_ptr<const Model> model = testing_models::random_model(testing_models::small_config(), 3);
  std::shared_ptr<const gf::Run> run =
      testing_models::run_of(*model, testing_models::random_ids(9, 57, 5), testing_models::everything(),
                             R"({"version": 1, "edits": [{"hook": "blocks.1.attn.hook_z", "op": "zero", "heads": [2]}]})");
  std::unique_ptr<render::Offscreen> target = make_target();
  scene::SceneBuilder builder;
  doc::Document document;
  exporting::PictureOptions options = [] {
    exporting::PictureOptions o;
    o.width = 1003;
    o.height = 577;
    o.caption = "A caption that runs over more than one part of the picture";
    return o;
  }();

  static std::unique_ptr<render::Offscreen> make_target() {
    auto made = render::Offscreen::create(nullptr);
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : nullptr;
  }
  render::Image drawn(int part_width, int part_height) {
    target->set_part(part_width, part_height);
    auto image = exporting::draw_picture(*target, builder, {model, run}, document, options);
    EXPECT_TRUE(image) << image.error().message;
    return image ? *std::move(image) : render::Image{};
  }
  /// Expects the picture in parts to be the whole one: but for rounding, which may move an edge by a 256th of a pixel.
  void expect_same(const render::Image& whole, const render::Image& parts) {
    ASSERT_EQ(whole.pixels.size(), parts.pixels.size());
    ASSERT_FALSE(whole.pixels.empty());
    int worst = 0;
    std::size_t other = 0;
    for (std::size_t i = 0; i < whole.pixels.size(); ++i) {
      const int by = std::abs(int{whole.pixels[i]} - int{parts.pixels[i]});
      worst = std::max(worst, by);
      other += by > 0 ? 1 : 0;
    }
    EXPECT_LE(worst, 2);
    EXPECT_LE(other, whole.pixels.size() / 10000);
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
        expect_same(whole, drawn(256, 200));
        expect_same(whole, drawn(4096, 101));
        expect_same(whole, drawn(333, 4096));
      }
}

/// The line of a split runs through all parts.
TEST_F(PictureParts, make_both_sides_of_a_split) {
  ASSERT_NE(target, nullptr);
  document.compare = scene::Compare::Split;
  for (const double share : {0.1, 0.499, 0.9}) {
    document.split = share;
    const render::Image whole = drawn(4096, 4096);
    expect_same(whole, drawn(170, 170));
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
