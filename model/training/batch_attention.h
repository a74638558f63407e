// Attention of a batch and its gradients, one head of one sequence after the other. The pattern is not kept: the backward pass
// computes it again, which costs less than its memory would.
#pragma once

#include <cstddef>

#include "model/base/parallel.h"
#include "model/cpu/kernels.h"

namespace gf::training {

struct BatchAttention {
  const cpu::Kernels& kernels;
  std::size_t B = 0, T = 0, n_head = 0, d_head = 0;
  float scale = 1;   ///< of q.k
  const float* qkv;  ///< [B T, 3 d_model]: q, k, v, head h takes columns h d_head ..
};

/// Floats that each thread of the pool needs for itself.
[[nodiscard]] std::size_t attention_memory(std::size_t T);

/// z [B T, d_model]
void attend(ThreadPool& pool, const BatchAttention& a, float* z);
/// of_qkv [B T, 3 d_model] of of_z [B T, d_model]. Each head of each sequence is one share: its sums have one order.
void attend_backward(ThreadPool& pool, const BatchAttention& a, const float* of_z, float* of_qkv);

}  // namespace gf::training
