// What the picture shows: each pixel's colour is its cell's value, and a ray finds what a pixel shows.
#include <cstdlib>

#include "renderer/pick.h"
#include "tests/app/truth/views.h"

namespace gf::truth {
namespace {

constexpr int kCells = 1000, kPicks = 800;
constexpr float kSnap = 1.0F / 128;

class Pixels : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    render::DeviceOptions options;
    options.validation = true;
    options.on_message = [](const std::string& text) { ADD_FAILURE() << text; };
    auto device = render::Device::create(options);
    ASSERT_TRUE(device.has_value()) << device.error().message;
    device_ = *device;
    auto target = render::Offscreen::create(device_);
    ASSERT_TRUE(target.has_value()) << target.error().message;
    target_ = std::move(*target);
  }
  static void TearDownTestSuite() {
    if (device_) {
      EXPECT_EQ(device_->messages(), 0);
    }
    target_.reset();
    device_.reset();
  }
  void SetUp() override { ASSERT_NE(target_, nullptr); }

  static inline std::shared_ptr<render::Device> device_;
  static inline std::unique_ptr<render::Offscreen> target_;
};

/// The scene with nothing that lies over cells by design.
render::Scene bare(const render::Scene& scene) {
  render::Scene copy = scene;
  copy.labels.clear();
  copy.ribbons.clear();
  copy.lines.clear();
  return copy;
}

struct Footprint {
  glm::vec2 center{0};
  float width = 0, height = 0;
};
Footprint footprint(const render::Panel& panel, int row, int col, const render::Camera& camera) {
  const glm::vec2 size(kWidth, kHeight);
  const glm::vec3 dx = panel.across / static_cast<float>(panel.source->cols()), dy = panel.down / static_cast<float>(panel.source->rows());
  const glm::vec3 c = panel.origin + dx * (static_cast<float>(col) + 0.5F) + dy * (static_cast<float>(row) + 0.5F);
  const auto at = [&](glm::vec3 p) { return glm::vec2(render::project(camera, p, size)); };
  return {at(c), glm::length(at(c + 0.5F * dx) - at(c - 0.5F * dx)), glm::length(at(c + 0.5F * dy) - at(c - 0.5F * dy))};
}

const render::IdImage::Entry& id_at(const render::IdImage& ids, int x, int y) {
  return ids.entries[static_cast<std::size_t>(y * ids.width + x)];
}
bool same_cell_around(const render::IdImage& ids, int x, int y) {
  if (x < 1 || y < 1 || x + 1 >= ids.width || y + 1 >= ids.height) return false;
  const auto& own = id_at(ids, x, y);
  // The pixel's own cell reaches its edges; neighbours may be another cell of a 3 px grid, but not another panel.
  for (int j = -1; j <= 1; ++j)
    for (int i = -1; i <= 1; ++i)
      if (id_at(ids, x + i, y + j).panel != own.panel) return false;
  return true;
}

TEST_F(Pixels, a_thousand_cells_show_the_colour_of_their_value) {
  for (const View& v : views()) {
    SCOPED_TRACE(v.name);
    scene::SceneBuilder machine;
    const Built built = build(machine, v);
    const render::Scene scene = bare(*built.scene.scene);
    const auto image = target_->draw(scene, built.camera, kWidth, kHeight);
    const auto ids = target_->draw_ids(scene, built.camera, kWidth, kHeight);
    ASSERT_TRUE(image.has_value()) << image.error().message;
    ASSERT_TRUE(ids.has_value()) << ids.error().message;
    testing_models::Lcg rng{2024};
    int checked = 0, wrong = 0, tried = 0;
    for (; checked < kCells && tried < 400000; ++tried) {
      const auto& hit = id_at(*ids, rng.below(kWidth), rng.below(kHeight));
      if (hit.panel < 0) continue;
      const auto p = static_cast<std::size_t>(hit.panel);
      const render::Panel& panel = scene.panels[p];
      const Footprint f = footprint(panel, hit.row, hit.col, built.camera);
      if (f.width < 3 || f.height < 3 || panel.alpha < 1) continue;
      const int x = static_cast<int>(f.center.x), y = static_cast<int>(f.center.y);
      if (x < 0 || y < 0 || x >= kWidth || y >= kHeight || !same_cell_around(*ids, x, y)) continue;
      const auto& centre = id_at(*ids, x, y);
      if (centre.panel != hit.panel || centre.row != hit.row || centre.col != hit.col) continue;
      if (static_cast<float>(hit.row) + static_cast<float>(hit.col + 1) / static_cast<float>(panel.source->cols()) > panel.rows_shown)
        continue;
      const auto cell = built.scene.panels[p].cell(hit.row, hit.col, v.input.model->weights->config);
      if (!cell) continue;
      const float value = true_value(*cell, v);
      if (!std::isfinite(value)) continue;
      const render::Rgb8 expected = render::color_of(value, panel.scale, panel.offset, panel.map, v.theme);
      const std::uint8_t* pixel = &image->pixels[static_cast<std::size_t>(4 * (y * kWidth + x))];
      ++checked;
      int off = 0;
      for (std::size_t i = 0; i < 3; ++i) off = std::max(off, std::abs(static_cast<int>(pixel[i]) - static_cast<int>(expected[i])));
      if (off > 3 && ++wrong <= 5)
        ADD_FAILURE() << cell->tensor.name() << " [" << cell->index[0] << ',' << cell->index[1] << ',' << cell->index[2] << "] value "
                      << value << " scale " << panel.scale << ", cell of " << f.width << " x " << f.height << " px at " << x << ',' << y
                      << ": off by " << off;
    }
    EXPECT_EQ(wrong, 0) << "of " << checked;
    // All of fable at 720p has few cells of 3 px; what is there is checked.
    EXPECT_GE(checked, v.cells ? kCells : 0) << "after " << tried << " pixels";
  }
}

