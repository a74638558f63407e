// Pictures of a small model's run with an edit, drawn as `render` draws them.
#pragma once
#include "app/export/picture.h"
#include "tests/app/truth/small_model.h"
#include "tests/app/truth/views.h"

namespace gf::truth {

class PictureOfRun : public testing::Test {
 protected:
  /// `recipe`: what the edited run does, as JSON.
  explicit PictureOfRun(const char* recipe)
      : run(testing_models::run_of(*model, testing_models::random_ids(9, 57, 5), testing_models::everything(), recipe)) {}

  std::shared_ptr<const Model> model = testing_models::random_model(testing_models::small_config(), 3);
  std::shared_ptr<const gf::Run> run;
  std::unique_ptr<render::Offscreen> target = make_target();
  scene::SceneBuilder builder;
  doc::Document document;

  /// Without its legend, which tells what is compared.
  static exporting::PictureOptions of_size(int width, int height) {
    exporting::PictureOptions options;
    options.width = width;
    options.height = height;
    options.legend = false;
    return options;
  }
  render::Image picture(const scene::SceneInput& input, const exporting::PictureOptions& options) {
    auto image = exporting::draw_picture(*target, builder, input, document, options);
    EXPECT_TRUE(image) << image.error().message;
    return image ? *std::move(image) : render::Image{};
  }

 private:
  static std::unique_ptr<render::Offscreen> make_target() {
    auto made = render::Offscreen::create(nullptr);
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : nullptr;
  }
};

inline constexpr const char* kScaledStream =
    R"({"version": 1, "edits": [{"hook": "blocks.0.hook_resid_pre", "op": "scale", "factor": -2}]})";

}  // namespace gf::truth
