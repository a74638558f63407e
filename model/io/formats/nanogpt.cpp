#include "model/io/formats/nanogpt.h"

#include <limits>

#include "model/base/text.h"
#include "model/io/assemble.h"

namespace gf {

namespace {

Result<void> nanogpt_size(const Pickle& pickle, const PickleNode& args, const char* key, const std::string& path, std::optional<int>& to) {
  const PickleNode* value = pickle.find(args, key);
  if (value == nullptr || value->kind == PickleKind::None) return {};
  const auto number = pickle.whole_number(*value);
  if (!number || *number < 1 || *number > std::numeric_limits<int>::max())
    return fail(ErrorCode::Corrupt, text("In {0}, {1} should be a whole number from 1.", path, key), "load_nanogpt");
  to = static_cast<int>(*number);
  return {};
}

Result<ConfigFile> nanogpt_config(const Pickle& pickle, const PickleNode& args, const std::string& path) {
  ConfigFile config;
  config.path = text("model_args in {0}", path);
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
  const PickleNode* args = file.pickle().find(file.root(), "model_args");
  return args != nullptr && (args->kind == PickleKind::Dict || args->kind == PickleKind::Object);
}

Result<void> load_nanogpt(const TorchFile& file, const StateDict& state, const LoadOptions& options, Weights& weights) {
  weights.format = "nanogpt";
  const Pickle& pickle = file.pickle();
  const PickleNode* args = pickle.find(file.root(), "model_args");
  EXPECTS(args != nullptr, "is_nanogpt() knows the file");
  GF_TRY_ASSIGN(const ConfigFile config, nanogpt_config(pickle, *args, file.file()->path()));
  const PickleNode* bias = pickle.find(*args, "bias");
  FoundTensors found;
  found.path = file.file()->path();
  found.in_major = false;
  // A fork's model_args may lack the flag: then the weights say it.
  found.biases_optional = bias == nullptr ? state_dict_sizes(file, *state.dict, "h.0.attn.c_attn.bias").empty()
                                          : bias->kind == PickleKind::Bool && bias->integer == 0;
  GF_TRY(add_state_dict(file, *state.dict, found, weights));
  return assemble(found, config, options, weights);
}

}  // namespace gf
