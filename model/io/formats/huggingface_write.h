// A model as a Hugging Face directory: config.json, model.safetensors and its tokenizer's files.
#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "model/base/error.h"
#include "model/weights.h"

namespace gf {

struct HuggingfaceWriteOptions {
  std::optional<DType> dtype{};  ///< of all tensors; none: each keeps its own
  bool overwrite = false;        ///< files of a model that lie in the folder are replaced, once the new ones are whole
  std::stop_token stop{};        ///< then nothing new is left, and nothing old is gone
};

struct HuggingfaceWritten {
  std::vector<std::string> files;  ///< names inside the folder
  std::vector<std::string> notes;  ///< sentences for the user: what the new model has that the old one had not, or lacks
};

/// Writes `weights` and the tokenizer that stands at its path. Values are kept bit for bit, as far as the dtype allows;
/// matrices become [n_in, n_out]; biases that the checkpoint leaves out become zeros, as Hugging Face's GPT-2 has no
/// model without. Errors: InvalidArgument (the folder is not empty, is the model's own, or a weight is beyond float16's
/// range), Io, OutOfMemory, Cancelled.
[[nodiscard]] Result<HuggingfaceWritten> write_huggingface(const Weights& weights, const std::string& folder,
                                                           const HuggingfaceWriteOptions& options);

/// The config.json of a model that is written with this dtype.
[[nodiscard]] std::string huggingface_config(const ModelConfig& config, DType dtype);
/// The weights alone, each in its own dtype, with what Hugging Face's GPT-2 has beyond them, as one file. Errors: as
/// write_safetensors.
[[nodiscard]] Result<void> write_huggingface_weights(const Weights& weights, const std::string& file,
                                                     const std::map<std::string, std::string>& metadata);

}  // namespace gf
