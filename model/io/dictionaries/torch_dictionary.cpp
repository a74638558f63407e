// Dictionaries in files of torch.save. The config in such a file is an object of a class that this program does not have: its
// attributes are read, and nothing of it runs. Sources: openai/sparse_autoencoder, model.py and paths.py;
// jacobdunefsky/transcoder_circuits, sae_training.
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>

#include "model/base/files/json_bounds.h"
#include "model/base/text.h"
#include "model/io/dictionaries/dictionary_parts.h"
#include "model/io/dictionaries/dictionary_readers.h"
#include "model/io/files/torch_file.h"

namespace gf {

namespace {

/// The plain values of an object's attributes; what is neither a number, a text nor a dict of these is left out.
nlohmann::json json_of_object(const Pickle& pickle, const PickleNode& node, int depth = 0) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [key, value] : pickle.entries(node)) {
    const std::string name(key);
    switch (value->kind) {
      case PickleKind::Bool: json[name] = value->integer != 0; break;
      case PickleKind::Int: json[name] = value->integer; break;
      case PickleKind::Float: json[name] = value->real; break;
      case PickleKind::Text: json[name] = std::string(value->text); break;
      case PickleKind::Dict:
        if (depth < 2) json[name] = json_of_object(pickle, *value, depth + 1);
        break;
      default: break;
    }
  }
  return json;
}

/// OpenAI's places in a block by the names of their folders, the longer ones first.
struct OpenaiPlace {
  const char *folder, *hook;
};
constexpr std::array<OpenaiPlace, 5> kOpenaiPlaces = {{{"resid_delta_attn", "hook_attn_out"},
                                                       {"resid_delta_mlp", "hook_mlp_out"},
                                                       {"resid_post_attn", "hook_resid_mid"},
                                                       {"resid_post_mlp", "hook_resid_post"},
                                                       {"mlp_post_act", "mlp.hook_post"}}};

Result<void> add_torch_tensor(const TorchFile& file, const PickleNode& dict, const char* from, const char* to, DictionaryParts& parts) {
  const PickleNode* tensor = file.pickle().find(dict, from);
  if (tensor == nullptr || tensor->kind != PickleKind::Tensor) return {};
  GF_TRY_ASSIGN(parts.tensors[to], file.view(from, *tensor, parts.storage));
  return {};
}

Result<void> read_openai(const TorchFile& file, const PickleNode& dict, DictionaryParts& parts) {
  const Pickle& pickle = file.pickle();
  DictionaryConfig& c = parts.config;
  c.format = "openai";
  c.hook = openai_hook(c.path);
  constexpr std::array<std::pair<const char*, const char*>, 4> names = {
      {{"pre_bias", "b_dec"}, {"latent_bias", "b_enc"}, {"encoder.weight", "W_enc"}, {"decoder.weight", "W_dec"}}};
  for (const auto& [from, to] : names) GF_TRY(add_torch_tensor(file, dict, from, to, parts));
  parts.encoder_in_major = parts.decoder_in_major = false;
  const PickleNode* activation = pickle.find(dict, "activation");
  const std::string name = activation != nullptr && activation->kind == PickleKind::Text ? std::string(activation->text) : "ReLU";
  if (name == "ReLU") return {};
  if (name != "TopK")
    return fail(ErrorCode::Unsupported,
                text("Cannot use the dictionary {0}: its activation function {1} is not known; ReLU and TopK are.", c.path, name));
  c.activation = FeatureActivation::TopK;
  c.normalisation = RowNormalisation::LayerNorm;  // OpenAI's own reader takes it from the activation too
  const PickleNode* state = pickle.find(dict, "activation_state_dict");
  const PickleNode* k = state == nullptr ? nullptr : pickle.find(*state, "k");
  const auto number = k == nullptr ? std::nullopt : pickle.whole_number(*k);
  if (!number || *number < 1 || *number > std::int64_t{1} << 28)
    return fail(ErrorCode::Corrupt, text("The dictionary {0} does not say how many features its TopK keeps.", c.path));
  c.k = static_cast<int>(*number);
  const PickleNode* after = pickle.find(*state, "postact_fn");
  c.keeps_negative = after != nullptr && after->kind == PickleKind::Text && after->text == "Identity";
  return {};
}

Result<void> read_state_dict(const TorchFile& file, const PickleNode& dict, DictionaryParts& parts) {
  parts.config.format = "torch";
  for (const char* name : dictionary_tensors()) GF_TRY(add_torch_tensor(file, dict, name, name, parts));
  if (parts.tensors.contains("b_dec_out")) parts.config.transcoder = true;
  return {};
}

/// Of hook_z dictionaries that were saved as X.pt beside X_cfg.json, whose keys are others than SAELens's.
Result<nlohmann::json> config_beside(const std::string& path) {
  const std::filesystem::path file(path);
  const std::string beside = (file.parent_path() / (file.stem().string() + "_cfg.json")).string();
  std::error_code ignored;
  if (!std::filesystem::exists(beside, ignored)) return nlohmann::json::object();
  GF_TRY_ASSIGN(const std::string bytes, read_file(beside, std::size_t{4} << 20));
  GF_TRY(check_json_bounds(bytes, 200'000, beside));
  auto json = nlohmann::json::parse(bytes, nullptr, false);
  if (!json.is_object()) return fail(ErrorCode::Corrupt, text("{0} is not valid JSON; get it again.", beside));
  for (const auto& [from, to] : {std::pair{"act_name", "hook_name"}, {"act_size", "d_in"}, {"dict_size", "d_sae"}})
    if (json.contains(from) && !json.contains(to)) json[to] = json[from];
  return json;
}

}  // namespace

std::string openai_hook(const std::string& path) {
  static const std::regex kLayer(R"((\d{1,4})\.pt)");
  const std::filesystem::path file(path);
  std::smatch found;
  const std::string name = file.filename().string();
  if (!std::regex_match(name, found, kLayer)) return {};
  for (const auto& part : file.parent_path())
    for (const OpenaiPlace& place : kOpenaiPlaces)
      if (part.string().starts_with(place.folder)) return "blocks." + std::to_string(std::stoi(found[1])) + "." + place.hook;
  return {};
}

Result<std::shared_ptr<const Dictionary>> read_torch_dictionary(const std::string& path) {
  GF_TRY_ASSIGN(const TorchFile file, TorchFile::open(path));
  const Pickle& pickle = file.pickle();
  DictionaryParts parts;
  parts.config.path = path;
  parts.files.push_back(file.file());
  const auto has = [&](const PickleNode* dict, const char* key) { return dict != nullptr && pickle.find(*dict, key) != nullptr; };
  const PickleNode *root = &file.root(), *inner = pickle.find(*root, "state_dict");
  if (has(root, "encoder.weight") || has(inner, "encoder.weight")) {
    GF_TRY(read_openai(file, has(root, "encoder.weight") ? *root : *inner, parts));
  } else if (has(inner, "W_enc") || has(root, "W_enc")) {
    nlohmann::json config;
    if (const PickleNode* object = pickle.find(*root, "cfg")) {
      config = json_of_object(pickle, *object);
    } else {
      GF_TRY_ASSIGN(config, config_beside(path));
    }
    GF_TRY(read_dictionary_config(config, parts));
    GF_TRY(read_state_dict(file, has(inner, "W_enc") ? *inner : *root, parts));
  } else {
    return fail(ErrorCode::Unsupported,
                text("{0} holds no dictionary: neither encoder.weight (OpenAI's) nor W_enc (SAELens's) is in it.", path));
  }
  return assemble_dictionary(std::move(parts));
}

}  // namespace gf
