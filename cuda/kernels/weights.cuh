// Kernels over weights: the matrix-vector product of one token, widening and transposing.
#pragma once

#include "cuda/kernels/platform.cuh"

namespace gf::cuda {

/// Block: eight rows of W, a warp for each; x lies in shared memory. Shared: n_in floats.
/// Each weight is read once, 16 bytes a lane, and widened in registers.
__global__ void gemv(GemvArgs a) {
  DYN_SHARED(float, x);
  for (int i = thread_index(); i < a.n_in; i += thread_count()) x[i] = load(a.x + i);
  __syncthreads();
  const int row = block_x() * warp_count() + warp_index();
  if (row >= a.n_out) return;
  const int width = a.type == kF32 ? 4 : 8;  // weights in 16 bytes
  const Words4* w = static_cast<const Words4*>(a.w) + std::int64_t{row} * (a.ld / width);
  float sum = 0;
  for (int i = lane_index() * width; i < a.n_in; i += 32 * width) {
    const Words4 words = load_streaming(w + i / width);
    for (int j = 0; j < width; ++j) {
      if (i + j >= a.n_in) break;
      float value = 0;
      if (a.type == kF32) {
        value = bits_to_float(words.word[j]);
      } else {
        const auto bits = static_cast<std::uint16_t>(words.word[j / 2] >> (16 * (j % 2)));
        value = a.type == kF16 ? f16_to_float(bits) : bf16_to_float(bits);
      }
      sum += value * x[i + j];
    }
    count_flops(2L * width);
  }
  sum = warp_sum(sum);
  if (lane_index() == 0) store(a.y + row, sum);
}

/// Block: a row.
__global__ void widen(WidenArgs a) {
  for (int i = thread_index(); i < a.columns; i += thread_count())
    store(a.to + std::int64_t{block_x()} * a.to_ld + i, weight_at(a.from, a.type, std::int64_t{block_x()} * a.from_ld + i));
}

/// Block (column tile, row tile). Shared: kTile x (kTile + 1) words.
__global__ void transpose(TransposeArgs a) {
  DYN_SHARED(std::uint32_t, tile);
  const int column0 = block_x() * kTile, row0 = block_y() * kTile;
  for (int i = thread_index(); i < kTile * kTile; i += thread_count()) {
    const int row = row0 + i / kTile, column = column0 + i % kTile;
    if (row >= a.rows || column >= a.columns) continue;
    const std::int64_t at = std::int64_t{row} * a.columns + column;
    tile[i / kTile * (kTile + 1) + i % kTile] =
        a.element_bytes == 4 ? load(static_cast<const std::uint32_t*>(a.from) + at) : load(static_cast<const std::uint16_t*>(a.from) + at);
  }
  __syncthreads();
  for (int i = thread_index(); i < kTile * kTile; i += thread_count()) {
    const int row = row0 + i % kTile, column = column0 + i / kTile;
    if (row >= a.rows || column >= a.columns) continue;
    const std::uint32_t bits = tile[i % kTile * (kTile + 1) + i / kTile];
    const std::int64_t at = std::int64_t{column} * a.to_ld + row;
    if (a.element_bytes == 4) store(static_cast<std::uint32_t*>(a.to) + at, bits);
    else store(static_cast<std::uint16_t*>(a.to) + at, static_cast<std::uint16_t>(bits));
  }
}

}  // namespace gf::cuda
