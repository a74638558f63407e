#include "app/scene/sources/row_loops.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "renderer/colormap.h"

namespace gf::scene {
namespace {

constexpr std::size_t kMostCells = static_cast<std::size_t>(render::kTileSize) << kMostFolds;

struct Half {
  std::array<float, kMostCells / 2> sum, extreme;
};

/// Of two extremes the one of larger magnitude; of one magnitude the positive one. Without branches, for vectors.
float outer_of(float a, float b) {
  const float ma = a < 0 ? -a : a, mb = b < 0 ? -b : b;
  const float larger = a > b ? a : b;
  const float outer = ma > mb ? a : b;
  return ma == mb ? larger : outer;
}

/// Simple loops over arrays: the compiler turns them into vectors.
std::size_t fold_once(const float* __restrict sum, const float* __restrict extreme, std::size_t n, float* __restrict sums,
                      float* __restrict extremes) {
  const std::size_t pairs = n / 2;
  for (std::size_t i = 0; i < pairs; ++i) sums[i] = sum[2 * i] + sum[2 * i + 1];
  for (std::size_t i = 0; i < pairs; ++i) extremes[i] = outer_of(extreme[2 * i], extreme[2 * i + 1]);
  if (n % 2 == 1) {
    sums[pairs] = sum[n - 1];
    extremes[pairs] = extreme[n - 1];
  }
  return pairs + n % 2;
}

}  // namespace

bool fold_row(std::span<const float> cells, int lx, FoldedRow& out) {
  if (lx < 0 || lx > kMostFolds || cells.empty() || cells.size() > std::size_t{render::kTileSize} << static_cast<unsigned>(lx))
    return false;
  std::array<Half, 2> halves;
  const float *sum = cells.data(), *extreme = cells.data();
  std::size_t n = cells.size();
  for (int l = 0; l < lx; ++l) {
    Half& half = halves[static_cast<std::size_t>(l % 2)];
    const bool last = l == lx - 1;
    float* sums = last ? out.mean.data() : half.sum.data();
    float* extremes = last ? out.extreme.data() : half.extreme.data();
    n = fold_once(sum, extreme, n, sums, extremes);
    sum = sums;
    extreme = extremes;
  }
  if (lx == 0) {
    std::copy_n(cells.data(), n, out.mean.data());
    std::copy_n(cells.data(), n, out.extreme.data());
  }
  // A sum over a NaN is one (so is that of two infinities, which take the exact way too).
  int gaps = 0;
  for (std::size_t i = 0; i < n; ++i) gaps += out.mean[i] != out.mean[i] ? 1 : 0;
  if (gaps > 0) return false;
  const std::size_t step = std::size_t{1} << static_cast<unsigned>(lx);
  const std::size_t rest = cells.size() % step;
  const float last = out.mean[n - 1];
  const float share = 1 / static_cast<float>(step);
  for (std::size_t i = 0; i < n; ++i) out.mean[i] *= share;
  if (rest != 0) out.mean[n - 1] = last / static_cast<float>(rest);
  return true;
}

void add_row(FoldedRow& to, const FoldedRow& row, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) to.mean[i] += row.mean[i];
  for (std::size_t i = 0; i < n; ++i) to.extreme[i] = outer_of(row.extreme[i], to.extreme[i]);
}

bool show_row(const FoldedRow& row, std::size_t n, float* __restrict out) {
  int gaps = 0;
  for (std::size_t i = 0; i < n; ++i) {
    out[i] = render::shown_value(row.mean[i], row.extreme[i]);
    gaps += out[i] != out[i] ? 1 : 0;
  }
  return gaps > 0;
}

float distance_l1(std::span<const float> a, std::span<const float> b) {
  // Side by side: a single sum would wait for each addition.
  std::array<float, 16> lanes{};
  std::size_t i = 0;
  for (; i + lanes.size() <= a.size(); i += lanes.size())
    for (std::size_t k = 0; k < lanes.size(); ++k) lanes[k] += std::abs(a[i + k] - b[i + k]);
  for (; i < a.size(); ++i) lanes[0] += std::abs(a[i] - b[i]);
  return std::accumulate(lanes.begin(), lanes.end(), 0.0F);
}

}  // namespace gf::scene
