// The formula of a cell as a textbook writes it, with this cell's own indices.
#include "app/scene/cards/explain_parts.h"

namespace gf::scene::explaining {
namespace {

std::string indexed(const char* name, int i) { return std::string(name) + "_{" + std::to_string(i) + "}"; }
std::string indexed(const char* name, int i, int j) {
  return std::string(name) + "_{" + std::to_string(i) + "{,}" + std::to_string(j) + "}";
}
std::string fraction(const std::string& above, const std::string& below) { return "\\frac{" + above + "}{" + below + "}"; }

std::string of_scores(const ModelConfig& c, int layer, int query, int key) {
  const std::string product = indexed("q", query) + " \\cdot " + indexed("k", key);
  std::string below = c.scale_attn ? "\\sqrt{" + std::to_string(c.d_head) + "}" : "";
  if (c.scale_attn_by_layer) below += (below.empty() ? "" : " \\cdot ") + std::to_string(layer + 1);
  return indexed("s", query, key) + " = " + (below.empty() ? product : fraction(product, below));
}

std::string of_activation(Activation activation) {
  switch (activation) {
    case Activation::GeluTanh: return fraction("x", "2") + " (1 + \\tanh(\\sqrt{" + fraction("2", "\\pi") + "} (x + 0.044715 x^3)))";
    case Activation::GeluErf: return fraction("x", "2") + " (1 + \\text{erf}(" + fraction("x", "\\sqrt{2}") + "))";
    case Activation::Relu: return "\\max(0, x)";
  }
  return {};
}

/// A sum over what a LayerNorm gives, behind gamma and beta, times a column of a matrix. `bias`: empty where there is none.
std::string of_affine(const std::string& made, const LayerNormWeights& norm, const char* matrix, int column, const std::string& bias = {}) {
  return made + " = \\sum_i " + (norm.beta.empty() ? "\\gamma_i n_i " : "(\\gamma_i n_i + \\beta_i) ") + std::string(matrix) + "_{i{,}" +
         std::to_string(column) + "}" + (bias.empty() ? "" : " + " + bias);
}

/// The letter of a bias with its index; empty where the model has none.
std::string bias_of(const TensorView& bias, int index) { return bias.empty() ? "" : indexed("b", index); }

}  // namespace

std::string typeset_of(const CellRef& cell, const Pass& pass) {
  if (cell.tensor.is_weight()) return {};
  const ModelConfig& c = pass.config;
  const HookId hook = cell.tensor.hook;
  const auto [a, b, d] = cell.index;
  const auto block = [&]() -> const BlockWeights& { return pass.weights.blocks[static_cast<std::size_t>(hook.layer)]; };
  switch (hook.kind) {
    case HookKind::Ln1Scale:
    case HookKind::Ln2Scale:
    case HookKind::LnFinalScale:
      return "\\sigma = \\sqrt{" + fraction("1", std::to_string(c.d_model)) + " \\sum_i (x_i - \\mu)^2 + \\epsilon}";
    case HookKind::Ln1Normalized:
    case HookKind::Ln2Normalized:
    case HookKind::LnFinalNormalized: return indexed("n", b) + " = " + fraction(indexed("x", b) + " - \\mu", "\\sigma");
    case HookKind::Q:
    case HookKind::K:
    case HookKind::V: {
      const int part = hook.kind == HookKind::Q ? 0 : hook.kind == HookKind::K ? 1 : 2, column = b * c.d_head + d;
      constexpr const char *kMade[] = {"q", "k", "v"}, *kMatrix[] = {"Q", "K", "V"};
      return of_affine(indexed(kMade[part], d), block().ln1, kMatrix[part], column, bias_of(block().b_qkv, column));
    }
    case HookKind::AttnScores: return of_scores(c, hook.layer, b, d);
    case HookKind::Pattern:
      return indexed("p", b, d) + " = " +
             fraction("\\exp(" + indexed("s", b, d) + ")",
                      "\\sum_{j \\le " + std::to_string(b) + "} \\exp(s_{" + std::to_string(b) + "{,}j})");
    case HookKind::Z:
      return indexed("z", a, d) + " = \\sum_{j \\le " + std::to_string(a) + "} p_{" + std::to_string(a) + "{,}j} v_{j{,}" +
             std::to_string(d) + "}";
    case HookKind::Result: return indexed("r", d) + " = \\sum_i z_i O_{i{,}" + std::to_string(d) + "}";
    case HookKind::AttnOut: {
      const std::string bias = bias_of(block().b_o, b);
      return indexed("a", b) + " = \\sum_i z_i O_{i{,}" + std::to_string(b) + "}" + (bias.empty() ? "" : " + " + bias);
    }
    case HookKind::MlpPre: return of_affine(indexed("x", b), block().ln2, "W", b, bias_of(block().b_in, b));
    case HookKind::MlpPost: return indexed("h", b) + " = " + of_activation(c.activation);
    case HookKind::MlpOut: {
      const std::string bias = bias_of(block().b_out, b);
      return indexed("m", b) + " = \\sum_i h_i W_{i{,}" + std::to_string(b) + "}" + (bias.empty() ? "" : " + " + bias);
    }
    case HookKind::Logits: return of_affine(indexed("l", b), pass.weights.ln_f, "U", b);
    default: return {};  // what is added up, or read as it stands, is said in names
  }
}

}  // namespace gf::scene::explaining
