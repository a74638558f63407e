// Names at the edges of the picture: they belong to the rows and columns that are there, for every zoom.
#include "app/scene/edge_names.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <thread>

#include "app/scene/compose.h"
#include "app/scene/placed_names.h"
#include "app/scene/sheet_axes.h"
#include "app/scene/views.h"
#include "tests/app/truth/small_model.h"

namespace gf::scene {
namespace {

class EdgeNamesTest : public testing::Test {
 protected:
  static constexpr int kT = 9;
  EdgeNamesTest() {
    do built = machine.build(input, view, pane);
    while (!machine.settled());
  }

  [[nodiscard]] int panel_of(const TensorRef& tensor, int head = -1) const {
    for (std::size_t i = 0; i < built.panels.size(); ++i)
      if (built.panels[i].tensor == tensor && (head < 0 || built.panels[i].head == head)) return static_cast<int>(i);
    return -1;
  }
  /// As one comes nearer to a place of the sheet, told by its shares of width and height.
  [[nodiscard]] render::Camera looking_at(int panel, glm::vec2 share, float zoom) const {
    render::Camera camera = camera_for(built, panel, pane.aspect());
    const render::Panel& p = built.scene->panels[static_cast<std::size_t>(panel)];
    camera.target = p.origin + p.across * share.x + p.down * share.y;
    camera.distance *= zoom;
    return camera;
  }
  [[nodiscard]] std::vector<EdgeName> names(const SheetInFocus& focus, const render::Camera& camera) const {
    return edge_names(built, input, focus, render::Projection(camera, pane.size), camera.target, room);
  }
  /// Row and column of a panel below a pixel, in cells; they may lie beyond the panel.
  [[nodiscard]] glm::vec2 cell_below(int panel, const render::Camera& camera, glm::vec2 pixel) const {
    const render::Panel& p = built.scene->panels[static_cast<std::size_t>(panel)];
    const PanelInfo& info = built.panels[static_cast<std::size_t>(panel)];
    const render::Ray ray = render::ray_through(camera, pixel, pane.size);
    const glm::vec3 normal = glm::cross(p.across, p.down);
    const glm::vec3 at =
        ray.origin + ray.direction * (glm::dot(p.origin - ray.origin, normal) / glm::dot(ray.direction, normal)) - p.origin;
    return {glm::dot(at, p.down) / glm::dot(p.down, p.down) * static_cast<float>(info.rows),
            glm::dot(at, p.across) / glm::dot(p.across, p.across) * static_cast<float>(info.cols)};
  }
  [[nodiscard]] std::string expected(const EdgeName& name) const {
    if (name.left_out > 0) return words_of_note(name.left_out);
    const PanelInfo& info = built.panels[static_cast<std::size_t>(name.panel)];
    const SheetAxes axes = axes_of(info, config);
    const SheetAxis& axis = name.of_row ? axes.rows : axes.cols;
    const int number = axis.first + name.index;
    switch (axis.kind) {
      case SheetAxis::Kind::Position: return built.row_texts[static_cast<std::size_t>(number)];
      case SheetAxis::Kind::Word: return std::string(1, static_cast<char>('!' + number % 90));
      case SheetAxis::Kind::OfHeads: return std::to_string(number % config.d_head);
      default: return std::to_string(number);
    }
  }
  void expect_true(const EdgeName& name, const render::Camera& camera) const {
    if (name.left_out > 0) return;
    constexpr float kAir = 5.5F;  // from a name to the sheet that it stands beside
    const glm::vec2 middle = (name.box.low + name.box.high) / 2.0F;
    const float half = 0.5F * static_cast<float>(name.count) + 0.05F;
    if (name.of_row) {
      const glm::vec2 beside{name.box.low.x <= room.free.low.x + 40 ? name.box.low.x : name.box.high.x + kAir, middle.y};
      EXPECT_NEAR(cell_below(name.panel, camera, beside).x, static_cast<float>(name.index) + 0.5F, half) << name.label.text;
    } else {
      const bool below = built.panels[static_cast<std::size_t>(name.panel)].mapping == PanelInfo::Mapping::Causal;
      const glm::vec2 beside{middle.x, below ? std::max(name.box.low.y - kAir, 0.0F) : std::min(name.box.high.y + kAir, pane.size.y)};
      EXPECT_NEAR(cell_below(name.panel, camera, beside).y, static_cast<float>(name.index) + 0.5F * static_cast<float>(name.count),
                  half + 0.5F)
          << name.label.text;
    }
    if (name.count == 1) {
      EXPECT_EQ(name.label.text, expected(name));
    }
  }

