// Kernels that go over rows: embedding, sums with LayerNorm, biases, activation, the split of q, k and v.
#pragma once

#include "cuda/kernels/platform.cuh"

namespace gf::cuda {

/// Block: a row.
__global__ void embed(EmbedArgs a) {
  const int row = block_x();
  const std::int64_t id = load(a.ids + row), position = a.first + row, out = std::int64_t{row} * a.width;
  for (int i = thread_index(); i < a.width; i += thread_count()) {
    const float t = weight_at(a.wte, a.type, id * a.wte_ld + i), p = weight_at(a.wpe, a.wpe_type, position * a.wpe_ld + i);
    if (a.token != nullptr) store(a.token + out + i, t);
    if (a.position != nullptr) store(a.position + out + i, p);
    if (a.sum != nullptr) store(a.sum + out + i, t + p);
    count_flops(1);
  }
}

/// Block: a row, which it keeps in shared memory. Shared: width + warps floats.
__global__ void residual_norm(NormArgs a) {
  DYN_SHARED(float, x);
  const Shared<float> slots = x + a.width;
  const int row = block_x();
  const std::int64_t at = std::int64_t{row} * a.width;
  float partial = 0;
  for (int i = thread_index(); i < a.width; i += thread_count()) {
    float v = load(a.a + at + i);
    if (a.b != nullptr) {
      float branch = load(a.b + at + i);
      if (a.bias != nullptr) branch += load(a.bias + i);
      if (a.branch != nullptr) store(a.branch + at + i, branch);
      v += branch;
    }
    if (a.sum != nullptr) store(a.sum + at + i, v);
    x[i] = v;  // its own thread reads it again
    partial += v;
    count_flops(3);
  }
  const float mean = block_sum(partial, slots) / static_cast<float>(a.width);
  float squares = 0;
  for (int i = thread_index(); i < a.width; i += thread_count()) {
    const float d = x[i] - mean;
    squares += d * d;
    count_flops(3);
  }
  float scale = sqrtf(block_sum(squares, slots) / static_cast<float>(a.width) + a.eps);
  if (a.scale != nullptr && thread_index() == 0) store(a.scale + row, scale);
  if (a.given_scale != nullptr) scale = load(a.given_scale + row);
  if (a.normalized == nullptr && a.out == nullptr) return;
  for (int i = thread_index(); i < a.width; i += thread_count()) {
    const float n = (x[i] - mean) / scale;
    if (a.normalized != nullptr) store(a.normalized + at + i, n);
    if (a.out == nullptr) continue;
    const float beta = a.beta != nullptr ? load(a.beta + i) : 0.0F;
    store(a.out + at + i, n * load(a.gamma + i) + beta);
    count_flops(4);
  }
}

/// Block: a row. The last step of residual_norm alone, where an edit has changed what is normalized.
__global__ void affine(AffineArgs a) {
  const std::int64_t at = std::int64_t{block_x()} * a.width;
  for (int i = thread_index(); i < a.width; i += thread_count()) {
    const float beta = a.beta != nullptr ? load(a.beta + i) : 0.0F;
    store(a.out + at + i, load(a.x + at + i) * load(a.gamma + i) + beta);
    count_flops(2);
  }
}

/// Block: a row.
__global__ void add_bias(BiasArgs a) {
  const std::int64_t at = std::int64_t{block_x()} * a.width;
  for (int i = thread_index(); i < a.width; i += thread_count()) {
    store(a.x + at + i, load(a.x + at + i) + load(a.bias + i));
    count_flops(1);
  }
}

/// Block: a row.
__global__ void copy_columns(CopyColumnsArgs a) {
  const std::int64_t row = block_x();
  for (int i = thread_index(); i < a.width; i += thread_count()) {
    float v = load(a.from + row * a.from_ld + i);
    if (a.bias != nullptr) {
      v += load(a.bias + i);
      count_flops(1);
    }
    store(a.to + row * a.to_ld + i, v);
  }
}

/// Block: a row. The caches' new rows are written where they stay.
__global__ void split_qkv(SplitArgs a) {
  const std::int64_t row = block_x();
  for (int i = thread_index(); i < 3 * a.width; i += thread_count()) {
    float v = load(a.qkv + row * 3 * a.width + i);
    if (a.bias != nullptr) v += load(a.bias + i);
    float* const part = i < a.width ? a.q : i < 2 * a.width ? a.k : a.v;
    store(part + row * a.width + i % a.width, v);
    count_flops(1);
  }
}

/// Block: a row.
__global__ void activate(ActivateArgs a) {
  const std::int64_t at = std::int64_t{block_x()} * a.width;
  for (int i = thread_index(); i < a.width; i += thread_count()) {
    float x = load(a.x + at + i);
    if (a.bias != nullptr) x += load(a.bias + i);
    if (a.pre != nullptr) store(a.pre + at + i, x);
    float y = 0;
    if (a.kind == kGeluTanh) y = 0.5F * x * (1.0F + tanhf(0.7978845608028654F * (x + 0.044715F * x * x * x)));
    else if (a.kind == kGeluErf) y = 0.5F * x * (1.0F + erff(x * 0.7071067811865476F));
    else y = x <= 0 ? 0.0F : x;  // NaN stays
    store(a.post + at + i, y);
    count_flops(10);
  }
}

/// Block: a row.
__global__ void sum_heads(SumHeadsArgs a) {
  const std::int64_t row = block_x();
  for (int i = thread_index(); i < a.width; i += thread_count()) {
    float sum = a.bias != nullptr ? load(a.bias + i) : 0.0F;
    for (int h = 0; h < a.n_head; ++h) sum += load(a.result + (row * a.n_head + h) * a.width + i);
    store(a.out + row * a.width + i, sum);
    count_flops(a.n_head);
  }
}

}  // namespace gf::cuda
