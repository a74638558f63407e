// Weights of GPT-2's shapes with random values, for measuring without a checkpoint.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "model/base/error.h"
#include "model/weights.h"

namespace gf::bench {

struct ModelShape {
  const char* name;
  int n_layer, n_head, d_model, n_ctx, n_vocab;
};
/// "gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl", and "tiny", which the executor of CUDA's kernels runs too.
[[nodiscard]] std::span<const ModelShape> model_shapes();

/// F32 or F16. The values are the same at each call and mean nothing. Blocks read their matrices out of the same memory, so
/// that GPT-2 XL takes 320 MB; a GPU gets a copy for each of them. Errors: NotFound for another name.
[[nodiscard]] Result<std::shared_ptr<const Weights>> random_weights(std::string_view shape, DType dtype);

}  // namespace gf::bench
