#include "model/io/nanogpt.h"

#include <limits>

#include "model/io/assemble.h"
#include "model/io/huggingface.h"
#include "model/io/torch_file.h"

namespace gf {

namespace {

Result<void> nanogpt_size(const Pickle& pickle, const PickleNode& args, const char* key, const std::string& path, std::optional<int>& to) {
  const PickleNode* value = pickle.find(args, key);
  if (value == nullptr || value->kind == PickleKind::None) return {};
  if (value->kind != PickleKind::Int || value->integer < 1 || value->integer > std::numeric_limits<int>::max())
    return fail(ErrorCode::Corrupt, "In " + path + ", " + key + " should be a whole number from 1.", "load_nanogpt");
  to = static_cast<int>(value->integer);
  return {};
}

Result<ConfigFile> nanogpt_config(const Pickle& pickle, const PickleNode& args, const std::string& path) {
  ConfigFile config;
  config.path = "model_args in " + path;
  GF_TRY(nanogpt_size(pickle, args, "n_layer", config.path, config.n_layer));
  GF_TRY(nanogpt_size(pickle, args, "n_head", config.path, config.n_head));
  GF_TRY(nanogpt_size(pickle, args, "n_embd", config.path, config.d_model));
  GF_TRY(nanogpt_size(pickle, args, "block_size", config.path, config.n_ctx));
  GF_TRY(nanogpt_size(pickle, args, "vocab_size", config.path, config.n_vocab));
  config.activation = Activation::GeluErf;
  return config;
}

}  // namespace

bool probe_nanogpt(const std::string& path) {
  const std::string file = torch_path(path);
  if (file.empty()) return false;
  const auto mapped = MappedFile::open(file);
  if (!mapped || !looks_like_torch((*mapped)->bytes())) return false;
  const auto opened = TorchFile::open(file);
  if (!opened) return false;
  const PickleNode* model = opened->pickle().find(opened->root(), "model");
  return model != nullptr && model->kind == PickleKind::Dict && opened->pickle().find(opened->root(), "model_args") != nullptr;
}

Result<std::shared_ptr<const Weights>> load_nanogpt(const std::string& path, const LoadOptions& options) {
  auto weights = std::make_shared<Weights>();
  weights->path = path;
  weights->name = model_name(path);
  weights->format = "nanogpt";
  GF_TRY_ASSIGN(const TorchFile file, TorchFile::open(torch_path(path)));
  const Pickle& pickle = file.pickle();
  const PickleNode *model = pickle.find(file.root(), "model"), *args = pickle.find(file.root(), "model_args");
  if (model == nullptr || args == nullptr)
    return fail(ErrorCode::Corrupt, path + " has no model and model_args, so it is no checkpoint of nanoGPT.", "load_nanogpt");
  GF_TRY_ASSIGN(const ConfigFile config, nanogpt_config(pickle, *args, path));
  const PickleNode* bias = pickle.find(*args, "bias");
  FoundTensors found;
  found.path = path;
  found.in_major = false;
  found.biases_optional = bias != nullptr && bias->kind == PickleKind::Bool && bias->integer == 0;
  GF_TRY(add_state_dict(file, *model, found, *weights));
  GF_TRY(assemble(found, config, options, *weights));
  if (weights->truncated()) return tl::unexpected(weights->truncation_error());
  return std::shared_ptr<const Weights>(std::move(weights));
}

}  // namespace gf