TEST_F(Pixels, rows_that_are_not_computed_show_no_values) {
  const auto all = views();
  for (const View& v : all) {
    if (v.time > 1e17) continue;
    SCOPED_TRACE(v.name);
    scene::SceneBuilder machine;
    const Built built = build(machine, v);
    View end = v;
    end.time = 1e18;
    const Built ended = build(machine, end);
    int partial = 0;
    for (std::size_t i = 0; i < built.scene.panels.size(); ++i) {
      const auto& info = built.scene.panels[i];
      if (info.tensor.is_weight()) continue;
      const float rows = built.scene.scene->panels[i].rows_shown;
      if (rows < static_cast<float>(info.rows)) ++partial;
    }
    EXPECT_GT(partial, 0);
    for (std::size_t i = 0; i < ended.scene.panels.size(); ++i)
      EXPECT_GE(ended.scene.scene->panels[i].rows_shown, static_cast<float>(ended.scene.panels[i].rows))
          << ended.scene.panels[i].tensor.name();
  }
}

TEST_F(Pixels, a_ray_finds_what_the_id_image_shows) {
  for (const View& v : views()) {
    SCOPED_TRACE(v.name);
    scene::SceneBuilder machine;
    const Built built = build(machine, v);
    const auto ids = target_->draw_ids(*built.scene.scene, built.camera, kWidth, kHeight);
    ASSERT_TRUE(ids.has_value()) << ids.error().message;
    testing_models::Lcg rng{77};
    int hits = 0, wrong = 0;
    for (int i = 0; i < kPicks; ++i) {
      const int x = rng.below(kWidth), y = rng.below(kHeight);
      const auto& id = id_at(*ids, x, y);
      const auto expected = std::tuple(id.panel, id.panel < 0 ? 0 : id.row, id.panel < 0 ? 0 : id.col);
      const auto picked = [&](glm::vec2 shift) {
        const auto hit =
            render::pick_panel(*built.scene.scene, render::ray_through(built.camera, glm::vec2(x, y) + 0.5F + shift, {kWidth, kHeight}));
        return hit ? std::tuple(hit->panel, hit->row, hit->col) : std::tuple(-1, 0, 0);
      };
      auto got = picked({0, 0});
      // A rasteriser knows corners to 1/256 of a pixel: where an edge runs through the pixel's middle both are right.
      for (const glm::vec2 shift : {glm::vec2(kSnap, 0), glm::vec2(-kSnap, 0), glm::vec2(0, kSnap), glm::vec2(0, -kSnap)})
        if (got != expected && picked(shift) == expected) got = expected;
      hits += id.panel >= 0 ? 1 : 0;
      if (got != expected && ++wrong <= 5)
        ADD_FAILURE() << "pixel " << x << ',' << y << ": ray " << std::get<0>(got) << ' ' << std::get<1>(got) << ' ' << std::get<2>(got)
                      << ", id image " << id.panel << ' ' << id.row << ' ' << id.col;
    }
    EXPECT_EQ(wrong, 0);
    EXPECT_GT(hits, 20);
  }
}

doc::Document document_of(const View& v, const render::Camera& camera) {
  doc::Document document;
  document.view = v.view;
  document.theme = v.theme;
  document.time = v.time;
  document.compare = v.compare;
  document.camera = camera;
  document.selection = scene::CellRef{{{HookKind::Z, 1}, {}}, {2, 1, 1}};
  return document;
}

TEST_F(Pixels, the_same_frame_twice_is_the_same_pixels) {
  for (const View& v : views()) {
    SCOPED_TRACE(v.name);
    std::vector<std::uint8_t> first;
    for (int turn = 0; turn < 2; ++turn) {
      scene::SceneBuilder machine;
      const Built built = build(machine, v);
      // The second time on a device target that has drawn nothing yet.
      auto fresh = render::Offscreen::create(device_);
      ASSERT_TRUE(fresh.has_value());
      const auto image = exporting::draw_picture(turn == 0 ? *target_ : **fresh, machine, v.input, document_of(v, built.camera), {});
      ASSERT_TRUE(image.has_value()) << image.error().message;
      if (turn == 0) first = image->pixels;
      else EXPECT_TRUE(first == image->pixels);
    }
  }
}

}  // namespace
}  // namespace gf::truth
