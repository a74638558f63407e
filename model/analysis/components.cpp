#include "model/analysis/components.h"

#include <cmath>
#include <numeric>

namespace gf {

namespace {

struct CentredRow {
  std::vector<double> away;  ///< x - mean x
  double scale = 0;
};

CentredRow centred_row(std::span<const float> x, double eps) {
  CentredRow row;
  double mean = 0, squares = 0;
  for (const float v : x) mean += static_cast<double>(v);
  mean /= static_cast<double>(x.size());
  for (const float v : x) row.away.push_back(static_cast<double>(v) - mean);
  for (const double v : row.away) squares += v * v;
  row.scale = std::sqrt(squares / static_cast<double>(x.size()) + eps);
  return row;
}

}  // namespace

std::string head_name(int layer, int head) { return std::to_string(layer) + "." + std::to_string(head); }
std::string mlp_name(int layer) { return "mlp." + std::to_string(layer); }

std::vector<double> back_through_norm(std::span<const float> x, const LayerNormWeights& norm, double eps, std::vector<double> slope) {
  const CentredRow row = centred_row(x, eps);
  const auto n = static_cast<double>(x.size());
  double along = 0, mean = 0;
  for (std::size_t i = 0; i < slope.size(); ++i) {
    slope[i] *= static_cast<double>(norm.gamma.at(static_cast<std::int64_t>(i)));
    along += slope[i] * row.away[i];
    mean += slope[i] / n;
  }
  const double of_scale = along / (n * row.scale * row.scale * row.scale);
  for (std::size_t i = 0; i < slope.size(); ++i) slope[i] = (slope[i] - mean) / row.scale - of_scale * row.away[i];
  return slope;
}

std::vector<double> through_norm(std::span<const float> x, const LayerNormWeights& norm, double eps) {
  CentredRow row = centred_row(x, eps);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    row.away[i] = row.away[i] / row.scale * static_cast<double>(norm.gamma.at(at));
    if (!norm.beta.empty()) row.away[i] += static_cast<double>(norm.beta.at(at));
  }
  return std::move(row.away);
}

std::vector<float> head_matrix(const Weights& w, int layer, int head, int third) {
  const ModelConfig& c = w.config;
  const Matrix& qkv = w.blocks[static_cast<std::size_t>(layer)].qkv;
  std::vector<float> found;
  for (int i = 0; i < c.d_model; ++i)
    for (int j = 0; j < c.d_head; ++j) found.push_back(qkv.at(i, third * c.d_model + head * c.d_head + j));
  return found;
}

}  // namespace gf
