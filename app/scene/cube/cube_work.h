// The terms of an open product that are multiplied and added up at a moment, inside its cube.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/scene/cube/cube_sheets.h"

namespace gf::scene {

// From above and from the left: the result's front, the weights from above and the input's wall from outside are all seen.
inline constexpr float kCubeYaw = 0.5F, kCubePitch = 0.42F, kCubeFovY = 0.36F;

class CubeWork : protected CubeSheets {
 public:
  using CubeSheets::CubeSheets;

 protected:
  /// The rows and columns at work, the sheet of their terms, and lines from one to the other. Expects that the sides are drawn.
  void draw_work();
  /// The cube itself: where the terms of all sums would stand.
  void draw_edges();

  std::string terms_note_;  ///< a sentence about the sheet of terms; empty: there is none

 private:
  /// The term that was added last; -1: none, or the bias.
  [[nodiscard]] int last_term() const;
  /// Draws a part of the dimmed side `like` once more and bright, a little before it.
  void light(const Slab& slab, std::shared_ptr<const render::TileSource> source, std::size_t like, render::Color color, float px);
  void light_left(int i, int rows, int k, int cols, render::Color color);
  void light_right(int k, int rows, int j, int cols, render::Color color);
  void beam(std::vector<glm::vec3> points, render::Color color, float px);
  void frame_cell(const Slab& slab, render::Color color, float px);
  [[nodiscard]] float terms_scale() const;
  void add_terms(Slab slab, CubeOrder order, float rows_shown);
  void line(glm::vec3 from, glm::vec3 to, render::Color color);
};

}  // namespace gf::scene
