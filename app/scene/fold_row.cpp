#include "app/scene/fold_row.h"

#include <algorithm>
#include <array>

#include "app/scene/weight_summary.h"

namespace gf::scene {
namespace folding {
namespace {

constexpr std::size_t kMostCells = static_cast<std::size_t>(render::kTileSize) << kMostFolds;

struct Half {
  std::array<float, kMostCells> sum, extreme;
};

bool has_gap(std::span<const float> cells) {
  int gaps = 0;
  for (const float v : cells) gaps += v != v ? 1 : 0;
  return gaps > 0;
}

/// Simple loops over arrays: the compiler turns them into vectors.
std::size_t fold_once(const float* __restrict sum, const float* __restrict extreme, std::size_t n, Half& to) {
  const std::size_t pairs = n / 2;
  float* __restrict sums = to.sum.data();
  float* __restrict extremes = to.extreme.data();
  for (std::size_t i = 0; i < pairs; ++i) sums[i] = sum[2 * i] + sum[2 * i + 1];
  for (std::size_t i = 0; i < pairs; ++i) {
    const float a = extreme[2 * i], b = extreme[2 * i + 1];
    const float ma = a < 0 ? -a : a, mb = b < 0 ? -b : b;
    const float larger = a > b ? a : b;  // of one magnitude the positive one
    const float outer = ma > mb ? a : b;
    extremes[i] = ma == mb ? larger : outer;
  }
  if (n % 2 == 1) {
    sums[pairs] = sum[n - 1];
    extremes[pairs] = extreme[n - 1];
  }
  return pairs + n % 2;
}

}  // namespace
}  // namespace folding

bool fold_row(std::span<const float> cells, int lx, std::span<render::Texel> out) {
  if (lx < 0 || lx > kMostFolds || cells.size() > folding::kMostCells || cells.empty() || folding::has_gap(cells)) return false;
  std::array<folding::Half, 2> halves;
  const float *sum = cells.data(), *extreme = cells.data();
  std::size_t n = cells.size();
  for (int l = 0; l < lx; ++l) {
    folding::Half& to = halves[static_cast<std::size_t>(l % 2)];
    n = folding::fold_once(sum, extreme, n, to);
    sum = to.sum.data();
    extreme = to.extreme.data();
  }
  const std::size_t step = std::size_t{1} << static_cast<unsigned>(lx);
  const float share = 1 / static_cast<float>(step);
  for (std::size_t i = 0; i < n; ++i) out[i] = {sum[i] * share, extreme[i]};
  const std::size_t rest = cells.size() % step;
  if (rest != 0) out[n - 1].mean = sum[n - 1] / static_cast<float>(rest);
  return true;
}

}  // namespace gf::scene
