// Two scenes side by side are the pictures of both runs beside each other, pixel by pixel, under one camera and one scale.
#include <algorithm>
#include <cmath>

#include "app/scene/framed.h"
#include "app/scene/views.h"
#include "tests/app/truth/picture_of_run.h"

namespace gf::truth {
namespace {

class SidePicture : public PictureOfRun {
 protected:
  SidePicture() : PictureOfRun(kScaledStream) {}
  exporting::PictureOptions half = of_size(420, 361);

  render::Image drawn(const scene::SceneInput& input, scene::Compare compare, const exporting::PictureOptions& options) {
    document.compare = compare;
    return picture(input, options);
  }
  /// Both halves, with `between` columns that belong to neither.
  [[nodiscard]] exporting::PictureOptions whole(int between = 0) const {
    exporting::PictureOptions both = half;
    both.width = 2 * half.width + between;
    return both;
  }
  /// How many pixels of `part` differ from those of `all` that begin at a column. Where a half does not begin at the picture's first
  /// column, an edge may be cut by another sixteenth of a pixel.
  static int differ(const render::Image& all, int from, const render::Image& part) {
    constexpr int kNear = 16;
    const auto far = [](std::uint8_t a, std::uint8_t b) { return std::abs(int{a} - int{b}) > kNear; };
    int count = 0;
    for (int y = 0; y < part.height; ++y)
      for (int x = 0; x < part.width; ++x) {
        const auto a = static_cast<std::ptrdiff_t>((y * all.width + from + x) * 4),
                   b = static_cast<std::ptrdiff_t>((y * part.width + x) * 4);
        bool differs = false;
        for (std::ptrdiff_t i = 0; i < 4; ++i)
          differs |= far(all.pixels[static_cast<std::size_t>(a + i)], part.pixels[static_cast<std::size_t>(b + i)]);
        count += differs ? 1 : 0;
      }
    return count;
  }
  [[nodiscard]] Result<scene::Frame> composed(const scene::SceneInput& input, const exporting::PictureOptions& options) {
    document.compare = scene::Compare::Side;
    return exporting::compose(builder, input, document, options);
  }
};

TEST_F(SidePicture, has_the_pixels_of_both_pictures) {
  ASSERT_NE(target, nullptr);
  for (const scene::View view : {scene::View::Machine, scene::View::Stream}) {
    SCOPED_TRACE(scene::info_of(view).name);
    document.view = view;
    const render::Image base = drawn({model, run}, scene::Compare::Base, half), edited = drawn({model, run}, scene::Compare::Edited, half);
    EXPECT_GT(differ(base, 0, edited), 100) << "the runs look alike, so that nothing is tested";
    const render::Image side = drawn({model, run}, scene::Compare::Side, whole());
    ASSERT_EQ(side.width, 2 * half.width);
    // The headings keep names off their corner.
    EXPECT_LT(differ(side, 0, base), 0.01 * half.width * half.height);
    EXPECT_LT(differ(side, half.width, edited), 0.01 * half.width * half.height);
  }
}

/// While the run is played, from near, with a selected cell, with an odd width, and in parts.
TEST_F(SidePicture, holds_at_any_moment_from_any_camera_and_in_parts) {
  ASSERT_NE(target, nullptr);
  document.camera = *builder.camera("block 1", {model, run}, document, exporting::pane_of(half));
  document.selection = scene::CellRef{{{HookKind::Z, 1}, {}}, {4, 1, 2}};
  for (const double time : {40.5, 1e18}) {
    SCOPED_TRACE(time);
    document.time = time;
    const render::Image base = drawn({model, run}, scene::Compare::Base, half), edited = drawn({model, run}, scene::Compare::Edited, half);
    const render::Image side = drawn({model, run}, scene::Compare::Side, whole());
    EXPECT_LT(differ(side, 0, base), 0.01 * half.width * half.height);
    EXPECT_LT(differ(side, half.width, edited), 0.01 * half.width * half.height);
    const render::Image odd = drawn({model, run}, scene::Compare::Side, whole(1));
    EXPECT_LT(differ(odd, 0, base), 0.01 * half.width * half.height);
    target->set_part(128, 96);
    EXPECT_LT(differ(drawn({model, run}, scene::Compare::Side, whole()), 0, side), 0.001 * side.width * side.height) << "in parts";
    target->set_part(whole().width, whole().height);
  }
}

TEST_F(SidePicture, has_one_camera_and_says_what_each_half_is) {
  for (const char* camera : {"home", "block 1", "head 1.1"}) {
    SCOPED_TRACE(camera);
    document.camera = *builder.camera(camera, {model, run}, document, exporting::pane_of(half));
    const auto frame = composed({model, run}, whole());
    ASSERT_TRUE(frame) << frame.error().message;
    ASSERT_TRUE(frame->scene.scene->left_camera);
    EXPECT_EQ(*frame->scene.scene->left_camera, frame->camera);
    ASSERT_TRUE(frame->legend_room.halves);
    EXPECT_EQ((*frame->legend_room.halves)[0].words, "base");
    EXPECT_EQ((*frame->legend_room.halves)[1].words, "edited");
    EXPECT_FALSE(frame->legend_room.split);
  }
}

/// Another prompt: its own tokens stand in its half, and a colour means the same number in both.
TEST_F(SidePicture, of_another_run_has_its_tokens_and_the_scales_of_this_one) {
  for (const scene::View view : {scene::View::Machine, scene::View::Stream}) {
    SCOPED_TRACE(scene::info_of(view).name);
    document.view = view;
    document.camera.reset();
    for (const int tokens : {6, 9}) {
      const auto other = testing_models::run_of(*model, testing_models::random_ids(tokens, 57, 8), testing_models::everything());
      scene::SceneInput input{model, run};
      input.beside = scene::RunBeside{model, other, nullptr};
      input.side_names = {"another prompt", "this prompt"};
      const auto frame = composed(input, whole());
      ASSERT_TRUE(frame) << frame.error().message;
      const render::Scene &right = *frame->scene.scene, &left = *right.left;
      ASSERT_TRUE(right.left);
      EXPECT_EQ((*frame->legend_room.halves)[0].words, "another prompt");
      EXPECT_EQ(frame->scene.row_texts.size(), 9U);
      if (tokens == 6) {
        const auto short_ones = [&](const render::Scene& scene) {
          return std::ranges::count_if(scene.panels, [&](const render::Panel& p) { return p.source && p.source->rows() == tokens; });
        };
        if (view == scene::View::Machine) {
          EXPECT_GT(short_ones(left), short_ones(right) + 10);
        }
        continue;
      }
      ASSERT_EQ(left.panels.size(), right.panels.size());
      for (std::size_t i = 0; i < left.panels.size(); ++i)
        if (left.panels[i].source && right.panels[i].source) {
          EXPECT_EQ(left.panels[i].scale, right.panels[i].scale) << i;
        }
    }
  }
}

/// Models of different shapes cannot be in one scene; beside each other each has its own page, with the same part in the middle.
TEST_F(SidePicture, of_two_models_has_a_page_for_each) {
  ModelConfig larger = testing_models::small_config();
  larger.n_layer += 2;
  const auto other = testing_models::random_model(larger, 7);
  scene::SceneInput input{model, run};
  input.beside =
      scene::RunBeside{other, testing_models::run_of(*other, testing_models::random_ids(9, 57, 5), testing_models::everything()), nullptr};
  const auto home = composed(input, whole());
  ASSERT_TRUE(home) << home.error().message;
  EXPECT_GT(home->scene.scene->left->panels.size(), home->scene.scene->panels.size());
  EXPECT_NE(*home->scene.scene->left_camera, home->camera) << "the whole of each page is in the picture";

  const auto camera = builder.camera("MLP 1", input, document, exporting::pane_of(half));
  ASSERT_TRUE(camera) << camera.error().message;
  document.camera = *camera;
  document.selection = scene::CellRef{{{HookKind::MlpPost, 1}, {}}, {4, 3, -1}};
  const auto near = composed(input, whole());
  ASSERT_TRUE(near) << near.error().message;
  // What is in the middle of the right half is in the middle of the left one.
  scene::SceneBuilder alone;
  doc::Document left_alone = document;
  left_alone.compare = scene::Compare::Edited;
  const scene::SceneInput beside{other, input.beside->run};
  const scene::Pane pane = exporting::pane_of(half);
  const scene::ViewScene page = alone.build(beside, left_alone, pane), own = builder.build({model, run}, left_alone, pane);
  const auto here = scene::framed_by(near->camera, own, pane, model->weights->config);
  const auto there = scene::framed_by(*near->scene.scene->left_camera, page, pane, larger);
  ASSERT_TRUE(here && there);
  EXPECT_EQ(here->cell.tensor, there->cell.tensor);
}

TEST_F(SidePicture, of_a_model_without_a_run_is_one_picture) {
  const auto frame = composed({model, nullptr}, whole());
  ASSERT_TRUE(frame) << frame.error().message;
  EXPECT_EQ(frame->scene.scene->left, nullptr);
}

}  // namespace
}  // namespace gf::truth
