// Pictures as a whole: the same each time, true to picking, complete whatever the pool holds.
#include "renderer/pick.h"
#include "renderer/vulkan/frame_renderer.h"
#include "tests/renderer/core/drawing.h"

namespace gf::render {
namespace {

using namespace testing;

class Picture : public Drawing {};

TEST_F(Picture, the_same_scene_gives_the_same_pixels) {
  const Scene scene = machine_scene(2, 1, 16, 128, 8);
  Camera c;
  c.yaw = 0.3F;
  c.pitch = 0.2F;
  c = fit(c, scene.low, scene.high, 16.F / 9);
  auto first = offscreen(), second = offscreen();
  const Image a = draw(*first, scene, c);
  Camera closer = c;
  closer.distance *= 0.2F;
  draw(*first, scene, closer);  // leaves other tiles in the pool
  EXPECT_EQ(a.pixels, draw(*first, scene, c).pixels);
  EXPECT_EQ(a.pixels, draw(*second, scene, c).pixels);
}

TEST_F(Picture, ids_agree_with_rays) {
  std::mt19937 random(11);
  std::uniform_real_distribution<float> u(-1, 1);
  Scene scene;
  for (int i = 0; i < 30; ++i)
    scene.panels.push_back(panel_of(random_source(3 + i % 7, 5 + i % 11, 1), glm::vec3(u(random), u(random), u(random)) * 4.0F,
                                    glm::vec3(u(random), u(random), u(random)) * 4.0F, glm::vec3(u(random), u(random), u(random)) * 4.0F));
  Camera c;
  c.distance = 14;
  auto target = offscreen();
  const auto ids = target->draw_ids(scene, c, 640, 360);
  ASSERT_TRUE(ids.has_value()) << ids.error().message;
  int hits = 0, different = 0;
  for (int i = 0; i < 500; ++i) {
    const int x = static_cast<int>(random() % 640), y = static_cast<int>(random() % 360);
    const auto at = [&](float dx, float dy) {
      const auto hit =
          pick_panel(scene, ray_through(c, {static_cast<float>(x) + 0.5F + dx, static_cast<float>(y) + 0.5F + dy}, {640, 360}));
      return hit ? *hit : Hit{};
    };
    const Hit hit = at(0, 0);
    const auto& entry = ids->entries[static_cast<std::size_t>(y) * 640 + static_cast<std::size_t>(x)];
    hits += hit.panel >= 0 ? 1 : 0;
    bool same = entry.panel == hit.panel && (hit.panel < 0 || (entry.row == hit.row && entry.col == hit.col));
    // A centre that lies on a boundary within rounding may fall to either side.
    for (const glm::vec2 d : {glm::vec2(0.02F, 0), glm::vec2(-0.02F, 0), glm::vec2(0, 0.02F), glm::vec2(0, -0.02F)}) {
      const Hit h = at(d.x, d.y);
      same = same || (entry.panel == h.panel && (h.panel < 0 || (entry.row == h.row && entry.col == h.col)));
    }
    different += same ? 0 : 1;
  }
  EXPECT_EQ(different, 0);
  EXPECT_GT(hits, 100);
}

TEST_F(Picture, a_pool_that_is_too_small_still_shows_everything) {
  Scene scene;
  scene.ground = kGround;
  scene.panels.push_back(panel_of(random_source(300, 1200, 1), {-300, -75, 0}, {600, 0, 0}, {0, 150, 0}));
  auto small = offscreen(6 * TileCache::kTileBytes);
  const Image image = draw(*small, scene, facing(180), 640, 180);
  int empty = 0;
  for (int x = 30; x < 610; x += 10) empty += distance(pixel(image, x, 90), {14, 17, 22}) < 3 ? 1 : 0;
  EXPECT_LE(empty, 4);
}

Scene sixty_small_panels() {
  Scene scene;
  scene.ground = kGround;
  for (int i = 0; i < 60; ++i)
    scene.panels.push_back(panel_of(random_source(8, 12, static_cast<unsigned>(i)), {-300 + i * 10, -75, 0}, {9, 0, 0}, {0, 150, 0}));
  return scene;
}

/// A model of hundreds of small tensors: tiles of a few rows share the room of a whole one.
TEST_F(Picture, small_tiles_share_the_pool) {
  const Scene scene = sixty_small_panels();
  auto small = offscreen(16 * TileCache::kTileBytes);
  auto large = offscreen(96U << 20U);
  EXPECT_EQ(draw(*small, scene, facing(180), 640, 180).pixels, draw(*large, scene, facing(180), 640, 180).pixels);
}

/// More panels than the pool has tiles: the picture says so by empty frames, and nothing breaks.
TEST_F(Picture, more_small_panels_than_the_pool_holds_leave_empty_frames) {
  const Scene scene = sixty_small_panels();
  auto tiny = offscreen(2 * TileCache::kTileBytes);
  const Image image = draw(*tiny, scene, facing(180), 640, 180);
  int filled = 0;
  for (int i = 0; i < 60; ++i) filled += distance(pixel(image, 20 + i * 10 + 4, 90), {14, 17, 22}) >= 3 ? 1 : 0;
  EXPECT_GE(filled, 20);
  EXPECT_LT(filled, 60);
}

/// Draws without waiting, as a window does, until nothing is missing.
TEST_F(Picture, tiles_arrive_while_frames_go_on) {
  const auto device = std::static_pointer_cast<VulkanDevice>(device_);
  auto renderer = FrameRenderer::create(device, VK_FORMAT_R8G8B8A8_UNORM, 96U << 20U);
  ASSERT_TRUE(renderer.has_value()) << renderer.error().message;
  auto color = GpuImage::create(device, {.format = VK_FORMAT_R8G8B8A8_UNORM,
                                         .size = {320, 180},
                                         .usage = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT,
                                         .name = "target"});
  ASSERT_TRUE(color.has_value());
  const Scene scene = machine_scene(1, 1, 16, 128, 8);
  const Camera c = fit({}, scene.low, scene.high, 16.F / 9);
  std::vector<Commands> commands;
  for (int i = 0; i < kFramesInFlight; ++i) commands.push_back(std::move(*Commands::create(device)));
  int first = -1, missing = 1;
  for (int i = 0; i < 500 && missing > 0; ++i) {
    Commands& slot = commands[static_cast<std::size_t>(i % kFramesInFlight)];
    auto c0 = slot.begin();
    ASSERT_TRUE(c0.has_value());
    auto stats = (*renderer)->record(*c0, {.scene = &scene, .camera = c, .slot = i % kFramesInFlight},
                                     {color->handle(), color->view(), {320, 180}, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL});
    ASSERT_TRUE(stats.has_value()) << stats.error().message;
    ASSERT_TRUE(slot.submit().has_value());
    EXPECT_LE(stats->tiles_uploaded, static_cast<int>(TileCache::kUploadBytes / TileCache::kGranuleBytes));
    missing = stats->tiles_missing;
    if (first < 0) first = missing;
    if (missing > 0) (*renderer)->tiles().wait_for_news(std::chrono::milliseconds(200));
  }
  EXPECT_GT(first, 10) << "the first frame has nothing yet";
  EXPECT_EQ(missing, 0);
}

TEST_F(Picture, ribbons_and_lines_are_seen) {
  Scene scene;
  scene.ground = kGround;
  scene.ribbons.push_back(
      {{-100, -20, 0}, {-100, 20, 0}, {100, -20, 0}, {100, 20, 0}, {100, 0, 0}, {100, 0, 0}, {0, 0.5F, 1, 0.8F}, {0, 0.5F, 1, 0.8F}});
  scene.lines.push_back({{{-80, 50, 0}, {80, 50, 0}}, {1, 0, 0, 1}, 3, false, false});
  auto target = offscreen();
  Image image = draw(*target, scene, facing(180), 320, 180);
  EXPECT_GT(pixel(image, 160, 90)[2], 100);
  EXPECT_EQ(pixel(image, 160, 140), (Rgb8{255, 0, 0}));
  EXPECT_EQ(pixel(image, 160, 20), (Rgb8{14, 17, 22}));
  scene.ribbons[0].shown = 0.25F;
  image = draw(*target, scene, facing(180), 320, 180);
  EXPECT_GT(pixel(image, 80, 90)[2], 100);
  EXPECT_EQ(pixel(image, 200, 90), (Rgb8{14, 17, 22}));
  scene.ribbons[0].shown = 1;
  scene.ribbons[0].cut = true;
  image = draw(*target, scene, facing(180), 320, 180);
  int gap = 0;
  for (int x = 150; x < 170; ++x) gap += distance(pixel(image, x, 90), {14, 17, 22}) < 12 ? 1 : 0;
  EXPECT_GE(gap, 3);
}

TEST_F(Picture, a_solid_ribbon_is_of_one_colour_and_covers_what_lies_behind_it) {
  Scene scene;
  scene.ground = kGround;
  scene.panels.push_back(panel_of(random_source(8, 16, 9), {-40, -10, 1}, {80, 0, 0}, {0, 20, 0}));
  scene.lines.push_back({{{-150, 0, 0.5F}, {150, 0, 0.5F}}, {1, 0, 0, 1}, 3, false, false});
  const Color blue{0.2F, 0.4F, 0.6F, 1};
  scene.ribbons.push_back({{-100, -20, 0}, {-100, 20, 0}, {100, -20, 0}, {100, 20, 0}, {200, 0, 0}, {200, 0, 0}, blue, blue});
  scene.ribbons[0].solid = true;
  auto target = offscreen();
  const Image image = draw(*target, scene, facing(180), 320, 180);
  for (int x = 64; x < 258; x += 3)
    for (const int y : {74, 82, 90, 98, 106}) EXPECT_EQ(pixel(image, x, y), (Rgb8{51, 102, 153})) << x << ", " << y;
  EXPECT_EQ(pixel(image, 30, 90), (Rgb8{255, 0, 0})) << "beside it the line is seen";
}

// What hardware does; a software rasteriser can, but is slow at it.
TEST_F(Picture, four_samples_a_pixel_keep_cells_exact) {
  DeviceOptions options;
  options.validation = true;
  options.samples = 4;
  options.on_message = [](const std::string& message) { ADD_FAILURE() << message; };
  auto device = Device::create(options);
  ASSERT_TRUE(device.has_value()) << device.error().message;
  auto target = Offscreen::create(*device);
  ASSERT_TRUE(target.has_value()) << target.error().message;
  Scene scene;
  scene.ground = kGround;
  scene.panels.push_back(panel_of(random_source(8, 16, 9), {-80, -40, 0}, {160, 0, 0}, {0, 80, 0}));
  scene.ribbons.push_back({{-100, -20, 3}, {-100, 20, 3}, {100, -20, 3}, {100, 20, 3}, {100, 0, 0}, {100, 0, 0}});
  const Image image = draw(**target, scene, facing(120), 240, 120);
  for (int row = 0; row < 8; ++row)
    for (int col = 0; col < 16; ++col)
      EXPECT_LE(distance(pixel(image, 40 + col * 10 + 5, 20 + row * 10 + 5),
                         color_of(scene.panels[0].source->value(row, col), 1, 0, ColorMap::Signed, Theme::Dark)),
                3);
}

TEST_F(Picture, the_full_screen_pass_takes_time) {
  auto target = offscreen();
  const auto ms = target->raster_reference_ms(320, 180);
  ASSERT_TRUE(ms.has_value()) << ms.error().message;
  EXPECT_GT(*ms, 0);
}

}  // namespace
}  // namespace gf::render
