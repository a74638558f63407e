// A model without its weights: the names and shapes of all its tensors, from a config.json or a size that a paper names.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "model/base/error.h"
#include "model/io/loaders.h"
#include "model/weights.h"

namespace gf {

/// What stands before a config's name or path where a model is named: "config:gpt3-175b", "config:FOLDER/config.json".
inline constexpr std::string_view kStructurePrefix = "config:";

/// A size of GPT-2 (Radford et al. 2019, with the numbers of heads of the published configs) or of GPT-3 (Brown et al. 2020, table 2.1).
/// All have GPT-2's vocabulary of 50,257 tokens, an MLP of 4 d_model, and a tied unembedding. d_head = d_model / n_head.
struct NamedShape {
  std::string_view name;
  int n_layer, n_head, d_model, n_ctx;
  const char* remark = nullptr;  ///< a phrase: where the table contradicts itself, what is shown in its place
};
[[nodiscard]] std::span<const NamedShape> named_shapes();
/// Their names, for messages: "gpt2, gpt2-medium, ...".
[[nodiscard]] std::string named_shape_names();

/// The path that "config:NAME" stands for: a named shape under its full name ("gpt3" is gpt3-175b), or a config.json, also one that
/// has weights beside it. Errors: NotFound, listing what there is.
[[nodiscard]] Result<std::string> resolve_structure(std::string_view name);

/// Whether a path that resolve_model() gave is opened without weights: what resolve_structure() gave, a config.json, or a folder that
/// has a config.json and no file of weights.
[[nodiscard]] bool is_structure(const std::string& path);

/// The names and shapes of the model's tensors, with biases, as Hugging Face's GPT-2 has them, in float32. Weights::path is the
/// config.json, or empty for a named shape. n_head and activation of `options` go before the config's. The config is untrusted:
/// nothing is allocated that grows with its sizes but a row for each tensor. Errors: those of read_config_json() and whole_config();
/// InvalidArgument where sizes contradict each other or are beyond what a page shows.
[[nodiscard]] Result<std::shared_ptr<const Weights>> load_structure(const std::string& path, const LoadOptions& options = {});
/// The same for a config whose sizes are known to fit each other.
[[nodiscard]] std::shared_ptr<Weights> structure_of(const ModelConfig& config, std::string name);

}  // namespace gf
