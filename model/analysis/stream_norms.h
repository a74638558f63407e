// How much each part of a block adds to the residual stream: lengths of the vectors that are written into it.
#pragma once

#include <stop_token>

#include "model/analysis/grid.h"
#include "model/session.h"

namespace gf {

/// Euclidean norms. What head h moves from key k to query q is a[h,q,k] * v[k,h] W_O, so its norm is the pattern's entry
/// times `value`.
struct StreamNorms {
  Grid attn, mlp;  ///< [layer, position]: of hook_attn_out and hook_mlp_out
  Grid value;      ///< [layer, head, position]: of v W_O, without b_O
};
/// Errors: NotCaptured (needs attn_out and mlp_out), Cancelled.
[[nodiscard]] Result<StreamNorms> stream_norms(const Model& model, const Trace& trace, std::stop_token stop = {});

}  // namespace gf
