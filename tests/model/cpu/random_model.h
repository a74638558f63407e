// Small models with random weights, made in memory.
#pragma once

#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "model/base/ids.h"
#include "model/weights.h"

namespace gf::testing {

struct RandomModel {
  int n_layer = 2, n_head = 2, d_head = 8, d_mlp = 40, n_ctx = 96, n_vocab = 17;
  bool bias = true, tied = true, in_major = true, scale_by_layer = false;
  Activation activation = Activation::GeluTanh;
  DType dtype = DType::F32;
  unsigned seed = 1;
};

inline std::uint16_t to_bf16(float x) { return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(x) >> 16); }
/// Truncates; normal numbers only.
inline std::uint16_t to_f16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const auto exponent = static_cast<int>((bits >> 23) & 0xFFU) - 112;
  if (exponent <= 0) return 0;
  return static_cast<std::uint16_t>(((bits >> 16) & 0x8000U) | (static_cast<std::uint32_t>(exponent) << 10) | ((bits >> 13) & 0x3FFU));
}

inline std::shared_ptr<const Weights> make_random(const RandomModel& m) {
  auto w = std::make_shared<Weights>();
  std::mt19937 engine(m.seed);
  std::normal_distribution<float> normal;
  const int d_model = m.n_head * m.d_head;
  const auto tensor = [&](std::initializer_list<std::int64_t> shape, float size, float center, DType dtype) {
    TensorView view{nullptr, dtype, Shape(shape)};
    const auto n = static_cast<std::size_t>(view.elements());
    auto bytes = std::make_shared<std::vector<std::byte>>(n * size_of(dtype));
    for (std::size_t i = 0; i < n; ++i) {
      const float x = center + size * normal(engine);
      const std::uint16_t narrow = dtype == DType::F16 ? to_f16(x) : to_bf16(x);
      std::memcpy(bytes->data() + i * size_of(dtype), dtype == DType::F32 ? static_cast<const void*>(&x) : &narrow, size_of(dtype));
    }
    view.data = bytes->data();
    w->storage.push_back(bytes);
    return view;
  };
  const auto vector = [&](int n, float center = 0) { return tensor({n}, 0.2F, center, m.dtype); };
  const auto optional = [&](int n) { return m.bias ? vector(n) : TensorView{}; };
  const auto matrix = [&](int n_in, int n_out) {
    const float size = 1 / std::sqrt(static_cast<float>(n_in));
    return m.in_major ? Matrix{tensor({n_in, n_out}, size, 0, m.dtype), true} : Matrix{tensor({n_out, n_in}, size, 0, m.dtype), false};
  };
  w->config = {.n_layer = m.n_layer,
               .n_head = m.n_head,
               .d_model = d_model,
               .d_head = m.d_head,
               .d_mlp = m.d_mlp,
               .n_ctx = m.n_ctx,
               .n_vocab = m.n_vocab,
               .activation = m.activation,
               .tied = m.tied,
               .scale_attn_by_layer = m.scale_by_layer};
  w->dtype = m.dtype;
  w->wte = tensor({m.n_vocab, d_model}, 0.5F, 0, m.dtype);
  w->wpe = tensor({m.n_ctx, d_model}, 0.3F, 0, m.dtype);
  w->unembed = {m.tied ? w->wte : tensor({m.n_vocab, d_model}, 0.5F, 0, m.dtype), false};
  w->ln_f = {vector(d_model, 1), optional(d_model)};
  for (int b = 0; b < m.n_layer; ++b) {
    BlockWeights block;
    block.ln1 = {vector(d_model, 1), optional(d_model)};
    block.ln2 = {vector(d_model, 1), optional(d_model)};
    block.qkv = matrix(d_model, 3 * d_model);
    block.b_qkv = optional(3 * d_model);
    block.o = matrix(d_model, d_model);
    block.b_o = optional(d_model);
    block.in = matrix(d_model, m.d_mlp);
    block.b_in = optional(m.d_mlp);
    block.out = matrix(m.d_mlp, d_model);
    block.b_out = optional(d_model);
    w->blocks.push_back(std::move(block));
  }
  return w;
}

inline std::vector<TokenId> random_ids(int count, int n_vocab, unsigned seed = 7) {
  std::mt19937 engine(seed);
  std::vector<TokenId> ids;
  for (int i = 0; i < count; ++i) ids.push_back(TokenId(static_cast<std::int32_t>(engine() % static_cast<unsigned>(n_vocab))));
  return ids;
}

}  // namespace gf::testing
