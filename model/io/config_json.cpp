#include "model/io/config_json.h"

#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "model/base/files/json_bounds.h"
#include "model/base/text.h"
#include "model/io/files/mapped_file.h"
#include "model/io/recognise.h"

namespace gf {

namespace {

using ConfigJson = nlohmann::json;
constexpr std::size_t kConfigMaxBytes = 4U << 20, kConfigMaxValues = 200'000;

tl::unexpected<Error> config_wrong(const std::string& path, const std::string& key, const std::string& wanted) {
  return fail(ErrorCode::Corrupt, gf::text("In {0}, {1} should be {2}.", path, key, wanted), "read_config_json");
}

const ConfigJson* config_value(const ConfigJson& json, const char* key) {
  const auto it = json.find(key);
  return it == json.end() || it->is_null() ? nullptr : &*it;
}

Result<void> config_int(const ConfigJson& json, const char* key, int least, const std::string& path, std::optional<int>& to) {
  const ConfigJson* value = config_value(json, key);
  if (value == nullptr) return {};
  const std::string wanted = gf::text("a whole number from {0} to {1}", least, std::numeric_limits<int>::max());
  if (!value->is_number_integer()) return config_wrong(path, key, wanted);
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<int>::max()))
    return config_wrong(path, key, wanted);
  const auto number = value->get<std::int64_t>();
  if (number < least) return config_wrong(path, key, wanted);
  to = static_cast<int>(number);
  return {};
}

Result<void> config_bool(const ConfigJson& json, const char* key, const std::string& path, std::optional<bool>& to) {
  const ConfigJson* value = config_value(json, key);
  if (value == nullptr) return {};
  if (!value->is_boolean()) return config_wrong(path, key, gf::text("true or false"));
  to = value->get<bool>();
  return {};
}

// minGPT's sizes by name: its config has either the name or the sizes. Source: karpathy/minGPT, mingpt/model.py.
struct MingptType {
  const char* name;
  int n_layer, n_head, d_model;
};
constexpr std::array<MingptType, 9> kMingptTypes = {{{"openai-gpt", 12, 12, 768},
                                                     {"gpt2", 12, 12, 768},
                                                     {"gpt2-medium", 24, 16, 1024},
                                                     {"gpt2-large", 36, 20, 1280},
                                                     {"gpt2-xl", 48, 25, 1600},
                                                     {"gopher-44m", 8, 16, 512},
                                                     {"gpt-mini", 6, 6, 192},
                                                     {"gpt-micro", 4, 4, 128},
                                                     {"gpt-nano", 3, 3, 48}}};

}  // namespace

std::string supported_models() {
  return gf::text("Glassformer opens models of GPT-2's shape (learned positions, LayerNorm, one MLP and one attention a block)");
}

Result<Activation> parse_activation(const std::string& name, const std::string& where) {
  if (name == "gelu_new" || name == "gelu_pytorch_tanh" || name == "gelu_fast") return Activation::GeluTanh;
  if (name == "gelu") return Activation::GeluErf;
  if (name == "relu") return Activation::Relu;
  return fail(
      ErrorCode::Unsupported,
      gf::text("{0} asks for the activation {1}, which is not supported; gelu_new, gelu_pytorch_tanh, gelu_fast, gelu and relu are.", where,
               name),
      "parse_activation");
}

Result<ConfigFile> read_config_json(const std::string& path) {
  ConfigFile config;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return config;
  GF_TRY_ASSIGN(const std::string text, read_file(path, kConfigMaxBytes));
  return parse_config_json(text, path);
}

