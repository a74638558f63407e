// Single rows, without the products of many.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "model/dictionaries/coding.h"

namespace gf {

namespace {

/// Of the standard deviation that a row is divided by. Source: SAELens, run_time_activation_ln_in.
constexpr double kRowEpsilon = 1e-5;

void keep_largest(std::span<float> p, std::size_t k, bool keeps_negative) {
  std::vector<std::uint32_t> order(p.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto kept = std::min(k, p.size());
  const auto before = [&](std::uint32_t a, std::uint32_t b) { return p[a] != p[b] ? p[a] > p[b] : a < b; };
  std::ranges::nth_element(order, order.begin() + static_cast<std::ptrdiff_t>(kept), before);
  std::vector<float> values(kept);
  for (std::size_t i = 0; i < kept; ++i) values[i] = keeps_negative ? p[order[i]] : std::max(p[order[i]], 0.0F);
  std::ranges::fill(p, 0.0F);
  for (std::size_t i = 0; i < kept; ++i) p[order[i]] = values[i];
}

}  // namespace

void input_of(const FittedDictionary& fitted, std::span<const float> x, std::span<float> input, RowFrame& frame) {
  const Dictionary& dictionary = *fitted.dictionary;
  const auto d = static_cast<double>(x.size());
  EXPECTS(x.size() == static_cast<std::size_t>(dictionary.d_in()) && input.size() == x.size(), "a row of the hook");
  frame = {};
  std::vector<double> row(x.begin(), x.end());
  for (std::size_t i = 0; i < fitted.factor.size(); ++i) row[i] *= static_cast<double>(fitted.factor[i]);
  for (std::size_t i = 0; i < fitted.offset.size(); ++i) row[i] -= static_cast<double>(fitted.offset[i]);
  if (dictionary.config.centred) {
    frame.mean = std::accumulate(row.begin(), row.end(), 0.0) / d;
    for (double& v : row) v -= frame.mean;
  }
  if (dictionary.config.normalisation == RowNormalisation::LayerNorm) {
    const double mean = std::accumulate(row.begin(), row.end(), 0.0) / d;
    double squares = 0;
    for (double& v : row) v -= mean, squares += v * v;
    const double deviation = std::sqrt(squares / std::max(d - 1, 1.0));
    for (double& v : row) v /= deviation + kRowEpsilon;
    frame.shift = mean;
    frame.back = deviation;
  } else if (dictionary.config.normalisation == RowNormalisation::ConstantNorm) {
    double squares = 0;
    for (const double v : row) squares += v * v;
    const double factor = std::sqrt(d) / std::sqrt(squares);
    for (double& v : row) v *= factor;
    frame.back = 1 / factor;
  }
  for (std::size_t i = 0; i < row.size(); ++i)
    input[i] = static_cast<float>(row[i] - (dictionary.bias_in.empty() ? 0.0 : static_cast<double>(dictionary.bias_in[i])));
}

void activate(const Dictionary& dictionary, std::span<float> p) {
  const DictionaryConfig& c = dictionary.config;
  if (c.activation == FeatureActivation::Gated) {
    for (std::size_t i = 0; i < p.size(); ++i)
      p[i] = p[i] + dictionary.gate[i] > 0 ? std::max(p[i] * dictionary.gain[i] + dictionary.bias[i], 0.0F) : 0.0F;
    return;
  }
  for (std::size_t i = 0; i < p.size(); ++i) p[i] += dictionary.bias[i];
  if (!dictionary.norms.empty())
    for (std::size_t i = 0; i < p.size(); ++i) p[i] *= dictionary.norms[i];
  if (c.activation == FeatureActivation::TopK) {
    keep_largest(p, static_cast<std::size_t>(c.k), c.keeps_negative);
    return;
  }
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (!c.keeps_negative && p[i] < 0) p[i] = 0;
    if (c.activation == FeatureActivation::JumpRelu && !(p[i] > dictionary.threshold[i])) p[i] = 0;
  }
}

float ActiveFeatures::at(int row, int feature) const {
  const auto found = features_of(row);
  const auto place = std::ranges::lower_bound(found, feature);
  return place == found.end() || *place != feature ? 0.0F : activations_of(row)[static_cast<std::size_t>(place - found.begin())];
}

void decode(const FittedDictionary& fitted, std::span<const int> features, std::span<const float> activations, std::span<const float> x,
            std::span<float> out) {
  const Dictionary& dictionary = *fitted.dictionary;
  EXPECTS(out.size() == static_cast<std::size_t>(dictionary.d_out()), "a row of the hook where it writes");
  RowFrame frame;
  std::vector<float> input(x.size());
  input_of(fitted, x, input, frame);
  std::vector<double> sum(dictionary.bias_out.begin(), dictionary.bias_out.end());
  for (std::size_t f = 0; f < features.size(); ++f) {
    const std::vector<float> row = dictionary.decoder_row(features[f]);
    for (std::size_t i = 0; i < row.size(); ++i) sum[i] += static_cast<double>(activations[f]) * static_cast<double>(row[i]);
  }
  if (!dictionary.skip.view.empty()) {
    std::vector<double> read(x.begin(), x.end());
    for (std::size_t i = 0; i < fitted.factor.size(); ++i)
      read[i] = read[i] * static_cast<double>(fitted.factor[i]) - static_cast<double>(fitted.offset[i]);
    for (int o = 0; o < dictionary.d_out(); ++o)
      for (int i = 0; i < dictionary.d_in(); ++i)
        sum[static_cast<std::size_t>(o)] += read[static_cast<std::size_t>(i)] * static_cast<double>(dictionary.skip.at(i, o));
  }
  for (std::size_t i = 0; i < sum.size(); ++i) {
    double y = sum[i];
    if (!dictionary.transcodes()) {
      y = y * frame.back + frame.shift + frame.mean;
      if (!fitted.offset.empty()) y += static_cast<double>(fitted.offset[i]);
      if (!fitted.factor.empty()) y /= static_cast<double>(fitted.factor[i]);
    }
    out[i] = static_cast<float>(y);
  }
}

}  // namespace gf
