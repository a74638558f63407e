// What writes to the residual stream and what reads from it, by name: "embed", "2.7" (a head), "mlp.3", "2.7.q", "logits".
#pragma once

#include <string>
#include <vector>

#include "model/session.h"

namespace gf {

/// The head's or MLP's name.
[[nodiscard]] std::string head_name(int layer, int head);
[[nodiscard]] std::string mlp_name(int layer);

/// dm/dx of one row of the stream, of dm/d(gamma normalized), both in double. `x`: the row that the LayerNorm reads.
/// (x - mean x) / sqrt(mean((x - mean x)^2) + eps) is differentiated.
[[nodiscard]] std::vector<double> back_through_norm(std::span<const float> x, const LayerNormWeights& norm, double eps,
                                                    std::vector<double> slope);

/// gamma (x - mean x) / scale + beta of one row, in double. `scale` 0: that of the row.
[[nodiscard]] std::vector<double> through_norm(std::span<const float> x, const LayerNormWeights& norm, double eps);

/// A head's part of W_Q, W_K or W_V (`third` 0, 1, 2), widened: [d_model, d_head], row-major.
[[nodiscard]] std::vector<float> head_matrix(const Weights& w, int layer, int head, int third);

}  // namespace gf
