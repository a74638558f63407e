// The operations of recipes, element by element, with what they changed.
#pragma once

#include "cuda/kernels/platform.cuh"

namespace gf::cuda {

__device__ inline float edited(float x, int kind, float factor, float value) {
  if (kind == kScale) return x * factor;
  return kind == kAdd ? x + factor * value : value;
}

__device__ inline bool differ(float before, float after) { return before != after && !(before != before && after != after); }
/// Squared difference; infinities are left out.
__device__ inline double squared_change(float before, float after) {
  const double d = static_cast<double>(after) - static_cast<double>(before);
  return d - d == 0 ? d * d : 0.0;
}

__device__ inline void store_tally(EditTally* tally, double squares, int changed, int empty, double attention, Shared<double> slots) {
  squares = block_sum(squares, slots);
  changed = block_sum(changed, shared_cast<int>(slots));
  if (thread_index() != 0) return;
  store(&tally->squares, squares);
  store(&tally->attention, attention);
  store(&tally->changed, changed);
  store(&tally->empty, empty);
}

/// Block: an edited row. Shared: warps doubles.
__global__ void edit_rows(EditRowsArgs a) {
  DYN_SHARED(double, slots);
  float* const row = a.data + a.stride * load(a.rows + block_x());
  const float* values = a.values != nullptr && a.by_row != 0 ? a.values + std::int64_t{block_x()} * a.n_elements : a.values;
  double squares = 0;
  int changed = 0;
  for (int i = thread_index(); i < a.n_elements; i += thread_count()) {
    float* const at = row + load(a.elements + i);
    const float before = load(at);
    const float after = edited(before, a.kind, a.factor, values != nullptr ? load(values + i) : a.value);
    store(at, after);
    squares += squared_change(before, after);
    if (differ(before, after)) ++changed;
    count_flops(2);
  }
  store_tally(a.tally + block_x(), squares, changed, 0, 0, slots);
}

/// How much attention moves between a row of scores and value_of() of it: the sum of what keys lose. All threads get it.
template <class F>
__device__ inline double attention_moved(const float* line, int keys, const F& value_of, Shared<double> slots) {
  float top_before = -infinity(), top_after = -infinity();
  for (int key = thread_index(); key < keys; key += thread_count()) {
    const float before = load(line + key);
    top_before = fmaxf(top_before, before);
    top_after = fmaxf(top_after, value_of(key, before));
  }
  top_before = block_max(top_before, shared_cast<float>(slots));
  top_after = block_max(top_after, shared_cast<float>(slots));
  double sum_before = 0, sum_after = 0;
  for (int key = thread_index(); key < keys; key += thread_count()) {
    const float before = load(line + key);
    if (top_before != -infinity()) sum_before += static_cast<double>(expf(before - top_before));
    if (top_after != -infinity()) sum_after += static_cast<double>(expf(value_of(key, before) - top_after));
  }
  sum_before = block_sum(sum_before, slots);
  sum_after = block_sum(sum_after, slots);
  double moved = 0;
  for (int key = thread_index(); key < keys; key += thread_count()) {
    const float before = load(line + key);
    const double a = sum_before > 0 ? static_cast<double>(expf(before - top_before)) / sum_before : 0.0;
    const double b = sum_after > 0 ? static_cast<double>(expf(value_of(key, before) - top_after)) / sum_after : 0.0;
    if (a > b) moved += a - b;
    count_flops(8);
  }
  return block_sum(moved, slots);
}

/// Block (edited row, head). The first pass leaves the new values' sum, the second divides by it where asked.
/// Shared: warps doubles.
__global__ void edit_causal(EditCausalArgs a) {
  DYN_SHARED(double, slots);
  const int row = load(a.rows + block_x()), head = load(a.heads + block_y()), keys = a.packed.first + row + 1;
  float* const line = a.data + causal_offset(a.packed, row) + std::int64_t{head} * keys;
  const unsigned char* written = a.written + std::int64_t{block_x()} * a.keys;
  const std::int64_t number = std::int64_t{block_x()} * a.n_heads + block_y();
  const float* values = a.values != nullptr ? a.values + number * a.keys : nullptr;
  const auto value_of = [&](int key, float before) {
    return load(written + key) == 0 ? before : edited(before, a.kind, a.factor, values != nullptr ? load(values + key) : a.value);
  };
  const double attention = a.attention != 0 ? attention_moved(line, keys, value_of, slots) : 0;
  double sum = 0;
  int any = 0;
  if (a.renormalize != 0) {
    for (int key = thread_index(); key < keys; key += thread_count()) {
      sum += static_cast<double>(value_of(key, load(line + key)));
      any += load(written + key);
    }
    sum = block_sum(sum, slots);
    any = block_sum(any, shared_cast<int>(slots));
  }
  const bool divide = a.renormalize != 0 && any > 0 && sum != 0;
  double squares = 0;
  int changed = 0;
  for (int key = thread_index(); key < keys; key += thread_count()) {
    const float before = load(line + key);
    float after = value_of(key, before);
    if (divide) after = static_cast<float>(static_cast<double>(after) / sum);
    store(line + key, after);
    squares += squared_change(before, after);
    if (differ(before, after)) ++changed;
    count_flops(3);
  }
  store_tally(a.tally + number, squares, changed, a.renormalize != 0 && any > 0 && sum == 0 ? 1 : 0, attention, slots);
}

/// Block (edited row, group). Sets the coefficient along the group's vector to the value, or adds a share of the group's
/// norm to it. Shared: warps doubles.
__global__ void edit_along(EditAlongArgs a) {
  DYN_SHARED(double, slots);
  const std::int64_t first = std::int64_t{block_y()} * a.group;
  float* const row = a.data + a.stride * load(a.rows + block_x());
  double measure = 0;  // x.v, or x.x
  for (int i = thread_index(); i < a.group; i += thread_count()) {
    const float x = load(row + load(a.elements + first + i));
    measure += static_cast<double>(x) * static_cast<double>(a.kind == kAddNorm ? x : load(a.values + first + i));
  }
  measure = block_sum(measure, slots);
  const double value = static_cast<double>(a.value), more = a.kind == kAddNorm ? value * sqrt(measure) : value - measure;
  double squares = 0;
  int changed = 0;
  for (int i = thread_index(); i < a.group; i += thread_count()) {
    float* const at = row + load(a.elements + first + i);
    const float before = load(at);
    const float after = static_cast<float>(static_cast<double>(before) + more * static_cast<double>(load(a.values + first + i)));
    store(at, after);
    squares += squared_change(before, after);
    if (differ(before, after)) ++changed;
    count_flops(4);
  }
  store_tally(a.tally + std::int64_t{block_x()} * a.groups + block_y(), squares, changed, 0, 0, slots);
}

/// Block (edited row, group). Rounds to steps of the group's largest magnitude / levels, ties to even. Shared: warps doubles.
__global__ void edit_round(EditRoundArgs a) {
  DYN_SHARED(double, slots);
  const int* elements = a.elements + std::int64_t{block_y()} * a.group;
  float* const row = a.data + a.stride * load(a.rows + block_x());
  const auto kept = [&](float x) { return x - x != 0 || fabsf(x) > a.outliers; };  // infinities and NaN too
  float most = 0;
  for (int i = thread_index(); i < a.group; i += thread_count()) {
    const float x = load(row + load(elements + i));
    if (!kept(x)) most = fmaxf(most, fabsf(x));
  }
  const float step = block_max(most, shared_cast<float>(slots)) / static_cast<float>(a.levels);
  double squares = 0;
  int changed = 0;
  for (int i = thread_index(); i < a.group; i += thread_count()) {
    float* const at = row + load(elements + i);
    const float before = load(at);
    const float after = step == 0 || kept(before) ? before : rintf(before / step) * step;
    store(at, after);
    squares += squared_change(before, after);
    if (differ(before, after)) ++changed;
    count_flops(4);
  }
  store_tally(a.tally + std::int64_t{block_x()} * a.groups + block_y(), squares, changed, 0, 0, slots);
}

}  // namespace gf::cuda
