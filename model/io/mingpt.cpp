#include "model/io/mingpt.h"

#include <filesystem>

#include "model/io/assemble.h"
#include "model/io/huggingface.h"
#include "model/io/torch_file.h"

namespace gf {

// What tells it from Hugging Face's state dict is how the matrices lie: [n_out, n_in].
bool probe_mingpt(const std::string& path) {
  const std::string file = torch_path(path);
  if (file.empty()) return false;
  const auto mapped = MappedFile::open(file);
  if (!mapped || !looks_like_torch((*mapped)->bytes())) return false;
  const auto opened = TorchFile::open(file);
  if (!opened) return false;
  const auto sizes = state_dict_sizes(*opened, opened->root(), "h.0.attn.c_attn.weight");
  return sizes.size() == 2 && sizes[1] > 0 && sizes[0] / 3 == sizes[1] && sizes[0] % 3 == 0;
}

Result<std::shared_ptr<const Weights>> load_mingpt(const std::string& path, const LoadOptions& options) {
  auto weights = std::make_shared<Weights>();
  weights->path = path;
  weights->name = model_name(path);
  weights->format = "mingpt";
  GF_TRY_ASSIGN(const TorchFile file, TorchFile::open(torch_path(path)));
  const std::string config_path = (std::filesystem::path(model_folder(path)) / "config.json").string();
  ConfigFile config;
  std::error_code ignored;
  if (std::filesystem::exists(config_path, ignored)) {
    GF_TRY_ASSIGN(const std::string text, read_file(config_path, 4U << 20));
    GF_TRY_ASSIGN(config, parse_mingpt_config(text, config_path));
  }
  FoundTensors found;
  found.path = path;
  found.in_major = false;
  GF_TRY(add_state_dict(file, file.root(), found, *weights));
  GF_TRY(assemble(found, config, options, *weights));
  if (weights->truncated()) return tl::unexpected(weights->truncation_error());
  return std::shared_ptr<const Weights>(std::move(weights));
}

}  // namespace gf
