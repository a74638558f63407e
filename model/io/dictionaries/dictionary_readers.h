// The readers of dictionaries, one for each form in which they are saved. All are safe to use on untrusted files.
#pragma once

#include <memory>
#include <string>

#include "model/dictionaries/dictionary.h"

namespace gf {

/// SAELens's folder: cfg.json beside sae_weights.safetensors.
[[nodiscard]] Result<std::shared_ptr<const Dictionary>> read_saelens_dictionary(const std::string& folder);

/// A file of torch.save: OpenAI's state dict (pre_bias, encoder.weight, ...), or {cfg, state_dict} with SAELens's names.
[[nodiscard]] Result<std::shared_ptr<const Dictionary>> read_torch_dictionary(const std::string& file);

/// One file of a set of circuit-tracer, layer_N.safetensors, with config.yaml beside it.
[[nodiscard]] Result<std::shared_ptr<const Dictionary>> read_circuit_tracer_dictionary(const std::string& file);

/// The hook of OpenAI's files, which only their path names: .../resid_post_mlp_v5_32k/autoencoders/8.pt. Empty: it does not.
[[nodiscard]] std::string openai_hook(const std::string& path);

}  // namespace gf