  std::shared_ptr<const Model> model = testing_models::random_model(testing_models::small_config(), 3);
  std::shared_ptr<const gf::Run> run =
      testing_models::run_of(*model, testing_models::random_ids(kT, 57, 5), testing_models::everything(), "");
  SceneInput input{model, run};
  const ModelConfig& config = model->weights->config;
  ViewState view;
  Pane pane;
  SceneBuilder machine;
  ViewScene built;
  EdgeRoom room{{{3, 3}, {1277, 640}}, {{{3, 500}, {180, 640}}, {{200, 3}, {420, 34}}}};
};

TEST_F(EdgeNamesTest, belong_to_the_rows_and_columns_that_are_there_at_every_zoom) {
  int rows = 0, columns = 0;
  for (const HookKind kind :
       {HookKind::ResidPre, HookKind::Q, HookKind::AttnScores, HookKind::Pattern, HookKind::Result, HookKind::MlpPre, HookKind::MlpOut})
    for (const float zoom : {1.0F, 0.6F, 0.3F, 0.15F, 0.06F})
      for (const glm::vec2 share : {glm::vec2(0.5F), {0.1F, 0.9F}, {0.93F, 0.2F}})
        for (const bool pointed : {false, true}) {
          const int panel = panel_of({{kind, 1}, {}});
          ASSERT_GE(panel, 0);
          SCOPED_TRACE(name_of({kind, 1}) + ", zoom " + std::to_string(zoom) + ", " + std::to_string(share.x));
          render::Camera camera = looking_at(panel, share, zoom);
          camera.yaw = pointed ? 0.25F : -0.1F;
          SheetInFocus focus{panel};
          focus.pointed = pointed;
          for (const EdgeName& name : names(focus, camera)) {
            expect_true(name, camera);
            if (name.panel == panel) ++(name.of_row ? rows : columns);
          }
        }
  EXPECT_GT(rows, 100);
  EXPECT_GT(columns, 100);
}

TEST_F(EdgeNamesTest, of_a_shelf_are_those_of_its_weights) {
  for (const char* weight : {"wte.weight", "h.1.attn.c_attn.weight", "h.1.mlp.c_proj.weight", "lm_head.weight"})
    for (const float zoom : {1.0F, 0.4F, 0.2F}) {
      const int panel = panel_of({{}, weight});
      ASSERT_GE(panel, 0) << weight;
      const render::Camera camera = looking_at(panel, {0.5F, 0.5F}, zoom);
      const auto all = names({panel, std::nullopt, true}, camera);
      EXPECT_FALSE(all.empty()) << weight;
      for (const EdgeName& name : all)
        if (name.count == 1) {
          EXPECT_EQ(name.label.text, expected(name)) << weight;
        }
    }
}

TEST_F(EdgeNamesTest, never_overlap_each_other_or_what_is_taken_and_stay_in_the_picture) {
  for (const HookKind kind : {HookKind::ResidPre, HookKind::Q, HookKind::Pattern, HookKind::MlpPost})
    for (float zoom = 1; zoom > 0.03F; zoom *= 0.7F) {
      const int panel = panel_of({{kind, 1}, {}});
      const render::Camera camera = looking_at(panel, {0.35F, 0.6F}, zoom);
      const auto all = names({panel, glm::ivec2(4, 2), true}, camera);
      for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_GE(all[i].label.max_px, 9) << "legible";
        EXPECT_GE(all[i].box.low.x, room.free.low.x - 1);
        EXPECT_LE(all[i].box.high.x, room.free.high.x + 1);
        EXPECT_GE(all[i].box.low.y, room.free.low.y - 1);
        EXPECT_LE(all[i].box.high.y, room.free.high.y + 1);
        for (const ScreenBox& taken : room.taken) EXPECT_FALSE(all[i].box.meets(taken)) << all[i].label.text;
        for (std::size_t k = 0; k < i; ++k) EXPECT_FALSE(all[i].box.meets(all[k].box)) << all[i].label.text << all[k].label.text;
      }
    }
}

TEST_F(EdgeNamesTest, stick_to_the_edges_where_the_sheet_reaches_beyond_them) {
  const int panel = panel_of({{HookKind::Q, 1}, {}});
  const auto all = names({panel}, looking_at(panel, {0.5F, 0.5F}, 0.3F));
  int left = 0, above = 0, heads = 0;
  for (const EdgeName& name : all) {
    if (name.of_row && name.box.low.x < 40) ++left;
    if (!name.of_row && name.box.low.y < 40) ++above;
    if (name.count > 1) ++heads;
  }
  EXPECT_GE(left, 2);
  EXPECT_GE(above, 5);
  EXPECT_GE(heads, 1) << "the head whose columns are seen is named over them";
}

TEST_F(EdgeNamesTest, a_pattern_carries_its_keys_below) {
  const int panel = panel_of({{HookKind::Pattern, 1}, {}}, 1);
  render::Camera camera = camera_for(built, panel, pane.aspect());
  const render::Panel& plate = built.scene->panels[static_cast<std::size_t>(panel)];
  int keys = 0;
  for (const EdgeName& name : names({panel}, camera)) {
    if (name.of_row || name.panel != panel) continue;
    ++keys;
    const glm::vec3 foot = plate.origin + plate.down + plate.across * ((static_cast<float>(name.index) + 0.5F) / kT);
    const glm::vec2 at(render::project(camera, foot, pane.size));
    EXPECT_GE(name.box.low.y, std::min(at.y, room.free.high.y - 60));
    EXPECT_NEAR((name.box.low.x + name.box.high.x) / 2, at.x, 2);
  }
  EXPECT_EQ(keys, kT);
}

TEST_F(EdgeNamesTest, of_the_cell_under_the_pointer_stand_out) {
  const int panel = panel_of({{HookKind::ResidPre, 1}, {}});
  const auto all = names({panel, glm::ivec2(3, 7), true}, looking_at(panel, {0.5F, 0.5F}, 0.8F));
  const auto bold = std::ranges::count_if(all, [](const EdgeName& name) { return name.label.bold; });
  EXPECT_EQ(bold, 2);
  for (const EdgeName& name : all)
    if (name.label.bold) {
      EXPECT_EQ(name.index, name.of_row ? 3 : 7);
    }
}

TEST_F(EdgeNamesTest, at_home_sheets_are_too_small_for_them) {
  const render::Camera home = machine.home(input, view, pane);
  EXPECT_TRUE(names({sheet_in_middle(built, home, pane)}, home).empty());
}

}  // namespace
}  // namespace gf::scene
