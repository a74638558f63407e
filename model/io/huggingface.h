// Hugging Face's safetensors: a directory, its index, or one .safetensors file.
#pragma once

#include <memory>
#include <string>

#include "model/io/loaders.h"

namespace gf {

[[nodiscard]] bool probe_huggingface(const std::string& path);
/// Errors: as load_weights.
[[nodiscard]] Result<std::shared_ptr<const Weights>> load_huggingface(const std::string& path, const LoadOptions& options);

/// The folder with config.json and the tokenizer of a model path: the directory itself, that of a file, and for a
/// training checkpoint (MODEL/checkpoints/step-N.safetensors) the model's.
[[nodiscard]] std::string model_folder(const std::string& path);

}  // namespace gf
