// Where labels go, beside a naive twin without a grid.
#include "renderer/labels.h"

#include <chrono>
#include <gtest/gtest.h>
#include <random>

#include "renderer/text/label_grid.h"

namespace gf::render {
namespace {

constexpr glm::vec2 kSize{1280, 720};

Label label_at(glm::vec3 anchor, std::string text = "resid_mid", int priority = 0) {
  Label label;
  label.text = std::move(text);
  label.anchor = anchor;
  label.priority = priority;
  label.height = 0.2F;
  return label;
}

Scene random_scene(unsigned seed, int count, float spread) {
  std::mt19937 random(seed);
  const auto uniform = [&](float low, float high) { return std::uniform_real_distribution<float>(low, high)(random); };
  Scene scene;
  for (int i = 0; i < count; ++i) {
    Label label = label_at({uniform(-spread, spread), uniform(-spread, spread), uniform(-3, 3)},
                           std::string("hook_").append(static_cast<std::size_t>(uniform(1, 14)), 'n'));
    label.priority = static_cast<int>(uniform(0, 4));
    label.horizontal = static_cast<Align>(random() % 3);
    label.vertical = static_cast<Align>(random() % 3);
    label.alpha = random() % 4 == 0 ? uniform(0, 1) : 1;
    label.height = uniform(0.1F, 0.6F);
    label.bold = random() % 2 == 0;
    if (random() % 3 == 0) label.background = {0, 0, 0, 1};
    scene.labels.push_back(label);
  }
  return scene;
}

bool overlap(const PlacedLabel& a, const PlacedLabel& b) {
  return a.low.x < b.high.x && b.low.x < a.high.x && a.low.y < b.high.y && b.low.y < a.high.y;
}

TEST(Labels, no_two_above_half_opacity_overlap_and_none_is_small) {
  int seen = 0;
  for (unsigned seed = 0; seed < 200; ++seed) {
    Scene scene = random_scene(seed, 120, 3);
    scene.labels_fade = seed % 4 < 2;
    Camera camera;
    camera.yaw = static_cast<float>(seed) * 0.01F;
    const float dpr = seed % 2 == 0 ? 1.0F : 2.0F;
    const auto placed = place_labels(scene, camera, kSize * dpr, dpr);
    for (std::size_t i = 0; i < placed.size(); ++i) {
      EXPECT_GE(placed[i].size_px, 11 * dpr);
      if (placed[i].alpha <= 0.5F) continue;
      ++seen;
      for (std::size_t j = 0; j < i; ++j) {
        EXPECT_FALSE(placed[j].alpha > 0.5F && overlap(placed[i], placed[j])) << seed << ": " << i << ", " << j;
      }
    }
  }
  EXPECT_GT(seen, 200 * 20);
}

// The same rule over all pairs: what each label's alpha must be, given those placed before it.
TEST(Labels, the_grid_equals_its_naive_twin) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    Scene scene = random_scene(1000 + seed, 200, 6);
    scene.labels_fade = true;
    const auto placed = place_labels(scene, Camera{}, kSize);
    for (std::size_t i = 0; i < placed.size(); ++i) {
      float free = 1;
      for (std::size_t j = 0; j < i; ++j) {
        const float apart = separation({placed[i].low, placed[i].high}, {placed[j].low, placed[j].high}, 1);
        free = std::min(free, 1 - std::min(1.0F, 2 * placed[j].alpha) * (1 - apart));
      }
      const float alpha = scene.labels[static_cast<std::size_t>(placed[i].index)].alpha * free;
      EXPECT_NEAR(placed[i].alpha, alpha, 1e-5F) << seed << ": " << i;
    }
  }
}

TEST(Labels, at_rest_each_is_there_or_not) {
  int there = 0, fading = 0;
  for (unsigned seed = 0; seed < 40; ++seed) {
    Scene scene = random_scene(2000 + seed, 200, 5);
    for (const PlacedLabel& p : place_labels(scene, Camera{}, kSize)) {
      ++there;
      EXPECT_FLOAT_EQ(p.alpha, scene.labels[static_cast<std::size_t>(p.index)].alpha);
    }
    scene.labels_fade = true;
    for (const PlacedLabel& p : place_labels(scene, Camera{}, kSize))
      fading += p.alpha < 0.99F * scene.labels[static_cast<std::size_t>(p.index)].alpha ? 1 : 0;
  }
  EXPECT_GT(there, 40 * 20);
  EXPECT_GT(fading, 40) << "in motion some are between";
}

