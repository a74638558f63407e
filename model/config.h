// The sizes and switches of a GPT-2 class model.
#pragma once

#include <cstdint>
#include <string>

namespace gf {

enum class Activation : std::uint8_t { GeluTanh, GeluErf, Relu };
[[nodiscard]] const char* name_of(Activation a);  ///< "gelu_new", "gelu", "relu": the names of Hugging Face configs

/// All sizes in elements. d_model = n_head * d_head.
struct ModelConfig {
  int n_layer = 0;
  int n_head = 0;
  int d_model = 0;
  int d_head = 0;
  int d_mlp = 0;
  int n_ctx = 0;
  int n_vocab = 0;
  float layer_norm_eps = 1e-5F;
  Activation activation = Activation::GeluTanh;
  bool tied = true;                  ///< the unembedding is wte
  bool scale_attn = true;            ///< scores / sqrt(d_head)
  bool scale_attn_by_layer = false;  ///< scores also / (block index + 1)
  int bos_token_id = -1;             ///< -1: the model has none
  int eos_token_id = -1;

  /// What q.k is multiplied with in block b.
  [[nodiscard]] float score_scale(int b) const;
  friend bool operator==(const ModelConfig&, const ModelConfig&) = default;
};

}  // namespace gf
