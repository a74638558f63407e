// The sizes of a model, where a command asks for no more of it.
#pragma once

#include "model/config.h"

namespace gf::doc {

/// Of fable: 6 blocks, 8 heads.
inline ModelConfig six_blocks() {
  ModelConfig config;
  config.n_layer = 6, config.n_head = 8;
  return config;
}

}  // namespace gf::doc
