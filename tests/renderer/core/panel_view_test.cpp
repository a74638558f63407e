#include "renderer/panel_view.h"

#include <gtest/gtest.h>
#include <set>

#include "tests/renderer/core/scenes.h"

namespace gf::render {
namespace {

using testing::panel_of;
using testing::random_source;

TEST(PanelView, level_keeps_texels_near_one_pixel) {
  EXPECT_EQ(level_for(1.0F / 3, 1000), 0);
  EXPECT_EQ(level_for(1, 1000), 0);
  for (float f = 1.3F; f < 200; f *= 1.1F) {
    const float texel_px = std::ldexp(1.F, level_for(f, 1 << 20)) / f;
    EXPECT_GE(texel_px, 0.79F) << f;
    EXPECT_LE(texel_px, 1.61F) << f;
  }
  EXPECT_EQ(level_for(1e6F, 5), 3) << "beyond one texel for the whole there is nothing";
}

TEST(PanelView, directions_have_levels_of_their_own) {
  Scene scene;
  scene.panels.push_back(panel_of(random_source(16, 1024, 1), {-5, -0.5F, 0}, {10, 0, 0}, {0, 1, 0}));
  Camera c;
  c.distance = 20;
  const auto views = visible_panels(scene, c, {1280, 720});
  ASSERT_EQ(views.size(), 1U);
  EXPECT_EQ(views[0].ly, 0);
  EXPECT_GT(views[0].lx, 0);
  EXPECT_NEAR(views[0].cell_px_x * 1024, views[0].high.x - views[0].low.x, 1);
  EXPECT_NEAR(views[0].cell_px_y * 16, views[0].high.y - views[0].low.y, 1);
}

TEST(PanelView, what_is_outside_or_tiny_is_left_out) {
  const auto source = random_source(8, 8, 1);
  Scene scene;
  scene.panels.push_back(panel_of(source, {0, 0, -40}, {1, 0, 0}, {0, 1, 0}));        // behind the eye
  scene.panels.push_back(panel_of(source, {100, 0, 0}, {1, 0, 0}, {0, 1, 0}));        // beside the view
  scene.panels.push_back(panel_of(source, {0, 0, 0}, {1e-3F, 0, 0}, {0, 1e-3F, 0}));  // under a pixel
  scene.panels.push_back(panel_of(source, {0, 0, 0}, {1, 0, 0}, {0, 1, 0}));
  const auto views = visible_panels(scene, Camera{}, {640, 480});
  ASSERT_EQ(views.size(), 1U);
  EXPECT_EQ(views[0].panel, 3);
}

// The naive twin: every pixel of the panel, its footprint by finite differences, its tile.
TEST(PanelView, every_pixel_finds_its_tile) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> u(-1, 1);
  const glm::vec2 size{320, 180};
  for (int round = 0; round < 40; ++round) {
    const int rows = 40 << (round % 5), cols = 300 << (round % 4);
    const auto source = std::make_shared<testing::ArraySource>(rows, cols, std::vector<float>{});
    const Panel p = panel_of(source, {-5, u(random), 2 * u(random)}, {10, u(random), u(random)}, {u(random), 3 + u(random), 6 * u(random)});
    Camera c;
    c.distance = 8 + 5 * u(random);
    c.yaw = u(random);
    c.pitch = u(random);
    const glm::mat4 vp = c.view_projection(size.x / size.y);
    const auto seen = see_panel(p, vp, size);
    Scene scene;
    scene.panels.push_back(p);
    const auto cell_at = [&](glm::vec2 px, glm::vec2& cell) {
      const Ray ray = ray_through(c, px, size);
      const glm::vec3 n = glm::cross(p.across, p.down);
      const float t = glm::dot(p.origin - ray.origin, n) / glm::dot(ray.direction, n);
      const glm::vec3 r = ray.origin + ray.direction * t - p.origin;
      const float aa = glm::dot(p.across, p.across), dd = glm::dot(p.down, p.down), ad = glm::dot(p.across, p.down);
      const float ra = glm::dot(r, p.across), rd = glm::dot(r, p.down), det = aa * dd - ad * ad;
      cell = glm::vec2((ra * dd - rd * ad) / det * static_cast<float>(cols), (rd * aa - ra * ad) / det * static_cast<float>(rows));
      return t > 0;
    };
    for (int y = 2; y < 178; y += 7)
      for (int x = 2; x < 318; x += 7) {
        const glm::vec2 px{static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F};
        glm::vec2 cell, right, below;
        if (!cell_at(px, cell) || !cell_at(px + glm::vec2(1, 0), right) || !cell_at(px + glm::vec2(0, 1), below)) continue;
        if (cell.x < 0 || cell.y < 0 || cell.x >= static_cast<float>(cols) || cell.y >= static_cast<float>(rows)) continue;
        ASSERT_TRUE(seen.has_value());
        const int lx = level_for(glm::length(glm::vec2(right.x - cell.x, below.x - cell.x)), cols);
        const int ly = level_for(glm::length(glm::vec2(right.y - cell.y, below.y - cell.y)), rows);
        const int tx = (static_cast<int>(cell.x) >> lx) / kTileSize, ty = (static_cast<int>(cell.y) >> ly) / kTileSize;
        bool found = false;
        for (const TileLayer& l : seen->layers)
          found = found || (l.lx == lx && l.ly == ly && tx >= l.x0 && tx < l.x0 + l.nx && ty >= l.y0 && ty < l.y0 + l.ny &&
                            l.wanted[static_cast<std::size_t>((ty - l.y0) * l.nx + tx - l.x0)]);
        EXPECT_TRUE(found) << "round " << round << " pixel " << x << "," << y << " level " << lx << "," << ly << " tile " << tx << ","
                           << ty;
      }
  }
}

/// The cheap length is that of the sides' projections, where the panel is small.
TEST(LongerSide, is_that_of_the_projected_panel) {
  const glm::vec2 size(800, 600);
  Camera camera;
  camera.distance = 40;
  const glm::mat4 vp = camera.view_projection(size.x / size.y);
  Panel panel;
  panel.origin = {1, -2, 0.5F};
  panel.across = {0.05F, 0, 0};
  panel.down = {0, 0.02F, 0.01F};
  const auto at = [&](glm::vec3 p) { return glm::vec2(project(camera, p, size)); };
  const float across = glm::distance(at(panel.origin), at(panel.origin + panel.across));
  EXPECT_NEAR(longer_side_px(panel, vp, size), across, 0.01F * across);
  panel.down *= 100.0F;
  EXPECT_GT(longer_side_px(panel, vp, size), 10 * across);
  panel.origin = camera.eye() + (camera.eye() - camera.target);
  EXPECT_GT(longer_side_px(panel, vp, size), 1e6F) << "behind the eye";
}

}  // namespace
}  // namespace gf::render
