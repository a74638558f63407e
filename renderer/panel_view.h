// Which part of a panel is seen, how large its cells are there, and which tiles that takes. Device-free.
#pragma once

#include <optional>
#include <vector>

#include "renderer/scene.h"

namespace gf::render {

/// Pyramid level for a footprint of `cells_per_px`: a texel is then 0.8 to 1.6 px, and level 0 from 0.8 px a cell.
/// The same arithmetic as cells.frag. `cells`: the tensor's size in this direction.
[[nodiscard]] int level_for(float cells_per_px, int cells);

/// Tiles [x0, x0 + nx) x [y0, y0 + ny) of one level; `wanted` row by row.
struct TileLayer {
  int lx = 0, ly = 0;
  int x0 = 0, y0 = 0, nx = 0, ny = 0;
  std::vector<bool> wanted;
};

struct SeenPanel {
  int index = 0;
  float depth = 0;                     ///< of the nearest visible point
  float middle_depth = 0;              ///< of the centre
  glm::vec2 low{0}, high{0};           ///< pixels, clipped to the viewport
  float cell_px_x = 0, cell_px_y = 0;  ///< at the nearest visible point
  int lx_min = 0, lx_count = 1, ly_min = 0, ly_count = 1;
  std::vector<TileLayer> layers;  ///< lx_count * ly_count, lx fastest; empty without a source
};

/// The longer side of a panel on the screen, as its first corner sees it, in pixels; a large number where that is behind the eye.
/// Cheap: it tells what is too small to be looked at.
[[nodiscard]] float longer_side_px(const Panel& panel, const glm::mat4& view_projection, glm::vec2 size);

/// Nothing if the panel is outside the view or under a pixel. `coarsen` >= 1 multiplies footprints: a pool that
/// is too small for the picture asks for coarser tiles.
[[nodiscard]] std::optional<SeenPanel> see_panel(const Panel& panel, const glm::mat4& view_projection, glm::vec2 size, float coarsen = 1);

}  // namespace gf::render
