#include "model/config.h"

#include <cmath>

namespace gf {

const char* name_of(Activation a) {
  switch (a) {
    case Activation::GeluTanh: return "gelu_new";
    case Activation::GeluErf: return "gelu";
    case Activation::Relu: return "relu";
  }
  return "?";
}

float ModelConfig::score_scale(int b) const {
  float scale = scale_attn ? 1.0F / std::sqrt(static_cast<float>(d_head)) : 1.0F;
  if (scale_attn_by_layer) scale /= static_cast<float>(b + 1);
  return scale;
}

}  // namespace gf
