// What a camera shows stays in the picture when the view gets another shape.
#include "app/scene/framed.h"

#include <gtest/gtest.h>

#include "app/scene/stream/stream_reading.h"
#include "app/scene/views.h"
#include "tests/app/truth/small_model.h"

namespace gf::scene {
namespace {

class FramedTest : public ::testing::Test {
 protected:
  static constexpr Pane kDocked{glm::vec2(880, 760)}, kPresented{glm::vec2(1920, 940), 1.5F}, kNarrow{glm::vec2(480, 760), 1.5F};
  std::shared_ptr<const Model> model = testing_models::random_model(testing_models::small_config(), 3);
  std::shared_ptr<const gf::Run> run = testing_models::run_of(*model, testing_models::random_ids(9, 57, 5), testing_models::everything());
  SceneInput input = *with_readings({model, run});
  const ModelConfig& config = model->weights->config;
  ViewState view;
  SceneBuilder machine;
};

TEST_F(FramedTest, the_cell_in_the_middle_stays_there) {
  for (const ViewInfo& shown : views()) {
    view.view = shown.value;
    for (const char* name : {"block 1", "head 2.1", "logits", "embedding"}) {
      SCOPED_TRACE(std::string(shown.name) + ", " + name);
      const ViewScene before = machine.build(input, view, kDocked);
      render::Camera camera = *machine.camera(name, input, view, kDocked);
      camera.yaw += 0.1F;  // moved by hand: no name says what it shows
      camera.distance *= 0.8F;
      const auto framed = framed_by(camera, before, kDocked, config);
      ASSERT_TRUE(framed);
      const glm::vec3 was = render::project(camera, framed->at, kDocked.size);
      for (const Pane& pane : {kPresented, kNarrow}) {
        const ViewScene after = machine.build(input, view, pane);
        const render::Camera kept = camera_for(*framed, after, pane, config);
        const auto place = after.find(framed->cell, config);
        ASSERT_TRUE(place);
        const glm::vec3 is = render::project(kept, place->center, pane.size);
        EXPECT_NEAR(is.x / pane.size.x, 0.5F, std::abs(was.x / kDocked.size.x - 0.5F) + 0.03F);
        EXPECT_NEAR(is.y / pane.size.y, 0.5F, std::abs(was.y / kDocked.size.y - 0.5F) + 0.03F);
      }
    }
  }
}

TEST_F(FramedTest, a_narrower_view_steps_back_and_the_same_view_keeps_the_camera_to_the_bit) {
  const ViewScene scene = machine.build(input, view, kDocked);
  render::Camera camera = *machine.camera("block 1", input, view, kDocked);
  camera.target += glm::vec3(0.123F, 0.0456F, 0.00789F);
  const auto framed = framed_by(camera, scene, kDocked, config);
  ASSERT_TRUE(framed);
  EXPECT_EQ(camera_for(*framed, scene, kDocked, config), camera);
  const ViewScene narrow = machine.build(input, view, kNarrow);
  EXPECT_GT(camera_for(*framed, narrow, kNarrow, config).distance, camera.distance);
  (void)camera_for(*framed, machine.build(input, view, kPresented), kPresented, config);
  EXPECT_EQ(camera_for(*framed, machine.build(input, view, kDocked), kDocked, config), camera) << "there and back";
}

TEST_F(FramedTest, a_camera_beside_everything_is_told_by_the_nearest_cell) {
  const ViewScene scene = machine.build(input, view, kDocked);
  render::Camera camera = *machine.camera("front", input, view, kDocked);
  camera.target = scene.scene->high + glm::vec3(3, 3, 0);
  camera.distance = 1;
  EXPECT_TRUE(framed_by(camera, scene, kDocked, config));
}

}  // namespace
}  // namespace gf::scene
