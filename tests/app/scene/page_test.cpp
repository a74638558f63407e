// The Machine as a page: where blocks, lines and ends stand, and what the named cameras show of them.
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <set>

#include "app/scene/builder_state.h"
#include "app/scene/legend.h"
#include "renderer/visible_panels.h"
#include "tests/app/scene/page_input.h"

namespace gf::scene {
namespace {

constexpr float kTouch = 1e-4F;

struct Shape {
  const char* name;
  ModelConfig config;
};
std::vector<Shape> shapes() {
  return {{"sort-nano", config_of(3, 3, 16, 192, 3, true, 11)},
          {"fable", config_of(6, 8, 32, 1024, 4096, true, 256)},
          {"GPT-2 small", config_of(12, 12, 64, 3072, 50257, true, 1024)},
          {"GPT-2 XL", config_of(48, 25, 64, 6400, 50257, true, 1024)}};
}
Shape fable() { return shapes()[1]; }

Pane pane_of(float width, float height) {
  Pane pane;
  pane.size = {width, height};
  pane.foot = legend_share(pane);
  return pane;
}
const std::vector<Pane>& panes() {
  static const std::vector<Pane> all{pane_of(1280, 720), pane_of(3840, 2160), pane_of(960, 720), pane_of(1680, 720), pane_of(2560, 720)};
  return all;
}

/// A page and its scene, without values.
struct Laid {
  Layout layout;
  ViewScene scene;
};
Laid laid(const ModelConfig& config, int T, const Pane& pane, bool everything = false) {
  LayoutInput in = input_of(config, T, page_aspect(pane), everything);
  in.letters = page_letters(pane);
  in.lines = page_lines(pane);
  Laid made{make_layout(in), {}};
  made.scene.scene = std::make_shared<render::Scene>();
  for (const LayoutPanel& p : made.layout.panels) {
    render::Panel panel;
    panel.origin = p.origin;
    panel.across = p.across;
    panel.down = p.down;
    made.scene.scene->panels.push_back(panel);
    made.scene.panels.push_back(p.info);
  }
  made.scene.scene->low = made.layout.low;
  made.scene.scene->high = made.layout.high;
  made.scene.blocks = made.layout.blocks;
  made.scene.home = {made.layout.low, made.layout.high};
  return made;
}

std::string case_of(const Shape& shape, int T, const Pane& pane) {
  return std::string(shape.name) + ", T " + std::to_string(T) + ", " + std::to_string(static_cast<int>(pane.size.x)) + "x" +
         std::to_string(static_cast<int>(pane.size.y));
}

template <class Check>
void for_all_pages(const Check& check, bool everything = false) {
  for (const Shape& shape : shapes())
    for (const int T : {1, 8, 14, 100, 1024})
      for (const Pane& pane : panes()) {
        SCOPED_TRACE(case_of(shape, T, pane));
        check(shape, T, pane, laid(shape.config, T, pane, everything));
        if (testing::Test::HasFailure()) return;
      }
}

struct Rect {
  glm::vec2 low, high;
};
Rect rect_of(const Layout& layout, int block) {
  const ViewScene::Box& box = layout.blocks[static_cast<std::size_t>(block) + 1];
  return {box.low, box.high};
}
bool apart(const Rect& a, const Rect& b) {
  return a.high.x < b.low.x + kTouch || b.high.x < a.low.x + kTouch || a.high.y < b.low.y + kTouch || b.high.y < a.low.y + kTouch;
}
bool inside(const Rect& a, const Rect& of) {
  return a.low.x > of.low.x - kTouch && a.low.y > of.low.y - kTouch && a.high.x < of.high.x + kTouch && a.high.y < of.high.y + kTouch;
}
Rect front_of(const LayoutPanel& p) {
  const glm::vec3 far = p.origin + p.across + p.down;
  return {glm::min(glm::vec2(p.origin), glm::vec2(far)), glm::max(glm::vec2(p.origin), glm::vec2(far))};
}

TEST(Page, nothing_of_another_block_enters_the_rectangle_of_a_block) {
  for (const bool everything : {false, true})
    for_all_pages(
        [](const Shape& shape, int, const Pane&, const Laid& page) {
          const int n_layer = shape.config.n_layer;
          for (int a = 0; a < n_layer; ++a)
            for (int b = a + 1; b < n_layer; ++b) ASSERT_TRUE(apart(rect_of(page.layout, a), rect_of(page.layout, b))) << a << " and " << b;
          for (const LayoutPanel& p : page.layout.panels) {
            const int owner = block_of(p.info.tensor);
            for (int b = 0; b < n_layer; ++b)
              ASSERT_TRUE(owner == b ? inside(front_of(p), rect_of(page.layout, b)) : apart(front_of(p), rect_of(page.layout, b)))
                  << p.info.tensor.name() << " and block " << b;
          }
          for (const LayoutRibbon& r : page.layout.ribbons) {
            // The hull of the control points.
            Rect hull{glm::vec2(1e9F), glm::vec2(-1e9F)};
            for (const glm::vec3& at :
                 {r.a0, r.a1, r.b0, r.b1, r.a0 + r.a_out / 3.0F, r.a1 + r.a_out / 3.0F, r.b0 - r.b_in / 3.0F, r.b1 - r.b_in / 3.0F}) {
              hull.low = glm::min(hull.low, glm::vec2(at));
              hull.high = glm::max(hull.high, glm::vec2(at));
            }
            for (int b = 0; b < n_layer; ++b) {
              if (r.from.layer != b && r.into.layer != b) {
                ASSERT_TRUE(apart(hull, rect_of(page.layout, b))) << name_of(r.from) << " into " << name_of(r.into) << ", block " << b;
              }
            }
          }
        },
        everything);
}

TEST(Page, blocks_follow_each_other_like_words_on_lines) {
  for_all_pages([](const Shape& shape, int, const Pane&, const Laid& page) {
    const Layout& layout = page.layout;
    ASSERT_EQ(static_cast<int>(layout.lines.size()), (shape.config.n_layer + layout.columns - 1) / layout.columns);
    for (int b = 1; b < shape.config.n_layer; ++b) {
      const Rect before = rect_of(layout, b - 1), here = rect_of(layout, b);
      if (b % layout.columns != 0) {
        EXPECT_FLOAT_EQ(here.low.y, before.low.y);
        EXPECT_GT(here.low.x, before.high.x);
      } else {
        EXPECT_GT(here.low.y, before.high.y);
        EXPECT_FLOAT_EQ(here.low.x, rect_of(layout, 0).low.x);
      }
    }
  });
}

TEST(Page, a_row_of_the_stream_is_one_straight_line_across_a_line) {
  for_all_pages([](const Shape& shape, int, const Pane&, const Laid& page) {
    const Layout& layout = page.layout;
    const auto slab = [&](HookId hook) { return layout.panels[static_cast<std::size_t>(layout.panel_of(hook))]; };
    for (int b = 0; b < shape.config.n_layer; ++b) {
      const float y = layout.lines[static_cast<std::size_t>(b / layout.columns)].y;
      for (const HookKind kind : {HookKind::ResidPre, HookKind::ResidMid, HookKind::ResidPost}) {
        EXPECT_FLOAT_EQ(slab({kind, b}).origin.y, y);
        EXPECT_FLOAT_EQ(slab({kind, b}).down.y, layout.sheet_height);
      }
      EXPECT_LT(slab({HookKind::ResidPre, b}).origin.x, slab({HookKind::ResidMid, b}).origin.x);
      EXPECT_LT(slab({HookKind::ResidMid, b}).origin.x, slab({HookKind::ResidPost, b}).origin.x);
    }
    EXPECT_FLOAT_EQ(slab({HookKind::Embed, -1}).origin.y, layout.lines.front().y);
    EXPECT_FLOAT_EQ(slab({HookKind::LnFinalNormalized, -1}).origin.y, layout.lines.back().y);
    for (const LayoutRibbon& r : layout.ribbons) {
      const bool of_stream = r.from.kind == HookKind::ResidPre || r.from.kind == HookKind::ResidMid;
      if (!of_stream || (r.into.kind != HookKind::ResidMid && r.into.kind != HookKind::ResidPost)) continue;
      EXPECT_FLOAT_EQ(r.a0.y, r.b0.y) << name_of(r.from);
      EXPECT_FLOAT_EQ(r.a1.y, r.b1.y) << name_of(r.from);
    }
  });
}

TEST(Page, every_hook_has_a_place) {
  for_all_pages(
      [](const Shape& shape, int, const Pane&, const Laid& page) {
        for (const HookId hook : all_hooks(shape.config.n_layer)) ASSERT_GE(page.layout.panel_of(hook), 0) << name_of(hook);
      },
      true);
}

TEST(Page, plates_are_square_and_stand_in_two_rows_from_17_heads_on) {
  for_all_pages([](const Shape& shape, int, const Pane&, const Laid& page) {
    std::set<float> heights;
    for (const LayoutPanel& p : page.layout.panels) {
      if (p.info.mapping != PanelInfo::Mapping::Causal || p.info.tensor.hook.layer != 0) continue;
      EXPECT_FLOAT_EQ(p.across.x, p.down.y);
      heights.insert(p.origin.y);
    }
    EXPECT_EQ(heights.size(), shape.config.n_head >= 17 ? 2U : 1U);
  });
}

TEST(Page, a_neuron_stands_at_the_same_place_before_and_after_its_activation) {
  for_all_pages([](const Shape&, int, const Pane&, const Laid& page) {
    std::vector<LayoutPanel> pre, post;
    for (const LayoutPanel& p : page.layout.panels) {
      if (p.info.tensor.is_weight() || p.info.tensor.hook.layer != 1) continue;
      if (p.info.tensor.hook.kind == HookKind::MlpPre) pre.push_back(p);
      if (p.info.tensor.hook.kind == HookKind::MlpPost) post.push_back(p);
    }
    ASSERT_EQ(pre.size(), post.size());
    for (std::size_t i = 0; i < pre.size(); ++i) {
      EXPECT_EQ(pre[i].info.col0, post[i].info.col0);
      EXPECT_FLOAT_EQ(pre[i].origin.y, post[i].origin.y);
      EXPECT_FLOAT_EQ(pre[i].origin.x - pre[0].origin.x, post[i].origin.x - post[0].origin.x);
      EXPECT_EQ(pre[i].down, post[i].down);
    }
  });
}

/// Bounds of points on the screen.
Rect seen(const render::Projection& view, const ViewScene::Box& box) {
  Rect rect{glm::vec2(1e9F), glm::vec2(-1e9F)};
  for (unsigned corner = 0; corner < 4; ++corner) {
    const glm::vec3 at = view.pixel({(corner & 1U) != 0 ? box.high.x : box.low.x, (corner & 2U) != 0 ? box.high.y : box.low.y, 0});
    rect.low = glm::min(rect.low, glm::vec2(at));
    rect.high = glm::max(rect.high, glm::vec2(at));
  }
  return rect;
}

TEST(Page, the_camera_of_a_block_shows_that_block_and_nothing_of_another) {
  for_all_pages([](const Shape& shape, int, const Pane& pane, const Laid& page) {
    const int n_layer = shape.config.n_layer, columns = page.layout.columns;
    const Rect picture{glm::vec2(0), {pane.size.x, pane.size.y * (1 - pane.foot)}};
    for (const int block : {0, 1, columns - 1, std::min(columns, n_layer - 1), n_layer / 2, n_layer - 1}) {
      const render::Camera camera = machine_camera({CameraName::Kind::Block, block}, page.scene, pane);
      const render::Projection view(camera, pane.size);
      const Rect own = seen(view, page.layout.blocks[static_cast<std::size_t>(block) + 1]);
      EXPECT_GT(own.low.x, -0.5F) << block;
      EXPECT_GT(own.low.y, -0.5F) << block;
      EXPECT_LT(own.high.x, picture.high.x + 0.5F) << block;
      EXPECT_LT(own.high.y, picture.high.y + 0.5F) << block;
      for (const render::PanelView& p : render::visible_panels(*page.scene.scene, camera, pane.size)) {
        const TensorRef& tensor = page.scene.panels[static_cast<std::size_t>(p.panel)].tensor;
        const bool end = block_of(tensor) < 0 && pane.aspect() > 2.4F;  // a wide window shows the ends beside the first and the last
        EXPECT_TRUE(block_of(tensor) == block || end) << tensor.name() << " in the view of block " << block;
      }
    }
  });
}

TEST(Page, the_page_uses_the_room_of_the_window) {
  for (const Shape& shape : {shapes()[1], shapes()[2]})
    for (const int T : {1, 14, 100})
      for (const Pane& pane : {pane_of(1280, 720), pane_of(3840, 2160), Pane{{1280, 720}}}) {
        SCOPED_TRACE(case_of(shape, T, pane));
        const Laid page = laid(shape.config, T, pane);
        const render::Projection view(machine_camera({}, page.scene, pane), pane.size);
        Rect covered{glm::vec2(1e9F), glm::vec2(-1e9F)};
        for (const LayoutPanel& p : page.layout.panels)
          for (const glm::vec3& at : {p.origin, p.origin + p.across + p.down}) {
            covered.low = glm::min(covered.low, glm::vec2(view.pixel(at)));
            covered.high = glm::max(covered.high, glm::vec2(view.pixel(at)));
          }
        EXPECT_GE(covered.low.x, 0);
        EXPECT_GE(covered.low.y, 0);
        EXPECT_LE(covered.high.x, pane.size.x);
        EXPECT_LE(covered.high.y, pane.size.y);
        EXPECT_GE(covered.high.x - covered.low.x, 0.7F * pane.size.x);
        EXPECT_GE(covered.high.y - covered.low.y, 0.7F * pane.size.y);
      }
}

TEST(Page, the_names_of_blocks_can_be_read_in_the_whole_page) {
  constexpr float kTitle = 0.26F;  // of a block's name, in heights of letters
  for_all_pages([](const Shape&, int, const Pane& pane, const Laid& page) {
    const render::Projection view(machine_camera({}, page.scene, pane), pane.size);
    for (const LayoutTag& tag : page.layout.tags) {
      if (tag.tier != TagTier::Title) continue;
      EXPECT_GE(kTitle * page.layout.text_scale * view.focal_px() / view.depth(tag.anchor), 11) << tag.text;
    }
  });
}

TEST(Page, sheets_are_about_twice_as_wide_as_high_at_any_number_of_rows) {
  for_all_pages([](const Shape& shape, int, const Pane& pane, const Laid& page) {
    EXPECT_GE(page.layout.sheet_height, 0.4F);
    EXPECT_LE(page.layout.sheet_height, 0.82F);
    EXPECT_EQ(page.layout.sheet_height, laid(shape.config, 3, pane).layout.sheet_height);
  });
  EXPECT_NEAR(laid(fable().config, 14, panes()[0]).layout.sheet_height, 0.5F, 0.07F);
}

}  // namespace
}  // namespace gf::scene
