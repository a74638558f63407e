#include "renderer/camera.h"

#include <gtest/gtest.h>
#include <random>

namespace gf::render {
namespace {

Camera random_camera(std::mt19937& random) {
  std::uniform_real_distribution<float> u(-1, 1);
  return {{5 * u(random), 5 * u(random), 5 * u(random)}, 10 + 8 * u(random), 1.2F * u(random), 1.2F * u(random), 0.6F + 0.3F * u(random)};
}

TEST(Camera, looks_along_z_with_text_downwards) {
  Camera c;
  c.distance = 10;
  EXPECT_EQ(c.eye(), glm::vec3(0, 0, -10));
  const glm::vec2 size{200, 100};
  const glm::vec3 right = project(c, {1, 0, 0}, size), down = project(c, {0, 1, 0}, size);
  EXPECT_GT(right.x, 100);
  EXPECT_FLOAT_EQ(right.y, 50);
  EXPECT_GT(down.y, 50);
  EXPECT_FLOAT_EQ(right.z, 10);
  c.pitch = 0.5F;
  EXPECT_LT(c.eye().y, 0) << "pitch > 0 looks from above, and y runs down";
}

TEST(Camera, ray_and_projection_agree) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> u(0, 1);
  const glm::vec2 size{1280, 720};
  for (int i = 0; i < 200; ++i) {
    const Camera c = random_camera(random);
    const glm::vec2 pixel = glm::vec2(u(random), u(random)) * size;
    const Ray ray = ray_through(c, pixel, size);
    EXPECT_NEAR(glm::length(ray.direction), 1, 1e-5);
    const glm::vec3 back = project(c, ray.origin + ray.direction * (1 + 20 * u(random)), size);
    EXPECT_NEAR(back.x, pixel.x, 0.05F);
    EXPECT_NEAR(back.y, pixel.y, 0.05F);
    EXPECT_GT(back.z, 0);
  }
}

TEST(Camera, depth_is_reversed) {
  const Camera c;
  const glm::mat4 m = c.view_projection(1.5F);
  const glm::vec4 near = m * glm::vec4(0, 0, -5, 1), far = m * glm::vec4(0, 0, 1000, 1);
  EXPECT_GT(near.z / near.w, far.z / far.w);
  EXPECT_GT(far.z / far.w, 0);
}

TEST(Camera, fit_shows_the_whole_box_and_touches_the_edge) {
  std::mt19937 random(2);
  std::uniform_real_distribution<float> u(-4, 4);
  for (int i = 0; i < 100; ++i) {
    const glm::vec3 a{u(random), u(random), u(random)}, b{u(random), u(random), u(random)};
    const glm::vec3 low = glm::min(a, b), high = glm::max(a, b);
    const glm::vec2 size{1280, 720};
    const float foot = i % 2 == 0 ? 0 : 0.2F;  // a strip below that stays free
    const Camera start = random_camera(random), c = fit(start, low, high, size.x / size.y, 1, foot);
    EXPECT_EQ(c.yaw, start.yaw);
    float reach = 0;
    for (int corner = 0; corner < 8; ++corner) {
      const glm::vec3 p =
          project(c, {(corner & 1) != 0 ? high.x : low.x, (corner & 2) != 0 ? high.y : low.y, (corner & 4) != 0 ? high.z : low.z}, size);
      ASSERT_GT(p.z, 0);
      const glm::vec2 ndc = glm::vec2(p) / size * 2.0F - 1.0F;
      reach = std::max({reach, std::abs(ndc.x), -ndc.y, ndc.y / (1 - 2 * foot)});
    }
    EXPECT_NEAR(reach, 1, 0.01F);
  }
}

TEST(Camera, of_one_view_shows_in_another_all_that_it_showed_there) {
  std::mt19937 random(4);
  std::uniform_real_distribution<float> u(0, 1);
  constexpr glm::vec2 kWindow{1060, 480};
  for (const glm::vec2 size : {glm::vec2(1280, 720), glm::vec2(400, 900), glm::vec2(3840, 800), kWindow})
    for (const float foot : {0.0F, 0.1F, 0.3F}) {
      Camera chosen = random_camera(random);
      EXPECT_EQ(shown_in(chosen, size.x / size.y, foot), chosen) << "a camera for any view";
      chosen.chosen_in = {kWindow, 0.15F};
      const Camera shown = shown_in(chosen, size.x / size.y, foot);
      EXPECT_EQ(shown.eye(), chosen.eye());
      EXPECT_EQ(shown_in(shown, size.x / size.y, foot), shown);
      if (size == kWindow && foot <= chosen.chosen_in.foot) {
        EXPECT_EQ(shown.fov_y, chosen.fov_y);
      }
      for (int i = 0; i < 50; ++i) {
        const glm::vec2 seen = glm::vec2(u(random), u(random) * (1 - chosen.chosen_in.foot)) * kWindow;
        const Ray ray = ray_through(chosen, seen, kWindow);
        const glm::vec3 at = project(shown, ray.origin + ray.direction * (chosen.distance * (0.2F + 3 * u(random))), size);
        ASSERT_GT(at.z, 0);
        EXPECT_GE(at.x, -0.1F);
        EXPECT_LE(at.x, size.x + 0.1F);
        EXPECT_GE(at.y, -0.1F);
        EXPECT_LE(at.y, size.y * (1 - foot) + 0.1F);
      }
    }
}

TEST(Camera, a_mix_ends_at_the_second_camera) {
  std::mt19937 random(3);
  const Camera a = random_camera(random), b = random_camera(random);
  EXPECT_EQ(mix(a, b, 0), a);
  EXPECT_EQ(mix(a, b, 1), b);
  const Camera m = mix(a, b, 0.5F);
  EXPECT_NEAR(m.distance, std::sqrt(a.distance * b.distance), 1e-3F);
}

}  // namespace
}  // namespace gf::render
