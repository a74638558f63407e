// Scenes and sources made for tests: random values whose every level can be computed naively.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <vector>

#include "renderer/renderer.h"
#include "renderer/scene.h"

namespace gf::render::testing {

/// Cells in memory; a level is computed from all cells under each texel, the plain way.
class ArraySource : public TileSource {
 public:
  ArraySource(int rows, int cols, std::vector<float> cells) : rows_(rows), cols_(cols), cells_(std::move(cells)) {}
  [[nodiscard]] int rows() const override { return rows_; }
  [[nodiscard]] int cols() const override { return cols_; }
  [[nodiscard]] float value(int row, int col) const override {
    return cells_[static_cast<std::size_t>(row) * static_cast<std::size_t>(cols_) + static_cast<std::size_t>(col)];
  }
  void fill(const TileKey& key, std::span<Texel> out) const override {
    for (int j = 0; j < kTileSize; ++j)
      for (int i = 0; i < kTileSize; ++i)
        out[static_cast<std::size_t>(j * kTileSize + i)] =
            texel((kTileSize * key.x + i) << key.lx, (kTileSize * key.y + j) << key.ly, 1 << key.lx, 1 << key.ly);
  }

 private:
  [[nodiscard]] Texel texel(int x, int y, int w, int h) const {
    double sum = 0;
    float extreme = 0;
    int count = 0;
    for (int r = y; r < std::min(y + h, rows_); ++r)
      for (int c = x; c < std::min(x + w, cols_); ++c) {
        const float v = value(r, c);
        if (std::isnan(v)) continue;
        sum += static_cast<double>(v);
        ++count;
        if (std::abs(v) >= std::abs(extreme)) extreme = v;
      }
    if (count == 0) return {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::quiet_NaN()};
    return {static_cast<float>(sum / count), extreme};
  }

  int rows_, cols_;
  std::vector<float> cells_;
};

/// Normal values with some loud columns, as activations have.
inline std::shared_ptr<ArraySource> random_source(int rows, int cols, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 0.4F);
  std::vector<float> column(static_cast<std::size_t>(cols));
  for (float& c : column) c = normal(random) * (random() % 16 == 0 ? 2.F : 0.7F);
  std::vector<float> cells;
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < cols; ++c) cells.push_back(normal(random) + column[static_cast<std::size_t>(c)]);
  return std::make_shared<ArraySource>(rows, cols, std::move(cells));
}

/// Rows of an attention pattern: causal, each sums to 1.
inline std::shared_ptr<ArraySource> pattern_source(int T, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(0, 1);
  std::vector<float> cells(static_cast<std::size_t>(T) * static_cast<std::size_t>(T), std::numeric_limits<float>::quiet_NaN());
  for (int q = 0; q < T; ++q) {
    float sum = 0;
    for (int k = 0; k <= q; ++k) sum += cells[static_cast<std::size_t>(q * T + k)] = std::pow(uniform(random), 4.F);
    for (int k = 0; k <= q; ++k) cells[static_cast<std::size_t>(q * T + k)] /= sum;
  }
  return std::make_shared<ArraySource>(T, T, std::move(cells));
}

inline constexpr Color kGround{14 / 255.F, 17 / 255.F, 22 / 255.F, 1};

inline Panel panel_of(std::shared_ptr<const TileSource> source, glm::vec3 origin, glm::vec3 across, glm::vec3 down) {
  Panel p;
  p.source = std::move(source);
  p.origin = origin;
  p.across = across;
  p.down = down;
  p.frame = {0.36F, 0.42F, 0.52F, 1};
  return p;
}

/// One block of a small machine: stream, sheets, shelves, patterns, ribbons.
inline void add_block(Scene& scene, float x, float y, int T, int d, int heads, unsigned seed) {
  const float w = 8, h = 1.1F;
  const Color stream{0.23F, 0.29F, 0.39F, 0.75F};
  for (int i = 0; i < 5; ++i) {  // attention's sheets with shelves behind them
    const float top = y + 1.9F * static_cast<float>(i) + (i >= 3 ? 2.2F : 0);
    scene.panels.push_back(panel_of(random_source(T, d, seed++), {x - 10.5F, top, 0}, {w, 0, 0}, {0, h, 0}));
    scene.panels.back().grid_every = i > 0 ? d / heads : 0;
    if (i > 0) {
      scene.panels.push_back(panel_of(random_source(d, d, seed++), {x - 10.5F, top - 0.06F, 3.2F}, {w, 0, 0}, {0, 0, -3.2F}));
      scene.panels.back().scale = 1.3F;
    }
  }
  for (int head = 0; head < heads; ++head) {
    const float each = w / static_cast<float>(heads);
    Panel p = panel_of(pattern_source(T, seed++), {x - 10.5F + (static_cast<float>(head) + 0.1F) * each, y + 7.2F, 0}, {each * 0.8F, 0, 0},
                       {0, 0.6F, 0});
    p.map = ColorMap::Sequential;
    p.empty = {0.08F, 0.1F, 0.14F, 0.6F};
    scene.panels.push_back(p);
  }
  for (int i = 0; i < 3; ++i)
    scene.panels.push_back(panel_of(random_source(T, d, seed++), {x, y + 5.6F * static_cast<float>(i), 0}, {w, 0, 0}, {0, h, 0}));
  for (int i = 0; i < 4; ++i)
    scene.panels.push_back(
        panel_of(random_source(T, d, seed++), {x + 10.5F, y + 7 + 1.15F * static_cast<float>(i), 0}, {w, 0, 0}, {0, 1.1F, 0}));
  scene.panels.push_back(panel_of(random_source(d, d * 4, seed++), {x + 10.5F, y + 6.9F, 3.2F}, {w, 0, 0}, {0, 0, -3.2F}));
  for (int i = 0; i < 2; ++i) {
    const float top = y + 5.6F * static_cast<float>(i) + h;
    scene.ribbons.push_back(
        {{x, top, 0}, {x + w, top, 0}, {x, top + 4.5F, 0}, {x + w, top + 4.5F, 0}, {0, 4.5F, 0}, {0, 4.5F, 0}, stream, stream});
  }
  scene.ribbons.push_back({{x, y, 0}, {x, y + h, 0}, {x - 2.5F, y, 0}, {x - 2.5F, y + h, 0}, {-2.5F, 0, 0}, {-2.5F, 0, 0}, stream, stream});
  scene.ribbons.push_back(
      {{x - 2.5F, y + 9.8F, 0}, {x - 2.5F, y + 10.9F, 0}, {x, y + 5.6F, 0}, {x, y + 6.7F, 0}, {4, 0, 0}, {4, 0, 0}, stream, stream});
  scene.ribbons.push_back(
      {{x + w, y + 5.6F, 0}, {x + w, y + 6.7F, 0}, {x + 10.5F, y + 7, 0}, {x + 10.5F, y + 8.1F, 0}, {4, 0, 0}, {4, 0, 0}, stream, stream});
}

/// A machine of n blocks in columns, about 25 panels a block.
inline Scene machine_scene(int blocks, int per_column, int T, int d, int heads) {
  Scene scene;
  scene.ground = kGround;
  for (int b = 0; b < blocks; ++b)
    add_block(scene, 34.F * static_cast<float>(b / per_column), 14.5F * static_cast<float>(b % per_column), T, d, heads,
              static_cast<unsigned>(b) * 1000 + 1);
  scene.low = {-10.5F, 0, 0};
  scene.high = {34.F * static_cast<float>((blocks - 1) / per_column) + 18.5F, 14.5F * static_cast<float>(per_column), 3.2F};
  return scene;
}

}  // namespace gf::render::testing
