#include "app/scene/cube/weight_product.h"

#include "model/base/text.h"

namespace gf::scene {

std::optional<WeightProduct> weight_product(const explaining::Pass& pass, HookId hook) {
  const auto [kind, layer] = hook;
  const Weights& weights = pass.weights;
  const ModelConfig& c = pass.config;
  if (kind == HookKind::Logits) {
    const bool tied = weights.unembed.view.data == weights.wte.data;
    return WeightProduct{.from = HookKind::LnFinalNormalized,
                         .norm = &weights.ln_f,
                         .matrix = &weights.unembed,
                         .weight = tied ? "wte.weight" : "lm_head.weight",
                         .outputs = c.n_vocab,
                         .words = text("logits"),
                         .factor = tied ? "W_U = W_E" : "W_U"};
  }
  if (layer < 0 || layer >= c.n_layer) return std::nullopt;
  const BlockWeights& block = weights.blocks[static_cast<std::size_t>(layer)];
  const std::string h = "h." + std::to_string(layer) + ".";
  switch (kind) {
    case HookKind::Q:
    case HookKind::K:
    case HookKind::V: {
      const int part = kind == HookKind::Q ? 0 : kind == HookKind::K ? 1 : 2;
      const auto at = static_cast<std::size_t>(part);
      return WeightProduct{.from = HookKind::Ln1Normalized,
                           .norm = &block.ln1,
                           .matrix = &block.qkv,
                           .bias = &block.b_qkv,
                           .weight = h + "attn.c_attn.weight",
                           .column0 = part * c.d_model,
                           .outputs = c.d_model,
                           .words = std::string(1, "qkv"[at]),
                           .factor = std::string("W_") + "QKV"[at]};
    }
    case HookKind::AttnOut:
      return WeightProduct{.from = HookKind::Z,
                           .matrix = &block.o,
                           .bias = &block.b_o,
                           .weight = h + "attn.c_proj.weight",
                           .outputs = c.d_model,
                           .words = text("attention out"),
                           .factor = "W_O"};
    case HookKind::MlpPre:
      return WeightProduct{.from = HookKind::Ln2Normalized,
                           .norm = &block.ln2,
                           .matrix = &block.in,
                           .bias = &block.b_in,
                           .weight = h + "mlp.c_fc.weight",
                           .outputs = c.d_mlp,
                           .words = text("MLP in"),
                           .factor = "W_in"};
    case HookKind::MlpOut:
      return WeightProduct{.from = HookKind::MlpPost,
                           .matrix = &block.out,
                           .bias = &block.b_out,
                           .weight = h + "mlp.c_proj.weight",
                           .outputs = c.d_model,
                           .words = text("MLP out"),
                           .factor = "W_out"};
    default: return std::nullopt;
  }
}

std::vector<double> input_of(const explaining::Pass& pass, const WeightProduct& product, HookId hook, int position) {
  const auto row = explaining::row_of(pass, product.from, hook.layer, position);
  std::vector<double> out(row.begin(), row.end());
  if (product.norm == nullptr) return out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    const LayerNormWeights& norm = *product.norm;
    out[i] = static_cast<double>(norm.gamma.at(at)) * out[i] + (norm.beta.empty() ? 0.0 : static_cast<double>(norm.beta.at(at)));
  }
  return out;
}

}  // namespace gf::scene