Result<ConfigFile> parse_config_json(std::string_view text, const std::string& path) {
  ConfigFile config;
  config.path = path;
  GF_TRY(check_json_bounds(text, kConfigMaxValues, path));
  const ConfigJson json = ConfigJson::parse(text, nullptr, false);
  if (!json.is_object() && is_stand_in(path)) return tl::unexpected(refusal_of(path));
  if (!json.is_object()) return fail(ErrorCode::Corrupt, gf::text("{0} is not a JSON object.", path), "read_config_json");
  if (const auto* type = config_value(json, "model_type")) {
    const std::string name = type->is_string() ? type->get<std::string>() : type->dump();
    if (name != "gpt2")
      return fail(ErrorCode::Unsupported,
                  gf::text("{0} describes a model of the type {1}, which is not supported: {2}.", path, name, supported_models()),
                  "read_config_json");
  }
  if (const auto* cross = config_value(json, "add_cross_attention"); cross != nullptr && *cross != false)
    return fail(ErrorCode::Unsupported,
                gf::text("{0} asks for add_cross_attention, which is not supported: {1}.", path, supported_models()), "read_config_json");
  GF_TRY(config_int(json, "n_layer", 1, path, config.n_layer));
  GF_TRY(config_int(json, "n_head", 1, path, config.n_head));
  GF_TRY(config_int(json, "n_embd", 1, path, config.d_model));
  GF_TRY(config_int(json, "n_inner", 1, path, config.d_mlp));
  GF_TRY(config_int(json, "n_ctx", 1, path, config.n_ctx));
  GF_TRY(config_int(json, "n_positions", 1, path, config.n_ctx));  // the newer of the two names wins
  GF_TRY(config_int(json, "vocab_size", 1, path, config.n_vocab));
  GF_TRY(config_int(json, "bos_token_id", -1, path, config.bos_token_id));
  if (const auto* eos = config_value(json, "eos_token_id"); eos == nullptr || !eos->is_array())  // a list has no one token
    GF_TRY(config_int(json, "eos_token_id", -1, path, config.eos_token_id));
  GF_TRY(config_bool(json, "tie_word_embeddings", path, config.tied));
  GF_TRY(config_bool(json, "scale_attn_weights", path, config.scale_attn));
  GF_TRY(config_bool(json, "scale_attn_by_inverse_layer_idx", path, config.scale_attn_by_layer));
  if (const auto* eps = config_value(json, "layer_norm_epsilon")) {
    const double value = eps->is_number() ? eps->get<double>() : -1.0;
    if (!(value >= 0.0) || !std::isfinite(static_cast<float>(value)))
      return config_wrong(path, "layer_norm_epsilon", gf::text("a number from 0"));
    config.layer_norm_eps = static_cast<float>(value);
  }
  if (const auto* activation = config_value(json, "activation_function")) {
    if (!activation->is_string()) return config_wrong(path, "activation_function", gf::text("a name"));
    GF_TRY_ASSIGN(config.activation, parse_activation(activation->get<std::string>(), path));
  }
  return config;
}

Result<ModelConfig> whole_config(const ConfigFile& file, int n_vocab) {
  constexpr int kUsualContext = 1024, kWidest = 1 << 28;  // four times as many is still an int
  const auto lacks = [&](const char* key) {
    return fail(ErrorCode::InvalidArgument, gf::text("{0} does not say {1}, without which there is no model.", file.path, key),
                "whole_config");
  };
  if (!file.n_layer) return lacks("n_layer");
  if (!file.n_head) return lacks("n_head");
  if (!file.d_model) return lacks("n_embd");
  if (!file.n_vocab && n_vocab == 0)
    return fail(ErrorCode::InvalidArgument, gf::text("{0} does not say vocab_size, and there is no tokenizer that would.", file.path),
                "whole_config");
  if (*file.d_model > kWidest)
    return fail(ErrorCode::InvalidArgument, gf::text("The config describes a model that no machine can hold; give it smaller sizes."),
                "whole_config");
  ModelConfig c;
  c.n_layer = *file.n_layer;
  c.n_head = *file.n_head;
  c.d_model = *file.d_model;
  c.n_ctx = file.n_ctx.value_or(kUsualContext);
  c.n_vocab = file.n_vocab.value_or(n_vocab);
  c.d_mlp = file.d_mlp.value_or(4 * c.d_model);
  c.activation = file.activation.value_or(Activation::GeluTanh);
  c.layer_norm_eps = file.layer_norm_eps.value_or(c.layer_norm_eps);
  c.tied = file.tied.value_or(true);
  c.scale_attn = file.scale_attn.value_or(true);
  c.scale_attn_by_layer = file.scale_attn_by_layer.value_or(false);
  const auto token = [&](const std::optional<int>& id) { return id && *id < c.n_vocab ? *id : -1; };
  c.bos_token_id = token(file.bos_token_id);
  c.eos_token_id = token(file.eos_token_id);
  return c;
}

Result<ConfigFile> parse_mingpt_config(std::string_view text, const std::string& path) {
  ConfigFile config;
  config.path = path;
  GF_TRY(check_json_bounds(text, kConfigMaxValues, path));
  const ConfigJson all = ConfigJson::parse(text, nullptr, false);
  if (!all.is_object()) return fail(ErrorCode::Corrupt, gf::text("{0} is not a JSON object.", path), "parse_mingpt_config");
  const ConfigJson* model = config_value(all, "model");
  const ConfigJson& json = model != nullptr && model->is_object() ? *model : all;
  GF_TRY(config_int(json, "n_layer", 1, path, config.n_layer));
  GF_TRY(config_int(json, "n_head", 1, path, config.n_head));
  GF_TRY(config_int(json, "n_embd", 1, path, config.d_model));
  if (const auto* type = config_value(json, "model_type"); type != nullptr && !config.n_layer && !config.n_head && !config.d_model)
    for (const MingptType& row : kMingptTypes)
      if (*type == row.name) config.n_layer = row.n_layer, config.n_head = row.n_head, config.d_model = row.d_model;
  GF_TRY(config_int(json, "block_size", 1, path, config.n_ctx));
  GF_TRY(config_int(json, "vocab_size", 1, path, config.n_vocab));
  return config;
}

}  // namespace gf
