// What is kept of a row of logits: entropy, the likeliest tokens, and logprob and rank of the token that follows.
#pragma once

#include "cuda/kernels/platform.cuh"

namespace gf::cuda {

/// A logit and its token; of equal logits the lower id comes first. A NaN comes before no other, so it is never taken.
struct Candidate {
  float logit;
  int id;
};
__device__ inline bool before(Candidate a, Candidate b) { return a.logit > b.logit || (a.logit == b.logit && a.id < b.id); }
__device__ inline Candidate warp_best(Candidate c) {
  for (int step = 16; step > 0; step /= 2) {
    const Candidate other{__shfl_xor_sync(0xffffffffU, c.logit, step), __shfl_xor_sync(0xffffffffU, c.id, step)};
    if (before(other, c)) c = other;
  }
  return c;
}

/// Block: a row. Every thread owns each thread_count()-th token and knows the best of its own that was not taken yet;
/// the warp of the one that was taken looks for its next. Shared: warps doubles and warps Candidates.
__global__ void row_stats(RowStatsArgs a) {
  DYN_SHARED(double, sums);
  constexpr int kNobody = 0x7fffffff;
  const Shared<float> best_logits = shared_cast<float>(sums + warp_count());
  const Shared<int> best_ids = shared_cast<int>(best_logits + warp_count());
  const float* logits = a.logits + std::int64_t{block_x()} * a.n_vocab;
  RowStats* const out = a.out + block_x();
  Candidate own{-infinity(), kNobody};
  for (int i = thread_index(); i < a.n_vocab; i += thread_count()) {
    const Candidate c{load(logits + i), i};
    if (before(c, own)) own = c;
  }
  const float top = block_max(own.logit, best_logits);
  const int next = a.next != nullptr ? load(a.next + block_x()) : -1;
  const float next_logit = next >= 0 ? load(logits + next) : 0.0F;
  double sum = 0, weighted = 0;
  int above = 0;
  for (int i = thread_index(); i < a.n_vocab; i += thread_count()) {
    const float x = load(logits + i), d = x - top, e = expf(d);
    sum += static_cast<double>(e);
    if (!(e <= 0)) weighted += static_cast<double>(e) * static_cast<double>(d);
    if (x > next_logit) ++above;
    count_flops(6);
  }
  sum = block_sum(sum, sums);
  weighted = block_sum(weighted, sums);
  above = block_sum(above, best_ids);
  const double log_sum = log(sum);
  if (thread_index() == 0) {
    store(&out->log_sum, log_sum);
    store(&out->max, top);
    store(&out->entropy, static_cast<float>(log_sum - weighted / sum));
    store(&out->next_logprob, static_cast<float>(static_cast<double>(next_logit) - static_cast<double>(top) - log_sum));
    store(&out->next_rank, next >= 0 && next_logit == next_logit ? above : -1);
  }
  for (int k = 0; k < kTop; ++k) {
    const Candidate best = warp_best(own);
    if (lane_index() == 0) {
      best_logits[warp_index()] = best.logit;
      best_ids[warp_index()] = best.id;
    }
    __syncthreads();
    Candidate taken{best_logits[0], best_ids[0]};
    for (int w = 1; w < warp_count(); ++w) {
      const Candidate c{best_logits[w], best_ids[w]};
      if (before(c, taken)) taken = c;
    }
    if (thread_index() == 0) {
      store(&out->top_id[k], taken.id == kNobody ? -1 : taken.id);
      store(&out->top_logit[k], taken.logit);
    }
    const int owner = taken.id % thread_count();
    if (taken.id != kNobody && owner / 32 == warp_index()) {
      Candidate following{-infinity(), kNobody};
      for (int i = owner + lane_index() * thread_count(); i < a.n_vocab; i += 32 * thread_count()) {
        const Candidate c{load(logits + i), i};
        if (before(taken, c) && before(c, following)) following = c;
      }
      following = warp_best(following);
      if (lane_index() == owner % 32) own = following;
    }
    __syncthreads();
  }
}

}  // namespace gf::cuda
