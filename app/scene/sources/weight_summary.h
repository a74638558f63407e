// The result of reading a weight once: its colour scale and a coarse picture.
#pragma once

#include <vector>

#include "model/tensor.h"
#include "renderer/tile_source.h"

namespace gf::scene {

/// Of all values of a tensor. blocks: means and signed extremes of 8 x 8 cells in memory order, row-major.
struct WeightSummary {
  static constexpr int kBlock = 8;
  float scale = 0;         ///< 99.5th percentile of |w|, exact: the value at rank ceil(0.995 n)
  float maximum = 0;       ///< of |w|
  int rows = 0, cols = 0;  ///< in memory order
  int block_cols = 0;
  std::vector<render::Texel> blocks;
};

/// Reads the tensor (two passes). Vectors count as one row. Non-finite values are left out of the scale.
[[nodiscard]] WeightSummary summarise(const TensorView& view);

/// The value at rank ceil(q n) of |v| (rank 1 is the smallest). Non-finite values count as the largest.
[[nodiscard]] float percentile_of_magnitude(std::span<const float> values, double q);

/// Takes in one more cell (or texel of `count` cells) of a mean and an extreme; of two extremes of one magnitude the
/// positive one stays, so that the order does not matter.
inline bool outranks(float a, float b) {
  const float ma = a < 0 ? -a : a, mb = b < 0 ? -b : b;
  return ma > mb || (ma == mb && a > b);
}

}  // namespace gf::scene
