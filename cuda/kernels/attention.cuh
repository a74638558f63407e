// Causal attention. Where the trace keeps scores or pattern, or an edit acts on them: attention_scores, softmax_rows and
// weigh_values, with packed causal rows between them. Otherwise `attend` (many queries) and `attend_one` with
// combine_splits, whose scores stay on the chip.
#pragma once

#include "cuda/kernels/platform.cuh"

namespace gf::cuda {

inline constexpr int kTileThreads = 256;                       // eight threads for each query of a tile
inline constexpr int kThreadsPerQuery = kTileThreads / kTile;  // 8
inline constexpr int kDimsPerThread = kMaxHead / kThreadsPerQuery;

/// Rows [row0, row0 + kTile) of one head of x [*, width] into a tile whose rows are d_head + 1 apart; rows at or past
/// `rows` become 0.
__device__ inline void load_tile(Shared<float> tile, const float* x, int row0, int rows, int width, int d_head) {
  for (int i = thread_index(); i < kTile * d_head; i += kTileThreads) {
    const int r = i / d_head, d = i % d_head, row = row0 + r;
    tile[r * (d_head + 1) + d] = row < rows ? load(x + std::int64_t{row} * width + d) : 0.0F;
  }
}

/// This thread's four keys (its own number, and every eighth from there) of its query's scores.
__device__ inline void dot_tile(Shared<float> q, Shared<float> k, int d_head, float scale, float* score) {
  const int query = thread_index() / kThreadsPerQuery, key = thread_index() % kThreadsPerQuery, ld = d_head + 1;
  for (int j = 0; j < kTile / kThreadsPerQuery; ++j) score[j] = 0;
  for (int d = 0; d < d_head; ++d) {
    const float x = q[query * ld + d];
    GF_UNROLL
    for (int j = 0; j < kTile / kThreadsPerQuery; ++j) score[j] += x * k[(key + j * kThreadsPerQuery) * ld + d];
  }
  for (int j = 0; j < kTile / kThreadsPerQuery; ++j) score[j] *= scale;
  count_flops(2L * d_head * kTile / kThreadsPerQuery);
}

/// acc[j] += weights of this thread's query . dimension (its number + 8 j) of the values, over the first `keys` keys of the
/// tile. Keys after those have the weight 0, but 0 times NaN is NaN.
__device__ inline void weigh_tile(Shared<float> weights, Shared<float> values, int d_head, int keys, float* acc) {
  const int query = thread_index() / kThreadsPerQuery, first = thread_index() % kThreadsPerQuery, ld = d_head + 1;
  for (int key = 0; key < kTile && key < keys; ++key) {
    const float p = weights[query * (kTile + 1) + key];
    GF_UNROLL
    for (int j = 0; j < kDimsPerThread; ++j) {
      const int d = first + j * kThreadsPerQuery;
      if (d < d_head) acc[j] += p * values[key * ld + d];
    }
  }
  count_flops(2L * kTile * d_head / kThreadsPerQuery);
}

/// Among the eight threads of a query.
__device__ inline float query_max(float v) {
  for (int step = kThreadsPerQuery / 2; step > 0; step /= 2) v = fmaxf(v, __shfl_xor_sync(0xffffffffU, v, step));
  return v;
}
__device__ inline float query_sum(float v) {
  for (int step = kThreadsPerQuery / 2; step > 0; step /= 2) v += __shfl_xor_sync(0xffffffffU, v, step);
  return v;
}

/// Block (query tile, head). Shared: two tiles of kTile x (d_head + 1), one of kTile x (kTile + 1).
__global__ void attend(AttendArgs a) {
  DYN_SHARED(float, q);
  const Shared<float> kv = q + kTile * (a.d_head + 1), weights = kv + kTile * (a.d_head + 1);
  const int row0 = block_x() * kTile, head = block_y() * a.d_head, keys_in_all = a.first + a.T;
  const int query = thread_index() / kThreadsPerQuery, part = thread_index() % kThreadsPerQuery;
  load_tile(q, a.q + head, row0, a.T, a.width, a.d_head);
  float acc[kDimsPerThread] = {};
  float top = -infinity(), sum = 0, weighted = 0;  // of exp(score - top), and of (score - top) exp(score - top)
  const int last_key = a.first + row0 + kTile < keys_in_all ? a.first + row0 + kTile : keys_in_all;
  for (int key0 = 0; key0 < last_key; key0 += kTile) {
    load_tile(kv, a.k + head, key0, keys_in_all, a.width, a.d_head);
    __syncthreads();
    float score[kTile / kThreadsPerQuery];
    dot_tile(q, kv, a.d_head, a.scale, score);
    float tile_top = -infinity();
    for (int j = 0; j < kTile / kThreadsPerQuery; ++j) {
      if (key0 + part + j * kThreadsPerQuery > a.first + row0 + query) score[j] = -infinity();
      tile_top = fmaxf(tile_top, score[j]);
    }
    const float new_top = fmaxf(top, query_max(tile_top));
    const float shrink = new_top == -infinity() ? 1.0F : expf(top - new_top);
    float tile_sum = 0, tile_weighted = 0;
    for (int j = 0; j < kTile / kThreadsPerQuery; ++j) {
      const float p = score[j] == -infinity() ? 0.0F : expf(score[j] - new_top);
      weights[query * (kTile + 1) + part + j * kThreadsPerQuery] = p;
      tile_sum += p;
      if (!(p <= 0)) tile_weighted += p * (score[j] - new_top);
    }
    if (a.entropy != nullptr) weighted = (sum != 0 ? (weighted + (top - new_top) * sum) * shrink : 0.0F) + query_sum(tile_weighted);
    sum = sum * shrink + query_sum(tile_sum);
    top = new_top;
    __syncthreads();
    load_tile(kv, a.v + head, key0, keys_in_all, a.width, a.d_head);
    for (int j = 0; j < kDimsPerThread; ++j) acc[j] *= shrink;
    __syncthreads();
    weigh_tile(weights, kv, a.d_head, a.first + row0 + query + 1 - key0, acc);
    __syncthreads();
  }
  if (row0 + query >= a.T) return;
  for (int j = 0; j < kDimsPerThread; ++j) {
    const int d = part + j * kThreadsPerQuery;
    if (d < a.d_head) store(a.z + std::int64_t{row0 + query} * a.width + head + d, sum != 0 ? acc[j] / sum : 0.0F);
  }
  if (a.entropy != nullptr && part == 0)
    store(a.entropy + std::int64_t{row0 + query} * (a.width / a.d_head) + block_y(), sum != 0 ? logf(sum) - weighted / sum : 0.0F);
}

/// Block (head, split). Shared: kSplitKeys + d_head + warps floats.
__global__ void attend_one(AttendOneArgs a) {
  DYN_SHARED(float, p);
  const Shared<float> q = p + kSplitKeys, slots = q + a.d_head;
  const int head = block_x() * a.d_head, key0 = block_y() * kSplitKeys;
  const int keys = a.keys - key0 < kSplitKeys ? a.keys - key0 : kSplitKeys;
  for (int d = thread_index(); d < a.d_head; d += thread_count()) q[d] = load(a.q + head + d);
  __syncthreads();
  float top = -infinity();
  for (int key = warp_index(); key < keys; key += warp_count()) {
    const float* k = a.k + std::int64_t{key0 + key} * a.width + head;
    float dot = 0;
    for (int d = lane_index(); d < a.d_head; d += 32) dot += q[d] * load(k + d);
    dot = warp_sum(dot) * a.scale;
    if (lane_index() == 0) p[key] = dot;
    top = fmaxf(top, dot);
    if (lane_index() == 0) count_flops(2L * a.d_head);
  }
  top = block_max(top, slots);
  float sum = 0, weighted = 0;
  for (int key = thread_index(); key < keys; key += thread_count()) {
    const float d = p[key] - top, e = expf(d);
    p[key] = e;
    sum += e;
    if (!(e <= 0)) weighted += e * d;
  }
  sum = block_sum(sum, slots);
  weighted = block_sum(weighted, slots);
  float* out = a.partial + (std::int64_t{block_x()} * a.splits + block_y()) * (a.d_head + kPartialHead);
  if (thread_index() == 0) {
    store(out, top);
    store(out + 1, sum);
    store(out + 2, weighted);
  }
  for (int d = thread_index(); d < a.d_head; d += thread_count()) {
    float z = 0;
    for (int key = 0; key < keys; ++key) z += p[key] * load(a.v + std::int64_t{key0 + key} * a.width + head + d);
    store(out + kPartialHead + d, z);
    count_flops(2L * keys);
  }
}

/// Block: a head.
__global__ void combine_splits(CombineArgs a) {
  const int stride = a.d_head + kPartialHead;
  const float* partial = a.partial + std::int64_t{block_x()} * a.splits * stride;
  float top = -infinity();
  for (int s = 0; s < a.splits; ++s) top = fmaxf(top, load(partial + s * stride));
  for (int d = thread_index(); d < a.d_head; d += thread_count()) {
    float sum = 0, z = 0;
    for (int s = 0; s < a.splits; ++s) {
      const float share = expf(load(partial + s * stride) - top);
      sum += share * load(partial + s * stride + 1);
      z += share * load(partial + s * stride + kPartialHead + d);
      count_flops(4);
    }
    store(a.z + std::int64_t{block_x()} * a.d_head + d, z / sum);
  }
  if (a.entropy == nullptr || thread_index() != 0) return;
  float sum = 0, weighted = 0;
  for (int s = 0; s < a.splits; ++s) {
    const float below = load(partial + s * stride) - top, share = expf(below), own = load(partial + s * stride + 1);
    sum += share * own;
    weighted += share * (load(partial + s * stride + 2) + below * own);
  }
  store(a.entropy + block_x(), logf(sum) - weighted / sum);
}

/// Block (key tile, query tile, head). Shared: two tiles of kTile x (d_head + 1).
__global__ void attention_scores(ScoresArgs a) {
  DYN_SHARED(float, q);
  const Shared<float> k = q + kTile * (a.d_head + 1);
  const int key0 = block_x() * kTile, row0 = block_y() * kTile, head = block_z();
  if (key0 > a.rows.first + row0 + kTile - 1) return;  // every key stands behind every query
  load_tile(q, a.q + head * a.d_head, row0, a.T, a.width, a.d_head);
  load_tile(k, a.k + head * a.d_head, key0, a.rows.first + a.T, a.width, a.d_head);
  __syncthreads();
  float score[kTile / kThreadsPerQuery];
  dot_tile(q, k, a.d_head, a.scale, score);
  const int row = row0 + thread_index() / kThreadsPerQuery;
  if (row >= a.T) return;
  const int keys = a.rows.first + row + 1;
  float* out = a.scores + causal_offset(a.rows, row) + std::int64_t{head} * keys;
  for (int j = 0; j < kTile / kThreadsPerQuery; ++j) {
    const int key = key0 + thread_index() % kThreadsPerQuery + j * kThreadsPerQuery;
    if (key < keys) store(out + key, score[j]);
  }
}

/// Block (row, head). A row whose scores are all -inf becomes 0, a row with a NaN becomes NaN. Shared: warps floats.
__global__ void softmax_rows(SoftmaxArgs a) {
  DYN_SHARED(float, slots);
  const int keys = a.rows.first + block_x() + 1;
  const std::int64_t at = causal_offset(a.rows, block_x()) + std::int64_t{block_y()} * keys;
  float top = -infinity();
  for (int key = thread_index(); key < keys; key += thread_count()) top = fmaxf(top, load(a.scores + at + key));
  top = block_max(top, slots);
  if (top == -infinity()) {
    float fill = 0;
    for (int key = thread_index(); key < keys; key += thread_count())
      if (load(a.scores + at + key) != top) fill = infinity() - infinity();
    fill = block_sum(fill, slots);
    for (int key = thread_index(); key < keys; key += thread_count()) store(a.pattern + at + key, fill);
    return;
  }
  float sum = 0;
  for (int key = thread_index(); key < keys; key += thread_count()) sum += expf(load(a.scores + at + key) - top);
  sum = block_sum(sum, slots);
  for (int key = thread_index(); key < keys; key += thread_count()) {
    store(a.pattern + at + key, expf(load(a.scores + at + key) - top) / sum);
    count_flops(4);
  }
}

/// Block (row, head). Shared: warps floats.
__global__ void pattern_entropy(EntropyArgs a) {
  DYN_SHARED(float, slots);
  const int keys = a.rows.first + block_x() + 1;
  const float* row = a.pattern + causal_offset(a.rows, block_x()) + std::int64_t{block_y()} * keys;
  float sum = 0;
  for (int key = thread_index(); key < keys; key += thread_count()) {
    const float p = load(row + key);
    if (!(p <= 0)) sum -= p * logf(p);
    count_flops(3);
  }
  sum = block_sum(sum, slots);
  if (thread_index() == 0) store(a.entropy + std::int64_t{block_x()} * a.rows.n_head + block_y(), sum);
}

/// Block (query tile, head). Shared: a tile of kTile x (kTile + 1), one of kTile x (d_head + 1).
__global__ void weigh_values(WeighArgs a) {
  DYN_SHARED(float, weights);
  const Shared<float> v = weights + kTile * (kTile + 1);
  const int row0 = block_x() * kTile, head = block_y(), first = a.rows.first;
  const int query = thread_index() / kThreadsPerQuery, part = thread_index() % kThreadsPerQuery;
  float acc[kDimsPerThread] = {};
  const int last_key = first + (row0 + kTile < a.T ? row0 + kTile : a.T);
  for (int key0 = 0; key0 < last_key; key0 += kTile) {
    for (int i = thread_index(); i < kTile * kTile; i += kTileThreads) {
      const int row = row0 + i / kTile, key = key0 + i % kTile, keys = first + row + 1;
      const bool there = row < a.T && key < keys;
      weights[i / kTile * (kTile + 1) + i % kTile] =
          there ? load(a.pattern + causal_offset(a.rows, row) + std::int64_t{head} * keys + key) : 0.0F;
    }
    load_tile(v, a.v + head * a.d_head, key0, first + a.T, a.width, a.d_head);
    __syncthreads();
    weigh_tile(weights, v, a.d_head, first + row0 + query + 1 - key0, acc);
    __syncthreads();
  }
  if (row0 + query >= a.T) return;
  for (int j = 0; j < kDimsPerThread; ++j) {
    const int d = part + j * kThreadsPerQuery;
    if (d < a.d_head) store(a.z + std::int64_t{row0 + query} * a.width + head * a.d_head + d, acc[j]);
  }
}

}  // namespace gf::cuda
