// A row of cells folded into a row of coarser texels: what a new run costs most to show.
#pragma once

#include <span>

#include "renderer/tile_source.h"

namespace gf::scene {

/// Folds cells [i << lx, (i + 1) << lx) into out[i]: mean and signed extreme; the last texel may have fewer. False, and
/// nothing written, where a cell is NaN or lx is above kMostFolds. Sums of up to 8 floats in pairs.
inline constexpr int kMostFolds = 3;
[[nodiscard]] bool fold_row(std::span<const float> cells, int lx, std::span<render::Texel> out);

}  // namespace gf::scene
