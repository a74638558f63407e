// Loops over rows of values: they take most of the time when a new run is shown. Compiled so that they become vectors.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "renderer/tile_source.h"

namespace gf::scene {

/// Texels of one row of a tile. The two parts lie apart, so that loops over them become vectors.
struct FoldedRow {
  std::array<float, render::kTileSize> mean, extreme;
};

/// Folds cells [i << lx, (i + 1) << lx) into texel i: mean and signed extreme; the last texel may have fewer. Adds up to 8
/// floats in pairs. False if a cell is NaN or lx is above kMostFolds; `out` is then undefined.
inline constexpr int kMostFolds = 3;
[[nodiscard]] bool fold_row(std::span<const float> cells, int lx, FoldedRow& out);
/// Adds the first `n` texels of another row of cells: means become sums until they are divided.
void add_row(FoldedRow& to, const FoldedRow& row, std::size_t n);

/// What the screen shows of the first `n` texels. Returns whether one is NaN.
[[nodiscard]] bool show_row(const FoldedRow& row, std::size_t n, float* out);
/// Sum of |a - b|, in sixteen partial sums. Both have the same length.
[[nodiscard]] float distance_l1(std::span<const float> a, std::span<const float> b);

}  // namespace gf::scene
