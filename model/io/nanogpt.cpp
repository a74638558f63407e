#include "model/io/nanogpt.h"

#include <limits>

#include "model/io/assemble.h"
#include "model/io/files/torch_file.h"

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

bool is_nanogpt(const TorchFile& file) {
  const PickleNode* model = file.pickle().find(file.root(), "model");
  return model != nullptr && model->kind == PickleKind::Dict && file.pickle().find(file.root(), "model_args") != nullptr;
}

Result<void> load_nanogpt(const TorchFile& file, const LoadOptions& options, Weights& weights) {
  weights.format = "nanogpt";
  const Pickle& pickle = file.pickle();
  const PickleNode *model = pickle.find(file.root(), "model"), *args = pickle.find(file.root(), "model_args");
  EXPECTS(model != nullptr && args != nullptr, "is_nanogpt() knows the file");
  GF_TRY_ASSIGN(const ConfigFile config, nanogpt_config(pickle, *args, file.file()->path()));
  const PickleNode* bias = pickle.find(*args, "bias");
  FoundTensors found;
  found.path = file.file()->path();
  found.in_major = false;
  found.biases_optional = bias != nullptr && bias->kind == PickleKind::Bool && bias->integer == 0;
  GF_TRY(add_state_dict(file, *model, found, weights));
  return assemble(found, config, options, weights);
}

}  // namespace gf
