#include "model/io/mingpt.h"

#include <filesystem>

#include "model/io/assemble.h"
#include "model/io/files/torch_file.h"
#include "model/io/huggingface.h"

namespace gf {

// What tells it from Hugging Face's state dict is how the matrices lie: [n_out, n_in].
bool is_mingpt(const TorchFile& file) {
  const auto sizes = state_dict_sizes(file, file.root(), "h.0.attn.c_attn.weight");
  return sizes.size() == 2 && sizes[1] > 0 && sizes[0] / 3 == sizes[1] && sizes[0] % 3 == 0;
}

Result<void> load_mingpt(const TorchFile& file, const LoadOptions& options, Weights& weights) {
  weights.format = "mingpt";
  const std::string config_path = (std::filesystem::path(model_folder(weights.path)) / "config.json").string();
  ConfigFile config;
  std::error_code ignored;
  if (std::filesystem::exists(config_path, ignored)) {
    GF_TRY_ASSIGN(const std::string text, read_file(config_path, 4U << 20));
    GF_TRY_ASSIGN(config, parse_mingpt_config(text, config_path));
  }
  FoundTensors found;
  found.path = file.file()->path();
  found.in_major = false;
  GF_TRY(add_state_dict(file, file.root(), found, weights));
  return assemble(found, config, options, weights);
}

}  // namespace gf
