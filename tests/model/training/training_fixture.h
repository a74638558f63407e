// Small models and batches for the tests of training.
#pragma once

#include <gtest/gtest.h>
#include <vector>

#include "model/sampling/philox.h"
#include "model/training/batch_pass.h"
#include "model/training/parameters.h"

namespace gf::training::testing {

inline ModelConfig small_config() {
  ModelConfig c;
  c.n_layer = 2;
  c.n_head = 2;
  c.d_model = 12;
  c.d_head = 6;
  c.d_mlp = 20;
  c.n_ctx = 80;
  c.n_vocab = 23;
  return c;
}

/// A number between -1 and 1, of a counter.
inline float noise(std::uint32_t i, std::uint32_t stream) {
  return static_cast<float>(static_cast<double>(philox4x32({i, stream, 0, 0}, {1, 2})[0]) / 2147483648.0 - 1);
}

/// A model of which no parameter is 0 or 1, so that each matters.
inline Parameters small_parameters(const ModelConfig& config, const std::set<std::string>& without = {}) {
  auto parameters = Parameters::zeros(ParameterLayout(config, without));
  EXPECT_TRUE(parameters);
  const std::span<float> values = parameters->change();
  for (const ParameterTensor& tensor : parameters->layout().tensors)
    for (std::size_t i = 0; i < tensor.count; ++i) {
      const bool gamma = !tensor.is_matrix() && tensor.name.ends_with(".weight");
      values[tensor.begin + i] = (gamma ? 1.0F : 0.0F) + 0.4F * noise(static_cast<std::uint32_t>(tensor.begin + i), 1);
    }
  return std::move(*parameters);
}

inline Batch small_batch(const ModelConfig& config, int B, int T) {
  Batch batch{.B = B, .T = T, .inputs = {}, .targets = {}};
  const auto id = [&](std::uint32_t i, std::uint32_t stream) {
    return TokenId(static_cast<std::int32_t>(philox4x32({i, stream, 7, 7}, {3, 4})[0] % static_cast<std::uint32_t>(config.n_vocab)));
  };
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(B * T); ++i) {
    batch.inputs.push_back(id(i, 0));
    batch.targets.push_back(id(i, 1));
  }
  return batch;
}

}  // namespace gf::training::testing
