// What the renderer reads of a cube: its factors, the terms in the making, and the sums so far.
#pragma once

#include <memory>

#include "app/scene/cube/cube_moment.h"
#include "renderer/tile_source.h"

namespace gf::scene {

/// Rows and columns of a factor, half open.
struct FactorPart {
  int row0 = 0, rows = 0, col0 = 0, cols = 0;
};
/// x, or a part of it: row i, column k. NaN where there is nothing.
[[nodiscard]] std::shared_ptr<const render::TileSource> left_source(std::shared_ptr<const CubeProduct> product, FactorPart part);
/// w, or a part of it: row k, column j. `turned`: row j, column k.
[[nodiscard]] std::shared_ptr<const render::TileSource> right_source(std::shared_ptr<const CubeProduct> product, FactorPart part,
                                                                     bool turned);
/// The sums of a moment: NaN where none has begun.
[[nodiscard]] std::shared_ptr<const render::TileSource> sums_source(std::shared_ptr<const CubeProduct> product, CubeOrder order,
                                                                    const CubeMoment& now);
/// The terms at work in a step: of Dots one row of all, of Rows [k, j], of Columns [i, k], of Outer [i, j].
/// `shown`: terms from there on are NaN, of Columns.
[[nodiscard]] std::shared_ptr<const render::TileSource> terms_source(std::shared_ptr<const CubeProduct> product, CubeOrder order,
                                                                     long long step, int shown);

}  // namespace gf::scene
