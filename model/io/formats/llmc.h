// llm.c's .bin: 256 numbers, then each tensor for all blocks in turn. Source: github.com/karpathy/llm.c, train_gpt2.py, write_model.
#pragma once

#include <memory>
#include <string>

#include "model/io/loaders.h"

namespace gf {

[[nodiscard]] bool probe_llmc(const std::string& path);
/// Errors: as load_weights.
[[nodiscard]] Result<std::shared_ptr<const Weights>> load_llmc(const std::string& path, const LoadOptions& options);

}  // namespace gf
