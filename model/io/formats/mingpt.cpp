#include "model/io/formats/mingpt.h"

#include <filesystem>

#include "model/io/assemble.h"
#include "model/io/formats/huggingface.h"

namespace gf {

namespace {

Result<ConfigFile> linear_config(const std::string& path) {
  const std::string config_path = config_json_of(path);
  std::error_code ignored;
  if (!std::filesystem::exists(config_path, ignored)) return ConfigFile{};
  GF_TRY_ASSIGN(const std::string json, read_file(config_path, 4U << 20));
  // Only Hugging Face's config has n_positions; minGPT's names a size in model_type.
  const auto huggingface = parse_config_json(json, config_path);
  return huggingface && huggingface->n_layer && json.find("\"n_positions\"") != std::string::npos ? huggingface
                                                                                                  : parse_mingpt_config(json, config_path);
}

}  // namespace

bool is_linear(const TorchFile& file, const StateDict& state) {
  const auto sizes = state_dict_sizes(file, *state.dict, "h.0.attn.c_attn.weight");
  return sizes.size() == 2 && sizes[1] > 0 && sizes[0] / 3 == sizes[1] && sizes[0] % 3 == 0;
}

Result<void> load_linear(const TorchFile& file, const StateDict& state, const LoadOptions& options, Weights& weights) {
  weights.format = state.place.empty() ? "mingpt" : "state-dict";
  GF_TRY_ASSIGN(ConfigFile config, linear_config(weights.path));
  if (!config.n_head) config.n_head = heads_beside(file);
  if (!state.place.empty()) warn_of_activation(config, options, weights);
  FoundTensors found;
  found.path = file.file()->path();
  found.in_major = false;
  found.biases_optional = state_dict_sizes(file, *state.dict, "h.0.attn.c_attn.bias").empty();
  GF_TRY(add_state_dict(file, *state.dict, found, weights));
  return assemble(found, config, options, weights);
}

}  // namespace gf