TEST(Labels, priority_decides_and_then_the_order) {
  Scene scene;
  scene.labels = {label_at({0, 0, 0}, "first"), label_at({0, 0, 0}, "second"), label_at({0, 0, 0}, "chief", 1)};
  auto placed = place_labels(scene, Camera{}, kSize);
  ASSERT_EQ(placed.size(), 1U);
  EXPECT_EQ(placed[0].index, 2);
  scene.labels.pop_back();
  placed = place_labels(scene, Camera{}, kSize);
  ASSERT_EQ(placed.size(), 1U);
  EXPECT_EQ(placed[0].index, 0);
}

TEST(Labels, a_label_cut_off_by_the_edge_gives_way_to_its_equal) {
  Scene scene;
  const float edge = 10 * std::tan(0.3F) * 1280 / 720;
  scene.labels = {label_at({-edge, 0, 0}, "cut off"), label_at({-edge + 0.1F, 0, 0}, "whole")};
  scene.labels[0].horizontal = Align::Middle;
  const auto placed = place_labels(scene, Camera{}, kSize);
  ASSERT_FALSE(placed.empty());
  EXPECT_EQ(placed[0].index, 1);
}

TEST(Labels, size_follows_the_world_within_its_limits) {
  Scene scene;
  scene.labels = {label_at({0, 0, 0})};
  Label& label = scene.labels[0];
  const auto size_at = [&](float height) {
    label.height = height;
    const auto placed = place_labels(scene, Camera{}, kSize);
    return placed.empty() ? 0.0F : placed[0].size_px;
  };
  const float px_per_unit = 720 / (2 * std::tan(0.3F)) / 10;
  EXPECT_NEAR(size_at(15 / px_per_unit), 15, 0.01F);
  EXPECT_NEAR(size_at(100), 22, 0.01F);
  EXPECT_EQ(size_at(10.9F / px_per_unit), 0);
  label.min_px = 4;  // 11 stays the least
  EXPECT_EQ(size_at(10.9F / px_per_unit), 0);
  label.min_px = 13;
  EXPECT_EQ(size_at(12 / px_per_unit), 0);
}

TEST(Labels, are_left_out_where_they_cannot_be_seen) {
  Scene scene;
  scene.labels = {label_at({0, 0, -30}, "behind"), label_at({40, 0, 0}, "aside"), label_at({0, 0, 8}, "deep"), label_at({0, 2, 0}, ""),
                  label_at({0, -2, 0}, "clear")};
  scene.labels[2].hide_above_depth = 15;
  scene.labels[4].alpha = 0;
  EXPECT_TRUE(place_labels(scene, Camera{}, kSize).empty());
  scene.labels[2].hide_above_depth = 19;
  EXPECT_EQ(place_labels(scene, Camera{}, kSize).size(), 1U);
}

TEST(Labels, alignment_meets_the_anchor) {
  Scene scene;
  scene.labels = {label_at({0, 0, 0})};
  const auto box = [&](Align h, Align v) {
    scene.labels[0].horizontal = h;
    scene.labels[0].vertical = v;
    return place_labels(scene, Camera{}, kSize).at(0);
  };
  EXPECT_NEAR(box(Align::Begin, Align::Begin).low.x, 640, 0.01F);
  EXPECT_NEAR(box(Align::Begin, Align::Begin).low.y, 360, 0.01F);
  EXPECT_NEAR(box(Align::End, Align::End).high.x, 640, 0.01F);
  EXPECT_NEAR(box(Align::End, Align::End).high.y, 360, 0.01F);
  const auto middle = box(Align::Middle, Align::Middle);
  EXPECT_NEAR((middle.low.x + middle.high.x) / 2, 640, 0.01F);
  EXPECT_NEAR((middle.low.y + middle.high.y) / 2, 360, 0.01F);
}

TEST(Labels, the_same_input_gives_the_same_boxes) {
  const Scene scene = random_scene(7, 500, 5);
  const auto a = place_labels(scene, Camera{}, kSize);
  const auto b = place_labels(scene, Camera{}, kSize);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].index, b[i].index);
    EXPECT_EQ(a[i].low, b[i].low);
    EXPECT_EQ(a[i].alpha, b[i].alpha);
  }
}

TEST(Labels, four_times_as_many_take_about_four_times_as_long) {
  const auto best_ms = [](int labels) {
    const Scene scene = random_scene(9, labels, 4);
    double best = 1e9;
    for (int i = 0; i < 9; ++i) {
      const auto start = std::chrono::steady_clock::now();
      const auto placed = place_labels(scene, Camera{}, kSize);
      best = std::min(best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
      EXPECT_FALSE(placed.empty());
    }
    return best;
  };
  const double few = best_ms(1000), many = best_ms(4000);
  RecordProperty("ms_of_4000", std::to_string(many));
  EXPECT_LT(many, 10 * few) << "each compared with each would take sixteen times as long";
}

}  // namespace
}  // namespace gf::render
