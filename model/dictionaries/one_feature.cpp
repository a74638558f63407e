#include "model/dictionaries/one_feature.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "model/dictionaries/coding.h"

namespace gf {

namespace {

double feature_along(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

std::vector<float> encoder_column(const Dictionary& dictionary, int feature) {
  std::vector<float> column(static_cast<std::size_t>(dictionary.d_in()));
  for (std::size_t i = 0; i < column.size(); ++i) column[i] = dictionary.encoder.at(static_cast<int>(i), feature);
  return column;
}

/// What one unit of the feature's activation adds to what the dictionary reads of a row, but for its normalisation.
std::vector<float> added_by(const FittedDictionary& fitted, int feature) {
  std::vector<float> d = fitted.dictionary->decoder_row(feature);
  for (std::size_t i = 0; i < fitted.factor.size(); ++i) d[i] /= fitted.factor[i];
  return d;
}

/// Of all features, before their biases. Not oneDNN: a recipe is checked by programs that are built without it.
std::vector<float> feature_products(const Dictionary& dictionary, std::span<const float> input) {
  const auto n = static_cast<std::size_t>(dictionary.features()), d = input.size();
  const TensorView& view = dictionary.encoder.view;
  std::vector<float> sums(n), line(dictionary.encoder.in_major ? n : d);
  for (std::size_t i = 0; i < (dictionary.encoder.in_major ? d : n); ++i) {
    widen(view.data + i * line.size() * size_of(view.dtype), view.dtype, line.data(), line.size());
    if (dictionary.encoder.in_major)
      for (std::size_t f = 0; f < n; ++f) sums[f] += input[i] * line[f];
    else sums[i] = static_cast<float>(feature_along(input, line));
  }
  return sums;
}

/// The activation where the features don't compete, or where the feature cannot win; else that of all features of the row.
double activation_in(const Dictionary& dictionary, int feature, std::span<const float> input) {
  const auto at = static_cast<std::size_t>(feature);
  const DictionaryConfig& c = dictionary.config;
  double p = feature_along(input, encoder_column(dictionary, feature));
  if (c.activation == FeatureActivation::Gated) {
    const bool open = p + static_cast<double>(dictionary.gate[at]) > 0;
    return open ? std::max(p * static_cast<double>(dictionary.gain[at]) + static_cast<double>(dictionary.bias[at]), 0.0) : 0.0;
  }
  p += static_cast<double>(dictionary.bias[at]);
  if (!dictionary.norms.empty()) p *= static_cast<double>(dictionary.norms[at]);
  if (!c.keeps_negative && p <= 0) return 0;
  if (c.activation == FeatureActivation::JumpRelu) return p > static_cast<double>(dictionary.threshold[at]) ? p : 0.0;
  if (c.activation == FeatureActivation::Relu) return p;
  std::vector<float> all = feature_products(dictionary, input);
  activate(dictionary, all);
  return all[at] != 0 ? p : 0.0;
}

}  // namespace

FeatureInRow feature_in_row(const FittedDictionary& fitted, int feature, std::span<const float> x) {
  EXPECTS(!fitted.transcodes(), "a dictionary that reads and writes at one hook");
  std::vector<float> input(x.size());
  RowFrame frame;
  input_of(fitted, x, input, frame);
  return {activation_in(*fitted.dictionary, feature, input), frame.back};
}

void set_feature_in_row(const FittedDictionary& fitted, int feature, const FeatureInRow& now, double becomes, std::span<float> x) {
  const double more = (becomes - now.activation) * now.unit;
  if (more == 0) return;
  const std::vector<float> d = added_by(fitted, feature);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(static_cast<double>(x[i]) + more * static_cast<double>(d[i]));
}

void slope_of_feature(const FittedDictionary& fitted, int feature, const FeatureRule& rule, std::span<const float> x,
                      std::span<float> slope) {
  const Dictionary& dictionary = *fitted.dictionary;
  const DictionaryConfig& c = dictionary.config;
  const auto at = static_cast<std::size_t>(feature);
  const FeatureInRow now = feature_in_row(fitted, feature, x);
  const double towards = feature_along(slope, added_by(fitted, feature));  // dm / d(what is added, in units)
  // y = x + (rule(a) - a) unit d, where a and unit depend on x.
  const double of_activation = (rule.factor - 1) * now.unit * towards;
  const double of_unit = (rule.factor * now.activation + rule.value - now.activation) * towards;
  const std::size_t n = x.size();
  std::vector<double> v(n);  // dm / d(normalised row)
  if (now.activation != 0) {
    double gain = of_activation;
    if (!dictionary.norms.empty()) gain *= static_cast<double>(dictionary.norms[at]);
    if (c.activation == FeatureActivation::Gated) gain *= static_cast<double>(dictionary.gain[at]);
    const std::vector<float> column = encoder_column(dictionary, feature);
    for (std::size_t i = 0; i < n; ++i) v[i] = gain * static_cast<double>(column[i]);
  }
  const auto mean_of = [n](std::span<const double> of) { return std::accumulate(of.begin(), of.end(), 0.0) / static_cast<double>(n); };
  std::vector<double> u(n);  // the row as the normalisation finds it
  for (std::size_t i = 0; i < n; ++i)
    u[i] = static_cast<double>(x[i]) * (fitted.factor.empty() ? 1.0 : static_cast<double>(fitted.factor[i])) -
           (fitted.offset.empty() ? 0.0 : static_cast<double>(fitted.offset[i]));
  if (c.centred || c.normalisation == RowNormalisation::LayerNorm) {
    const double mean = mean_of(u);
    for (double& value : u) value -= mean;
  }
  double squares = 0, with = 0;
  for (std::size_t i = 0; i < n; ++i) squares += u[i] * u[i], with += v[i] * u[i];
  if (c.normalisation == RowNormalisation::LayerNorm) {
    const double deviation = now.unit, divisor = deviation + 1e-5, of_deviation = of_unit - with / (divisor * divisor);
    const double per_u = deviation > 0 ? of_deviation / (static_cast<double>(n - 1) * deviation) : 0;
    for (std::size_t i = 0; i < n; ++i) v[i] = v[i] / divisor + per_u * u[i];
  } else if (c.normalisation == RowNormalisation::ConstantNorm) {
    const double norm = std::sqrt(squares), root = std::sqrt(static_cast<double>(n));
    for (std::size_t i = 0; i < n; ++i) v[i] = root / norm * (v[i] - u[i] * with / squares) + of_unit * u[i] / (norm * root);
  }
  if (c.centred || c.normalisation == RowNormalisation::LayerNorm) {
    const double mean = mean_of(v);
    for (double& value : v) value -= mean;
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (!fitted.factor.empty()) v[i] *= static_cast<double>(fitted.factor[i]);
    slope[i] = static_cast<float>(static_cast<double>(slope[i]) + v[i]);
  }
}

}  // namespace gf
