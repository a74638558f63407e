// Names of tensors for people to read.
#include "app/scene/cards/explain_parts.h"
#include "app/scene/legend.h"
#include "model/base/text.h"

namespace gf::scene {

std::string explaining::weight_name(const WeightPlace& place) {
  using K = WeightKind;
  const auto of_norm = [&](const char* of_block, const char* of_end) { return place.norm > 0 ? text(of_block, place.norm) : text(of_end); };
  switch (place.kind) {
    case K::Wte: return text("token embedding weights");
    case K::Wpe: return text("position embedding weights");
    case K::Gamma: return of_norm(phrase("LayerNorm {0} gamma"), phrase("final LayerNorm gamma"));
    case K::Beta: return of_norm(phrase("LayerNorm {0} beta"), phrase("final LayerNorm beta"));
    case K::Qkv: return "W_Q, W_K, W_V";
    case K::QkvBias: return "b_Q, b_K, b_V";
    case K::O: return "W_O";
    case K::OBias: return "b_O";
    case K::In: return "W_in";
    case K::InBias: return "b_in";
    case K::Out: return "W_out";
    case K::OutBias: return "b_out";
    case K::LmHead: return text("unembedding weights");
  }
  return "";
}

std::string plain_name(const TensorRef& tensor) {
  std::string name;
  int block = -1;
  if (tensor.is_weight()) {
    const auto place = explaining::parse_weight(tensor.weight);
    if (!place) return tensor.weight;
    name = explaining::weight_name(*place);
    block = place->layer;
  } else {
    name = text(info_of(tensor.hook.kind).title);
    block = tensor.hook.layer;
  }
  return block < 0 ? name : text("{0}, block {1}", name, block);
}

std::string sheet_name(const TensorRef& tensor, const ModelConfig& config) {
  if (tensor.is_weight()) {
    const auto place = explaining::parse_weight(tensor.weight);
    return place ? explaining::weight_name(*place) : tensor.weight;
  }
  const HookInfo& hook = info_of(tensor.hook.kind);
  const char* curve = config.activation == Activation::Relu ? "ReLU" : "GELU";
  return text(*hook.tag ? hook.tag : hook.title, curve);
}

std::optional<TensorPlace> place_of(const TensorRef& tensor) {
  using K = explaining::WeightKind;
  if (!tensor.is_weight()) return TensorPlace{tensor.hook.layer, info_of(tensor.hook.kind).place};
  const auto weight = explaining::parse_weight(tensor.weight);
  if (!weight) return std::nullopt;
  switch (weight->kind) {
    case K::Wte:
    case K::Wpe: return TensorPlace{-1, HookPlace::Embedding};
    case K::LmHead: return TensorPlace{-1, HookPlace::Unembedding};
    case K::Gamma:
    case K::Beta:
      return TensorPlace{weight->layer, weight->norm == 0   ? HookPlace::Unembedding
                                        : weight->norm == 1 ? HookPlace::Attention
                                                            : HookPlace::Mlp};
    case K::Qkv:
    case K::QkvBias:
    case K::O:
    case K::OBias: return TensorPlace{weight->layer, HookPlace::Attention};
    case K::In:
    case K::InBias:
    case K::Out:
    case K::OutBias: break;
  }
  return TensorPlace{weight->layer, HookPlace::Mlp};
}

}  // namespace gf::scene
