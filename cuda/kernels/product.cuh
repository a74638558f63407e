// The product of two matrices, for machines with a driver and without cuBLAS.
#pragma once

#include "cuda/kernels/platform.cuh"

namespace gf::cuda {

/// Block (x, y): kProductSide rows and columns of c. Threads: kProductThreads, each with 4 x 4 of its elements, 16 apart, so that the
/// threads of a warp read and write neighbours. Shared: 2 kProductDepth (kProductSide + 1) floats.
__global__ void product(ProductArgs g) {
  constexpr int kApart = 16, kEach = kProductSide / kApart, kRow = kProductSide + 1;
  constexpr int kSteps = kProductDepth * kProductSide / kProductThreads;
  DYN_SHARED(float, tile_a);
  const Shared<float> tile_b = tile_a + kProductDepth * kRow;
  const int row0 = block_x() * kProductSide, column0 = block_y() * kProductSide;
  const int row = thread_index() % kApart, column = thread_index() / kApart;
  float sum[kEach][kEach] = {};
  for (int k0 = 0; k0 < g.k; k0 += kProductDepth) {
    GF_UNROLL
    for (int step = 0; step < kSteps; ++step) {
      const int e = thread_index() + step * kProductThreads;
      // Neighbouring threads read neighbouring memory, whichever way the matrix lies.
      const int p = g.transpose_a != 0 ? e % kProductDepth : e / kProductSide;
      const int i = g.transpose_a != 0 ? e / kProductDepth : e % kProductSide;
      const bool inside = row0 + i < g.m && k0 + p < g.k;
      const std::int64_t at = g.transpose_a != 0 ? std::int64_t{row0 + i} * g.lda + k0 + p : std::int64_t{k0 + p} * g.lda + row0 + i;
      tile_a[p * kRow + i] = inside ? load(g.a + at) : 0.0F;
    }
    GF_UNROLL
    for (int step = 0; step < kSteps; ++step) {
      const int e = thread_index() + step * kProductThreads;
      const int p = g.transpose_b != 0 ? e / kProductSide : e % kProductDepth;
      const int j = g.transpose_b != 0 ? e % kProductSide : e / kProductDepth;
      const bool inside = column0 + j < g.n && k0 + p < g.k;
      const std::int64_t at = g.transpose_b != 0 ? std::int64_t{k0 + p} * g.ldb + column0 + j : std::int64_t{column0 + j} * g.ldb + k0 + p;
      tile_b[p * kRow + j] = inside ? load(g.b + at) : 0.0F;
    }
    __syncthreads();
    for (int p = 0; p < kProductDepth && k0 + p < g.k; ++p) {  // nothing is added beyond k: 0 times NaN would be NaN
      float a[kEach], b[kEach];
      GF_UNROLL
      for (int u = 0; u < kEach; ++u) {
        a[u] = tile_a[p * kRow + row + kApart * u];
        b[u] = tile_b[p * kRow + column + kApart * u];
      }
      GF_UNROLL
      for (int u = 0; u < kEach; ++u) {
        GF_UNROLL
        for (int v = 0; v < kEach; ++v) sum[u][v] += a[u] * b[v];
      }
    }
    __syncthreads();
  }
  GF_UNROLL
  for (int u = 0; u < kEach; ++u) {
    GF_UNROLL
    for (int v = 0; v < kEach; ++v) {
      const int i = row0 + row + kApart * u, j = column0 + column + kApart * v;
      if (i >= g.m || j >= g.n) continue;
      float* const to = g.c + (std::int64_t{j} * g.ldc + i);
      // beta 0 must not read: there may be NaN.
      store(to, g.beta == 0 ? g.alpha * sum[u][v] : g.alpha * sum[u][v] + g.beta * load(to));
      count_flops(2L * g.k);
    }
  }
}

}  // namespace gf::cuda
