// Inputs of the page's layout: models by their shape alone.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "app/scene/machine/layout.h"

namespace gf::scene {

inline ModelConfig config_of(int n_layer, int n_head, int d_head, int d_mlp, int n_vocab, bool tied, int n_ctx = 64) {
  ModelConfig c;
  c.n_layer = n_layer;
  c.n_head = n_head;
  c.d_head = d_head;
  c.d_model = n_head * d_head;
  c.d_mlp = d_mlp;
  c.n_ctx = n_ctx;
  c.n_vocab = n_vocab;
  c.tied = tied;
  return c;
}

inline std::vector<WeightShape> shapes_of(const ModelConfig& c, bool biases = true) {
  const int d = c.d_model;
  std::vector<WeightShape> all{{"wte.weight", c.n_vocab, d}, {"wpe.weight", c.n_ctx, d}};
  for (int b = 0; b < c.n_layer; ++b) {
    const std::string h = "h." + std::to_string(b) + ".";
    for (const char* ln : {"ln_1", "ln_2"}) {
      all.push_back({h + ln + ".weight", 0, d});
      if (biases) all.push_back({h + ln + ".bias", 0, d});
    }
    all.push_back({h + "attn.c_attn.weight", d, 3 * d});
    all.push_back({h + "attn.c_proj.weight", d, d});
    all.push_back({h + "mlp.c_fc.weight", d, c.d_mlp});
    all.push_back({h + "mlp.c_proj.weight", c.d_mlp, d});
    if (!biases) continue;
    all.push_back({h + "attn.c_attn.bias", 0, 3 * d});
    all.push_back({h + "attn.c_proj.bias", 0, d});
    all.push_back({h + "mlp.c_fc.bias", 0, c.d_mlp});
    all.push_back({h + "mlp.c_proj.bias", 0, d});
  }
  all.push_back({"ln_f.weight", 0, d});
  if (biases) all.push_back({"ln_f.bias", 0, d});
  if (!c.tied) all.push_back({"lm_head.weight", d, c.n_vocab});
  return all;
}

inline LayoutInput input_of(const ModelConfig& c, int T, float aspect, bool everything = false) {
  LayoutInput in;
  in.config = c;
  in.T = T;
  in.aspect = aspect;
  in.weights = shapes_of(c);
  in.hooks.fill(true);
  if (!everything)
    for (const HookKind off :
         {HookKind::AttnScores, HookKind::Result, HookKind::QInput, HookKind::KInput, HookKind::VInput, HookKind::MlpInput})
      in.hooks[static_cast<std::size_t>(off)] = false;
  in.all_logits = everything;
  return in;
}

/// The block whose tensor a panel shows; -1: of the model's ends.
inline int block_of(const TensorRef& tensor) {
  if (!tensor.is_weight()) return tensor.hook.layer;
  return tensor.weight.starts_with("h.") ? std::stoi(tensor.weight.substr(2)) : -1;
}

}  // namespace gf::scene
