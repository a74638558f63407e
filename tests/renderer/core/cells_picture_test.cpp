// What a cell shows.
#include "renderer/pick.h"
#include "tests/renderer/core/drawing.h"

namespace gf::render {
namespace {

using namespace testing;

class CellsPicture : public Drawing {};

TEST_F(CellsPicture, a_thousand_cells_show_their_own_colour) {
  Scene scene = machine_scene(1, 1, 16, 64, 8);
  scene.ribbons.clear();  // these and frames lie over cells
  for (Panel& p : scene.panels) p.frame.a = 0;
  auto target = offscreen();
  std::mt19937 random(7);
  std::uniform_real_distribution<float> u(-1, 1);
  int checked = 0;
  const glm::vec2 size{960, 540};
  for (int view = 0; checked < 1000 && view < 40; ++view) {
    Camera c = fit({{}, 1, 0.7F * u(random), 0.5F * u(random)}, scene.low, scene.high, size.x / size.y);
    c.distance *= 0.55F + 0.2F * u(random);
    c.target += glm::vec3(8 * u(random), 3 * u(random), 0);
    const Image image = draw(*target, scene, c, 960, 540);
    for (int i = 0; i < 400; ++i) {
      const glm::vec2 px{size.x * std::abs(u(random)), size.y * std::abs(u(random))};
      const auto hit = pick_panel(scene, ray_through(c, px, size));
      if (!hit) continue;
      const Panel& p = scene.panels[static_cast<std::size_t>(hit->panel)];
      const float cols = static_cast<float>(p.source->cols()), rows = static_cast<float>(p.source->rows());
      const glm::vec3 centre =
          p.origin + p.across * ((static_cast<float>(hit->col) + 0.5F) / cols) + p.down * ((static_cast<float>(hit->row) + 0.5F) / rows);
      const glm::vec3 at = project(c, centre, size);
      if (at.x < 0 || at.y < 0 || at.x >= size.x || at.y >= size.y) continue;
      // 3 px or more: the cell's distance from edge to edge, here from the pixels beside the centre.
      const int x = static_cast<int>(at.x), y = static_cast<int>(at.y);
      bool all = true;
      for (const glm::vec2 d : {glm::vec2(0), glm::vec2(1, 0), glm::vec2(-1, 0), glm::vec2(0, 1), glm::vec2(0, -1), glm::vec2(1, 1),
                                glm::vec2(-1, -1), glm::vec2(1, -1), glm::vec2(-1, 1)}) {
        const auto h = pick_panel(scene, ray_through(c, glm::vec2(at) + d * 1.45F, size));
        all = all && h && h->panel == hit->panel && h->row == hit->row && h->col == hit->col;
      }
      const float v = p.source->value(hit->row, hit->col);
      if (!all || std::isnan(v)) continue;
      ++checked;
      EXPECT_LE(distance(pixel(image, x, y), color_of(v, p.scale, p.offset, p.map, scene.theme)), 3)
          << "panel " << hit->panel << " row " << hit->row << " col " << hit->col << " at " << x << "," << y << " view " << view;
    }
  }
  EXPECT_GE(checked, 1000);
}

TEST_F(CellsPicture, each_level_shows_the_values_of_its_texels) {
  // A texel to a pixel at level (2, 1): the picture is the colour of shown_value, computed the plain way.
  const auto source = random_source(128, 1024, 3);
  Scene scene;
  scene.ground = kGround;
  scene.panels.push_back(panel_of(source, {-128, -32, 0}, {256, 0, 0}, {0, 64, 0}));
  scene.panels[0].frame.a = 0;
  auto target = offscreen();
  const Image image = draw(*target, scene, facing(128), 320, 128);
  std::vector<Texel> tile(static_cast<std::size_t>(kTileSize) * kTileSize);
  source->fill({2, 1, 0, 0}, tile);
  int far_off = 0;
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 128; ++x) {
      const Texel& t = tile[static_cast<std::size_t>(y * kTileSize + x)];
      far_off +=
          distance(pixel(image, 32 + x, 32 + y), color_of(shown_value(t.mean, t.extreme), 1, 0, ColorMap::Signed, Theme::Dark)) > 6 ? 1 : 0;
    }
  EXPECT_LE(far_off, 8);
}

TEST_F(CellsPicture, rows_shown_cuts_in_the_middle_of_a_row) {
  Scene scene;
  scene.ground = kGround;
  scene.panels.push_back(panel_of(random_source(8, 16, 9), {-160, -80, 0}, {320, 0, 0}, {0, 160, 0}));
  Panel& p = scene.panels[0];
  p.rows_shown = 3.5F;
  p.empty = {0, 1, 0, 1};
  auto target = offscreen();
  const Image image = draw(*target, scene, facing(180), 360, 180);
  for (int row = 0; row < 8; ++row)
    for (int col = 0; col < 16; ++col) {
      const bool there = row < 3 || (row == 3 && col < 8);
      const Rgb8 expected = there ? color_of(p.source->value(row, col), 1, 0, p.map, Theme::Dark) : Rgb8{0, 255, 0};
      EXPECT_LE(distance(pixel(image, 20 + col * 20 + 10, 10 + row * 20 + 10), expected), 3) << row << "," << col;
    }
}

TEST_F(CellsPicture, missing_values_let_the_ground_through) {
  Scene scene;
  scene.ground = kGround;
  scene.panels.push_back(panel_of(pattern_source(8, 1), {-80, -80, 0}, {160, 0, 0}, {0, 160, 0}));
  scene.panels[0].map = ColorMap::Sequential;
  scene.panels.push_back(panel_of(random_source(1, 1, 2), {-80, -80, 4}, {160, 0, 0}, {0, 160, 0}));
  auto target = offscreen();
  const Image image = draw(*target, scene, facing(180), 360, 180);
  const Rgb8 behind = color_of(scene.panels[1].source->value(0, 0), 1, 0, ColorMap::Signed, Theme::Dark);
  EXPECT_LE(distance(pixel(image, 100 + 150, 10 + 30), behind), 3) << "row 1, col 7: masked, and transparent";
  EXPECT_LE(
      distance(pixel(image, 100 + 10, 10 + 30), color_of(scene.panels[0].source->value(1, 0), 1, 0, ColorMap::Sequential, Theme::Dark)), 3);
}

TEST_F(CellsPicture, nearest_panel_hides_the_other) {
  for (const bool swapped : {false, true}) {
    Scene scene;
    scene.ground = kGround;
    std::vector<float> one{1}, minus{-1};
    const auto front = std::make_shared<ArraySource>(1, 1, one), back = std::make_shared<ArraySource>(1, 1, minus);
    scene.panels.push_back(panel_of(swapped ? back : front, {-50, -50, swapped ? 20.F : -20.F}, {100, 0, 0}, {0, 100, 0}));
    scene.panels.push_back(panel_of(swapped ? front : back, {-50, -50, swapped ? -20.F : 20.F}, {100, 0, 0}, {0, 100, 0}));
    auto target = offscreen();
    EXPECT_EQ(pixel(draw(*target, scene, facing(180), 180, 180), 90, 90), color_of(1, 1, 0, ColorMap::Signed, Theme::Dark));
  }
}

}  // namespace
}  // namespace gf::render
