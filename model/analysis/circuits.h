// What the weights alone say: which head can read which, and which copy. No prompt is needed.
#pragma once

#include <complex>
#include <vector>

#include "model/analysis/grid.h"
#include "model/session.h"

namespace gf {

/// Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits".
struct Circuits {
  int n_layer = 0, n_head = 0;
  /// norm(W1 W2) / (norm W1 norm W2), Frobenius, for W1 = W_OV of the earlier head and W2 = W_QK (q: its query side,
  /// k: its key side) or W_OV (v) of the later one. [layer, head, layer, head]: the earlier first; NaN elsewhere.
  std::vector<float> q, k, v;
  Grid copying;  ///< [layer, head]: sum of the eigenvalues of W_OV W_U W_E (real part) / sum of their absolute values
  [[nodiscard]] std::size_t index(int layer, int head, int later, int other) const {
    const auto heads = static_cast<std::size_t>(n_head), layers = static_cast<std::size_t>(n_layer);
    return ((static_cast<std::size_t>(layer) * heads + static_cast<std::size_t>(head)) * layers + static_cast<std::size_t>(later)) * heads +
           static_cast<std::size_t>(other);
  }
};
/// The weights as the checkpoint has them, or with the gamma of each LayerNorm folded into what reads through it: of ln1 into
/// W_Q, W_K and W_V, of ln_final into W_U. Errors: Cancelled.
[[nodiscard]] Result<Circuits> circuits(const Weights& weights, bool fold_ln = false, std::stop_token stop = {},
                                        const std::function<void(double)>& progress = {});

/// Eigenvalues of an n x n matrix (row-major), in no particular order. Shifted QR on the Hessenberg form
/// (Golub and Van Loan, ch. 7), meant for d_head.
[[nodiscard]] std::vector<std::complex<double>> eigenvalues(std::vector<double> matrix, std::size_t n);

}  // namespace gf
