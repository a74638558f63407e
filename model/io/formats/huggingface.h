// Hugging Face's safetensors: a directory, its index, or one .safetensors file.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "model/io/loaders.h"

namespace gf {

[[nodiscard]] bool probe_huggingface(const std::string& path);
/// A folder whose only weights are a safetensors file under a name of its own.
[[nodiscard]] bool probe_huggingface_renamed(const std::string& path);
/// Errors: as load_weights.
[[nodiscard]] Result<std::shared_ptr<const Weights>> load_huggingface(const std::string& path, const LoadOptions& options);

/// The folder with config.json and the tokenizer of a model path: the directory itself, that of a file, and for a
/// training checkpoint (MODEL/checkpoints/step-N.safetensors) the model's.
[[nodiscard]] std::string model_folder(const std::string& path);

/// config.json in that folder, whether it is there or not.
[[nodiscard]] std::string config_json_of(const std::string& path);

/// What the user calls the model at a path: "fable", "sort-nano@150", "my-weights".
[[nodiscard]] std::string model_name(const std::string& path);

/// A causal mask that old exports store beside the weights: [1, 1, n_ctx, n_ctx] and a number. It is not a parameter.
/// Its name ends in ".attn.bias"; "attn.c_attn.bias" is a real bias and does not.
[[nodiscard]] bool is_mask_tensor(std::string_view name, std::size_t rank);
/// The name without the parts that wrappers and holders of a model add to it, in any order: `_orig_mod.` (torch.compile),
/// `_fsdp_wrapped_module.`, `_checkpoint_wrapped_module.`, `module.` (data parallel), `model.`, `net.` (Lightning),
/// `pretrained_model.` (TRL), `transformer.`.
[[nodiscard]] std::string huggingface_key(std::string_view name);

/// The file of weights at a path: the path itself if it is not a folder; in a folder the first of `names` that is there, or
/// else the first (by name) that has one of the extensions and whose content `looks` right. Empty: none.
[[nodiscard]] std::string weight_file(const std::string& path, std::initializer_list<std::string_view> names,
                                      std::initializer_list<std::string_view> extensions, bool (*looks)(std::span<const std::byte>));

}  // namespace gf
