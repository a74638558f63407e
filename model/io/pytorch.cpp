#include "model/io/pytorch.h"

#include <filesystem>

#include "model/io/assemble.h"
#include "model/io/huggingface.h"
#include "model/io/torch_file.h"

namespace gf {

// Asked last of torch.save's formats: what the others don't know is opened here, so that the message says what is wrong.
bool probe_pytorch(const std::string& path) {
  const std::string file = torch_path(path);
  if (file.empty()) return false;
  const auto mapped = MappedFile::open(file);
  return mapped && looks_like_torch((*mapped)->bytes());
}

Result<std::shared_ptr<const Weights>> load_pytorch(const std::string& path, const LoadOptions& options) {
  auto weights = std::make_shared<Weights>();
  weights->path = path;
  weights->name = model_name(path);
  weights->format = "huggingface-pytorch";
  GF_TRY_ASSIGN(const TorchFile file, TorchFile::open(torch_path(path)));
  GF_TRY_ASSIGN(const ConfigFile config, read_config_json((std::filesystem::path(model_folder(path)) / "config.json").string()));
  FoundTensors found;
  found.path = path;
  GF_TRY(add_state_dict(file, file.root(), found, *weights));
  GF_TRY(assemble(found, config, options, *weights));
  if (weights->truncated()) return tl::unexpected(weights->truncation_error());
  if (config.path.empty()) weights->warnings.push_back("There is no config.json beside " + path + "; the sizes are taken from the shapes.");
  return std::shared_ptr<const Weights>(std::move(weights));
}

}  // namespace gf
