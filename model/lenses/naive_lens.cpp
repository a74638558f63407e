#include "model/lenses/naive_lens.h"

#include <cmath>

namespace gf {

namespace {

/// Log-probabilities that ln_final and the unembedding read from a row.
std::vector<double> naive_reading(const Weights& model, const std::vector<double>& h) {
  const auto n = static_cast<double>(h.size());
  double mean = 0, squares = 0, most = -INFINITY, sum = 0;
  for (const double x : h) mean += x / n;
  for (const double x : h) squares += (x - mean) * (x - mean) / n;
  const double scale = std::sqrt(squares + static_cast<double>(model.config.layer_norm_eps));
  std::vector<double> logits(static_cast<std::size_t>(model.config.n_vocab));
  for (std::size_t t = 0; t < logits.size(); ++t) {
    for (std::size_t i = 0; i < h.size(); ++i) {
      const auto at = static_cast<std::int64_t>(i);
      const double beta = model.ln_f.beta.empty() ? 0.0 : static_cast<double>(model.ln_f.beta.at(at));
      logits[t] += ((h[i] - mean) / scale * static_cast<double>(model.ln_f.gamma.at(at)) + beta) *
                   static_cast<double>(model.unembed.at(static_cast<int>(i), static_cast<int>(t)));
    }
    most = std::max(most, logits[t]);
  }
  for (const double x : logits) sum += std::exp(x - most);
  for (double& x : logits) x -= most + std::log(sum);
  return logits;
}

}  // namespace

double naive_lens_kl(const Weights& model, const LensRows& rows, int depth, std::span<const double> map) {
  const auto d = static_cast<std::size_t>(model.config.d_model), m = rows.depths.front().size() / d;
  const std::vector<float>&stream = rows.depths[static_cast<std::size_t>(depth)], &last = rows.depths.back();
  double total = 0;
  for (std::size_t r = 0; r < m; ++r) {
    std::vector<double> mapped(d), final_row(d);
    for (std::size_t i = 0; i < d; ++i) {
      final_row[i] = static_cast<double>(last[r * d + i]);
      mapped[i] = static_cast<double>(stream[r * d + i]) + map[d * d + i];
      for (std::size_t j = 0; j < d; ++j) mapped[i] += map[i * d + j] * static_cast<double>(stream[r * d + j]);
    }
    const auto q = naive_reading(model, final_row), p = naive_reading(model, mapped);
    for (std::size_t t = 0; t < q.size(); ++t) total += std::exp(q[t]) * (q[t] - p[t]) / static_cast<double>(m);
  }
  return total;
}

}  // namespace gf
