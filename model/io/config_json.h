// Hugging Face's config.json of a GPT-2 class model.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/base/error.h"
#include "model/config.h"

namespace gf {

/// What a config.json says. What it does not say is empty.
struct ConfigFile {
  std::string path;  ///< empty: there was no file
  std::optional<int> n_layer, n_head, d_model, d_mlp, n_ctx, n_vocab, bos_token_id, eos_token_id;
  std::optional<float> layer_norm_eps;
  std::optional<Activation> activation;
  std::optional<bool> tied, scale_attn, scale_attn_by_layer;
};

/// Reads the file if it is there. Errors: Corrupt (not JSON, a value of the wrong kind), Unsupported, by name: other
/// kinds of models, activations, add_cross_attention.
[[nodiscard]] Result<ConfigFile> read_config_json(const std::string& path);
/// The same from its text; `path` is for messages.
[[nodiscard]] Result<ConfigFile> parse_config_json(std::string_view json, const std::string& path);

/// The config of a model that is made from this file alone. It must say n_layer, n_head, n_embd, and vocab_size unless `n_vocab`
/// gives it; a context is 1024 where it says none, an MLP 4 n_embd, the switches are GPT-2's, and ids beyond the vocabulary are
/// left out. d_head is not set: whether n_head divides n_embd is for the caller to check. Errors: InvalidArgument, by key.
[[nodiscard]] Result<ModelConfig> whole_config(const ConfigFile& file, int n_vocab = 0);

/// minGPT's config, as its trainer writes it beside the weights ({"model": {...}}) or the inner object alone.
/// Errors: Corrupt.
[[nodiscard]] Result<ConfigFile> parse_mingpt_config(std::string_view json, const std::string& path);

/// The names that config.json and --activation know. Errors: Unsupported, naming what is supported.
[[nodiscard]] Result<Activation> parse_activation(const std::string& name, const std::string& where);

/// Says which models can be opened. Refusals end with it.
[[nodiscard]] std::string supported_models();

}  // namespace gf
