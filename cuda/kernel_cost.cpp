#include "cuda/kernel_cost.h"

#include <algorithm>

#include "cuda/args.h"

namespace gf::cuda {

namespace {

using Count = std::uint64_t;

Count n(int count) { return static_cast<Count>(count); }
Count element(int weight_type) { return weight_type == kF32 ? 4 : 2; }
/// How many of these pointers are not null.
template <class... Pointers>
Count given(Pointers... pointers) {
  return (n(pointers != nullptr ? 1 : 0) + ...);
}
Cost floats(Count values, Count flops) { return {4 * values, flops}; }

/// Pairs of a query and a key that it sees.
Count pairs(Count first, Count T) { return T * first + T * (T + 1) / 2; }
/// Pairs that tiles of queries and keys compute, the masked ones of a tile included.
Count tile_pairs(Count first, Count T) {
  Count sum = 0;
  for (Count row = 0; row < T; row += kTile) {
    const Count keys = std::min(first + row + kTile, first + T);
    sum += (keys + kTile - 1) / kTile * kTile * kTile;
  }
  return sum;
}

Cost cost(const EmbedArgs& a, Grid grid) {
  const Count values = grid.x * n(a.width);
  return {4 * grid.x + values * (element(a.type) + element(a.wpe_type) + 4 * given(a.token, a.position, a.sum)), values};
}
Cost cost(const NormArgs& a, Grid grid) {
  const Count rows = grid.x, w = n(a.width), out = given(a.out);
  const Count vectors = w * (given(a.bias) + out * (1 + given(a.beta)));
  return floats(rows * w * (1 + given(a.b, a.branch, a.sum, a.normalized, a.out)) + rows * given(a.scale, a.given_scale) + vectors,
                rows * w * (6 + 4 * out));
}
Cost cost(const AffineArgs& a, Grid grid) {
  const Count w = n(a.width);
  return floats(2 * grid.x * w + w * (1 + given(a.beta)), 2 * grid.x * w);
}
Cost cost(const BiasArgs& a, Grid grid) { return floats((2 * grid.x + 1) * n(a.width), grid.x * n(a.width)); }
Cost cost(const CopyColumnsArgs& a, Grid grid) {
  const Count w = n(a.width);
  return floats((2 * grid.x + given(a.bias)) * w, given(a.bias) * grid.x * w);
}
Cost cost(const SplitArgs& a, Grid grid) {
  const Count values = 3 * n(a.width);
  return floats((2 * grid.x + given(a.bias)) * values, grid.x * values);
}
Cost cost(const AttendArgs& a, Grid grid) {
  const Count T = n(a.T), w = n(a.width), keys = n(a.first) + T;
  return floats(2 * T * w + 2 * keys * w + given(a.entropy) * T * grid.y, 4 * n(a.d_head) * grid.y * tile_pairs(n(a.first), T));
}
Cost cost(const AttendOneArgs& a, Grid grid) {
  const Count keys = n(a.keys), w = n(a.width);
  return floats(w + 2 * keys * w + grid.x * grid.y * n(a.d_head + kPartialHead), 4 * keys * w);
}
Cost cost(const CombineArgs& a, Grid grid) {
  const Count splits = grid.x * n(a.splits);
  return floats(splits * n(a.d_head + kPartialHead) + grid.x * (n(a.d_head) + given(a.entropy)), 4 * splits * n(a.d_head));
}
Cost cost(const ScoresArgs& a, Grid grid) {
  const Count T = n(a.T), first = n(a.rows.first);
  return floats((first + 2 * T) * n(a.width) + grid.z * pairs(first, T), 2 * n(a.d_head) * grid.z * tile_pairs(first, T));
}
Cost cost(const SoftmaxArgs& a, Grid grid) {
  const Count values = grid.y * pairs(n(a.rows.first), grid.x);
  return floats(2 * values, 4 * values);
}
Cost cost(const EntropyArgs& a, Grid grid) {
  const Count values = grid.y * pairs(n(a.rows.first), grid.x);
  return floats(values + grid.x * grid.y, 3 * values);
}
Cost cost(const WeighArgs& a, Grid grid) {
  const Count T = n(a.T), first = n(a.rows.first);
  return floats(grid.y * pairs(first, T) + (first + 2 * T) * n(a.width), 2 * n(a.d_head) * grid.y * tile_pairs(first, T));
}
Cost cost(const SumHeadsArgs& a, Grid grid) {
  const Count values = grid.x * n(a.width);
  return floats(values * n(a.n_head + 1) + given(a.bias) * n(a.width), values * n(a.n_head));
}
Cost cost(const ActivateArgs& a, Grid grid) {
  const Count values = grid.x * n(a.width);
  return floats(values * (2 + given(a.pre)) + given(a.bias) * n(a.width), 10 * values);
}
Cost cost(const GemvArgs& a, Grid /*grid*/) {
  const Count weights = n(a.n_in) * n(a.n_out);
  return {weights * element(a.type) + 4 * n(a.n_in + a.n_out), 2 * weights};
}
Cost cost(const ProductArgs& a, Grid /*grid*/) { return cost_of(Gemm{.m = a.m, .n = a.n, .k = a.k, .beta = a.beta}); }
Cost cost(const RowStatsArgs& a, Grid grid) {
  const Count values = grid.x * n(a.n_vocab);
  return {4 * values + grid.x * (4 * given(a.next) + sizeof(RowStats)), 6 * values};
}
Cost cost(const WidenArgs& a, Grid /*grid*/) { return {n(a.rows) * n(a.columns) * (element(a.type) + 4), 0}; }
Cost cost(const TransposeArgs& a, Grid /*grid*/) { return {2 * n(a.rows) * n(a.columns) * n(a.element_bytes), 0}; }
Cost cost(const EditRowsArgs& a, Grid grid) {
  const Count values = grid.x * n(a.n_elements), given_values = a.by_row != 0 ? values : n(a.n_elements);
  return floats(2 * values + n(a.n_elements) + given(a.values) * given_values + grid.x * (1 + sizeof(EditTally) / 4), 2 * values);
}
Cost cost(const EditAlongArgs& a, Grid grid) {
  const Count groups = Count{grid.x} * grid.y, values = groups * n(a.group);
  return {4 * (3 * values + 2 * n(a.group) * grid.y + grid.x) + groups * sizeof(EditTally), 4 * values};
}
Cost cost(const EditRoundArgs& a, Grid grid) {
  const Count groups = Count{grid.x} * grid.y, values = groups * n(a.group);
  return {4 * (3 * values + n(a.group) * grid.y + grid.x) + groups * sizeof(EditTally), 4 * values};
}
Cost cost(const EditCausalArgs& a, Grid grid) {
  const Count lines = Count{grid.x} * grid.y, keys = n(a.keys), passes = n(a.attention != 0 ? 5 : 2);
  return {lines * (4 * keys * (passes + given(a.values)) + sizeof(EditTally)) + grid.x * keys + 4 * (Count{grid.x} + grid.y),
          3 * lines * keys};
}

}  // namespace

Cost cost_of(Kernel kernel, Grid grid, const void* args) {
  switch (kernel) {
#define KERNEL(name, Args) \
  case Kernel::name: return cost(*static_cast<const Args*>(args), grid);
#include "cuda/kernels.def"
#undef KERNEL
  }
  return {};
}

Cost cost_of(const Gemm& g) {
  const auto m = static_cast<std::uint64_t>(g.m), n = static_cast<std::uint64_t>(g.n), k = static_cast<std::uint64_t>(g.k);
  return {4 * (m * k + k * n + m * n * (g.beta != 0 ? 2 : 1)), 2 * m * n * k};
}

}  // namespace gf::cuda
