#include "model/dictionaries/naive_coding.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace gf {

namespace {

struct NaiveRow {
  std::vector<double> x;
  double centre = 0, mean = 0, deviation = 1;
};

NaiveRow naive_normalised(const FittedDictionary& fitted, std::span<const float> row) {
  const DictionaryConfig& c = fitted.dictionary->config;
  const std::size_t d = row.size();
  NaiveRow n;
  for (std::size_t i = 0; i < d; ++i)
    n.x.push_back(static_cast<double>(row[i]) * (fitted.factor.empty() ? 1.0 : static_cast<double>(fitted.factor[i])) -
                  (fitted.offset.empty() ? 0.0 : static_cast<double>(fitted.offset[i])));
  const auto mean = [&] {
    double sum = 0;
    for (const double v : n.x) sum += v;
    return sum / static_cast<double>(d);
  };
  if (c.centred) {
    n.centre = mean();
    for (double& v : n.x) v -= n.centre;
  }
  double squares = 0;
  if (c.normalisation == RowNormalisation::LayerNorm) {
    n.mean = mean();
    for (double& v : n.x) v -= n.mean;
    for (const double v : n.x) squares += v * v;
    n.deviation = std::sqrt(squares / static_cast<double>(d - 1));
    for (double& v : n.x) v /= n.deviation + 1e-5;
  }
  if (c.normalisation == RowNormalisation::ConstantNorm) {
    for (const double v : n.x) squares += v * v;
    n.deviation = std::sqrt(squares) / std::sqrt(static_cast<double>(d));
    for (double& v : n.x) v /= n.deviation;
  }
  return n;
}

}  // namespace

std::vector<float> naive_encode(const FittedDictionary& fitted, std::span<const float> row) {
  const Dictionary& dictionary = *fitted.dictionary;
  const DictionaryConfig& c = dictionary.config;
  NaiveRow in = naive_normalised(fitted, row);
  for (std::size_t i = 0; i < dictionary.bias_in.size(); ++i) in.x[i] -= static_cast<double>(dictionary.bias_in[i]);
  std::vector<double> p;
  for (int f = 0; f < dictionary.features(); ++f) {
    const auto at = static_cast<std::size_t>(f);
    double sum = 0;
    for (int i = 0; i < dictionary.d_in(); ++i) sum += in.x[static_cast<std::size_t>(i)] * static_cast<double>(dictionary.encoder.at(i, f));
    if (c.activation == FeatureActivation::Gated) {
      const bool open = sum + static_cast<double>(dictionary.gate[at]) > 0;
      const double magnitude = sum * static_cast<double>(dictionary.gain[at]) + static_cast<double>(dictionary.bias[at]);
      p.push_back(open ? std::max(magnitude, 0.0) : 0.0);
      continue;
    }
    sum += static_cast<double>(dictionary.bias[at]);
    if (c.rescaled) sum *= static_cast<double>(dictionary.norms[at]);
    if (c.activation == FeatureActivation::JumpRelu && sum <= static_cast<double>(dictionary.threshold[at])) sum = 0;
    p.push_back(sum);
  }
  if (c.activation == FeatureActivation::TopK) {
    std::vector<double> sorted = p;
    std::ranges::sort(sorted, std::greater<>());
    const double least = sorted[static_cast<std::size_t>(c.k) - 1];
    for (double& v : p)
      if (v < least) v = 0;
  }
  std::vector<float> activations;
  for (const double v : p) activations.push_back(static_cast<float>(c.keeps_negative ? v : std::max(v, 0.0)));
  return activations;
}

std::vector<float> naive_decode(const FittedDictionary& fitted, std::span<const float> activations, std::span<const float> row) {
  const Dictionary& dictionary = *fitted.dictionary;
  const NaiveRow in = naive_normalised(fitted, row);
  std::vector<float> out;
  for (int o = 0; o < dictionary.d_out(); ++o) {
    const auto at = static_cast<std::size_t>(o);
    double sum = static_cast<double>(dictionary.bias_out[at]);
    for (int f = 0; f < dictionary.features(); ++f) {
      const double norm = dictionary.config.rescaled ? static_cast<double>(dictionary.norms[static_cast<std::size_t>(f)]) : 1.0;
      sum += static_cast<double>(activations[static_cast<std::size_t>(f)]) / norm * static_cast<double>(dictionary.decoder.at(f, o));
    }
    if (!dictionary.skip.view.empty())
      for (int i = 0; i < dictionary.d_in(); ++i) {
        const auto from = static_cast<std::size_t>(i);
        double x = static_cast<double>(row[from]);
        if (!fitted.factor.empty()) x = x * static_cast<double>(fitted.factor[from]) - static_cast<double>(fitted.offset[from]);
        sum += x * static_cast<double>(dictionary.skip.at(i, o));
      }
    if (!dictionary.transcodes()) {
      sum = sum * in.deviation + in.mean + in.centre;
      if (!fitted.offset.empty()) sum += static_cast<double>(fitted.offset[at]);
      if (!fitted.factor.empty()) sum /= static_cast<double>(fitted.factor[at]);
    }
    out.push_back(static_cast<float>(sum));
  }
  return out;
}

}  // namespace gf
