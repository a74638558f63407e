// Small dictionaries of random numbers, in memory or in a folder of SAELens's.
#pragma once

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "model/dictionaries/fitted.h"
#include "model/io/files/safetensors.h"

namespace gf::testing {

/// Numbers of a standard deviation, kept alive by `storage`.
inline TensorView random_tensor(std::mt19937& engine, double deviation, std::initializer_list<std::int64_t> shape,
                                std::vector<std::shared_ptr<const void>>& storage) {
  const Shape extents(shape);
  auto values = std::make_shared<std::vector<float>>(static_cast<std::size_t>(extents.elements()));
  std::normal_distribution<float> normal(0, static_cast<float>(deviation));
  for (float& x : *values) x = normal(engine);
  storage.push_back(values);
  return {reinterpret_cast<const std::byte*>(values->data()), DType::F32, extents};
}

inline std::vector<float> random_numbers(std::mt19937& engine, int n, double deviation, double mean = 0) {
  std::normal_distribution<float> normal(static_cast<float>(mean), static_cast<float>(deviation));
  std::vector<float> values(static_cast<std::size_t>(n));
  for (float& x : values) x = normal(engine);
  return values;
}

/// Of rows of d numbers. `config`: its kind; what belongs to the kind is made too. Feature 5 is active in nearly every row, so
/// that small changes meet no kink.
inline std::shared_ptr<const Dictionary> random_dictionary(int d, int n, DictionaryConfig config, unsigned seed = 1) {
  std::mt19937 engine(seed);
  Dictionary made;
  made.encoder = {random_tensor(engine, 1 / std::sqrt(d), {d, n}, made.storage), true};
  made.decoder = {random_tensor(engine, 0.4, {n, d}, made.storage), true};
  made.bias = random_numbers(engine, n, 0.2, 0.1);
  if (n > 5) made.bias[5] += 4;
  if (config.subtracts_bias) made.bias_in = random_numbers(engine, d, 0.2);
  made.bias_out = made.bias_in.empty() ? random_numbers(engine, d, 0.2) : made.bias_in;
  if (config.activation == FeatureActivation::Gated) {
    made.gate = random_numbers(engine, n, 0.2, 0.2);
    if (n > 5) made.gate[5] += 4;
    made.gain = random_numbers(engine, n, 0.2, 1);
  }
  if (config.activation == FeatureActivation::JumpRelu) made.threshold = random_numbers(engine, n, 0.05, 0.1);
  if (config.activation == FeatureActivation::TopK && config.k == 0) config.k = n / 3;
  made.config = config;
  made.name = "random";
  if (config.rescaled)
    for (int f = 0; f < n; ++f) {
      double squares = 0;
      for (const float x : made.decoder_row_as_stored(f)) squares += static_cast<double>(x) * static_cast<double>(x);
      made.norms.push_back(static_cast<float>(std::sqrt(squares)));
    }
  return std::make_shared<const Dictionary>(std::move(made));
}

/// The same as a standard dictionary of SAELens in a folder.
inline void save_random_dictionary(const std::filesystem::path& folder, int d, int n, const std::string& hook, unsigned seed = 1) {
  std::filesystem::create_directories(folder);
  std::mt19937 engine(seed);
  std::vector<std::shared_ptr<const void>> storage;
  const std::array<SafetensorsTensor, 4> tensors = {{{"W_dec", random_tensor(engine, 0.4, {n, d}, storage)},
                                                     {"W_enc", random_tensor(engine, 1 / std::sqrt(d), {d, n}, storage)},
                                                     {"b_dec", random_tensor(engine, 0.1, {d}, storage)},
                                                     {"b_enc", random_tensor(engine, 0.1, {n}, storage)}}};
  ASSERT_TRUE(write_safetensors((folder / "sae_weights.safetensors").string(), tensors));
  std::ofstream(folder / "cfg.json") << R"({"d_in": )" << d << R"(, "d_sae": )" << n
                                     << R"(, "architecture": "standard", "metadata": {"sae_lens_version": "6.0.0", "hook_name": ")" << hook
                                     << R"("}})";
}

}  // namespace gf::testing
