#include "model/training/batch_attention.h"

#include <algorithm>
#include <vector>

#include "model/cpu/matrix.h"

namespace gf::training {
namespace {

constexpr std::size_t kQueries = 64;  ///< of a tile

std::size_t tile_stride(std::size_t T) { return (T + 15) / 16 * 16; }

/// Queries [first, first + rows) of one head of one sequence, and the keys that they see.
struct HeadTile {
  const BatchAttention& a;
  std::size_t d_model, stride, first, rows, keys, ld;
  const float *q, *k, *v;
  float *pattern, *slope;

  HeadTile(const BatchAttention& attention, std::size_t share, std::size_t query)
      : a(attention), d_model(a.n_head * a.d_head), stride(3 * d_model), first(query) {
    rows = std::min(kQueries, a.T - first);
    keys = first + rows;
    ld = tile_stride(a.T);
    thread_local std::vector<float> memory;  // grows once for each thread
    if (memory.size() < attention_memory(a.T)) memory.resize(attention_memory(a.T));
    pattern = memory.data();
    slope = pattern + kQueries * ld;
    k = a.qkv + share / a.n_head * a.T * stride + share % a.n_head * a.d_head + d_model;
    v = k + d_model;
    q = k - d_model + first * stride;
  }

  [[nodiscard]] std::size_t keys_of(std::size_t row) const { return first + row + 1; }
  void compute_pattern() const {
    cpu::gemm(true, rows, keys, a.d_head, a.scale, q, stride, k, stride, false, pattern, ld);
    for (std::size_t r = 0; r < rows; ++r) a.kernels.softmax(pattern + r * ld, keys_of(r));
    clear_behind(pattern);
  }
  /// 0 at keys behind their query.
  void clear_behind(float* tile) const {
    for (std::size_t r = 0; r < rows; ++r) std::fill(tile + r * ld + keys_of(r), tile + r * ld + keys, 0.0F);
  }
};

}  // namespace

std::size_t attention_memory(std::size_t T) { return 2 * kQueries * tile_stride(T); }

void attend(ThreadPool& pool, const BatchAttention& a, float* z) {
  pool.parallel_for(a.B * a.n_head, [&](std::size_t share) {
    for (std::size_t first = 0; first < a.T; first += kQueries) {
      const HeadTile tile(a, share, first);
      tile.compute_pattern();
      float* to = z + (share / a.n_head * a.T + first) * tile.d_model + share % a.n_head * a.d_head;
      cpu::gemm(false, tile.rows, a.d_head, tile.keys, 1.0F, tile.pattern, tile.ld, tile.v, tile.stride, false, to, tile.d_model);
    }
  });
}

void attend_backward(ThreadPool& pool, const BatchAttention& a, const float* of_z, float* of_qkv) {
  pool.parallel_for(a.B * a.n_head, [&](std::size_t share) {
    const std::size_t d_model = a.n_head * a.d_head, stride = 3 * d_model;
    const std::size_t row = share / a.n_head * a.T, column = share % a.n_head * a.d_head;
    float *of_q = of_qkv + row * stride + column, *of_k = of_q + d_model, *of_v = of_k + d_model;
    for (std::size_t t = 0; t < a.T; ++t) {
      std::fill_n(of_k + t * stride, a.d_head, 0.0F);
      std::fill_n(of_v + t * stride, a.d_head, 0.0F);
    }
    for (std::size_t first = 0; first < a.T; first += kQueries) {
      const HeadTile tile(a, share, first);
      const float* dz = of_z + (row + first) * d_model + column;
      tile.compute_pattern();
      cpu::gemm_of_transpose(tile.keys, a.d_head, tile.rows, 1.0F, tile.pattern, tile.ld, dz, d_model, true, of_v, stride);
      cpu::gemm(true, tile.rows, tile.keys, a.d_head, 1.0F, dz, d_model, tile.v, stride, false, tile.slope, tile.ld);
      for (std::size_t r = 0; r < tile.rows; ++r)
        a.kernels.softmax_slope(tile.pattern + r * tile.ld, tile.keys_of(r), tile.slope + r * tile.ld);
      tile.clear_behind(tile.slope);
      cpu::gemm(false, tile.rows, a.d_head, tile.keys, a.scale, tile.slope, tile.ld, tile.k, stride, false, of_q + first * stride, stride);
      cpu::gemm_of_transpose(tile.keys, a.d_head, tile.rows, a.scale, tile.slope, tile.ld, tile.q, stride, true, of_k, stride);
    }
  });
}

}  // namespace gf::training
