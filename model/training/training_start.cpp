#include "model/training/training_start.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "model/base/listed.h"
#include "model/base/text.h"
#include "model/io/loaders.h"
#include "model/training/training_folder.h"
#include "model/training/training_texts.h"

namespace gf::training {
namespace {

namespace fs = std::filesystem;

constexpr std::array kTrainingSizes{TrainingSize{"tiny", 2, 4, 64, 64},       // induction-nano's
                                    TrainingSize{"small", 4, 4, 128, 128},    //
                                    TrainingSize{"medium", 6, 8, 256, 256}};  // fable's

const TrainingSize* training_size(const std::string& name) {
  std::error_code ignored;
  if (fs::exists(name, ignored)) return nullptr;
  const auto* at = std::ranges::find(kTrainingSizes, name, [](const TrainingSize& size) { return std::string(size.name); });
  return at == kTrainingSizes.end() ? nullptr : at;
}

/// A config.json, or a folder that has one and no weights; empty: neither.
std::string config_file_of(const std::string& path) {
  std::error_code ignored;
  if (std::ranges::any_of(formats(), [&](const Format& format) { return format.probe(path); })) return {};
  if (fs::is_directory(path, ignored)) {
    const fs::path config = fs::path(path) / "config.json";
    return fs::exists(config, ignored) ? config.string() : std::string();
  }
  return fs::path(path).extension() == ".json" && fs::exists(path, ignored) ? path : std::string();
}

/// The data as it is in the file: text, or ids.
struct RawData {
  std::string content;
  std::optional<std::vector<TokenId>> ids;
};

Result<RawData> raw_data(const std::string& path) {
  RawData raw;
  if (const TrainingText* made = find_training_text(path)) {
    raw.content = made->make();
  } else if (is_token_file(path)) {
    GF_TRY_ASSIGN(raw.ids, read_token_file(path));
  } else {
    GF_TRY_ASSIGN(raw.content, read_training_text(path));
  }
  return raw;
}

Result<std::vector<TokenId>> ids_of(RawData raw, const TrainingTokenizer& tokenizer, const std::string& path) {
  if (raw.ids) return std::move(*raw.ids);
  if (!tokenizer.tokenizer)
    return fail(ErrorCode::InvalidArgument,
                text("The model has no tokenizer, so that {0} cannot be text; give its token ids as a .bin file of uint16.", path));
  return tokenizer.tokenizer->ids_of(raw.content).map_error([&](Error e) {
    e.message = text("{0}: {1}", path, e.message);
    return e;
  });
}

Result<TrainingTokenizer> new_tokenizer(const TrainingSource& o, const RawData& raw) {
  if (raw.ids) return TrainingTokenizer{};
  if (o.call.tokenizer == "gpt2") return gpt2_training_tokenizer();
  return o.call.tokenizer == "bytes" ? byte_tokenizer() : character_tokenizer(raw.content, o.call.data);
}

Result<TrainingStart> fresh_start(const TrainingSource& o, RawData raw, const ModelConfig& config, TrainingTokenizer tokenizer) {
  GF_TRY_ASSIGN(auto parameters, Parameters::fresh(config, o.call.seed));
  GF_TRY_ASSIGN(auto ids, ids_of(std::move(raw), tokenizer, o.call.data));
  return TrainingStart{std::move(parameters), std::move(tokenizer), std::move(ids), true, {}};
}

Result<TrainingStart> start_of_size(const TrainingSource& o, const TrainingSize& size, RawData raw) {
  GF_TRY_ASSIGN(auto tokenizer, new_tokenizer(o, raw));
  ModelConfig c;
  c.n_layer = size.n_layer;
  c.n_head = size.n_head;
  c.d_model = size.d_model;
  c.d_head = size.d_model / size.n_head;
  c.d_mlp = 4 * size.d_model;
  c.n_ctx = size.n_ctx;
  if (raw.ids) {
    int most = 0;
    for (const TokenId id : *raw.ids) most = std::max(most, id.v);
    c.n_vocab = most + 1;
  } else {
    c.n_vocab = tokenizer.tokenizer->n_vocab();
  }
  return fresh_start(o, std::move(raw), c, std::move(tokenizer));
}

Result<TrainingStart> start_of_config(const TrainingSource& o, const std::string& config_file, RawData raw) {
  TrainingTokenizer tokenizer;
  if (o.call.tokenizer.empty()) {
    // A tokenizer beside the config is the model's own; its size is checked against vocab_size there.
    GF_TRY_ASSIGN(const auto source, find_tokenizer(config_file));
    if (source.kind != TokenizerSource::Kind::None) {
      constexpr int kAny = 1 << 24;
      const auto said = config_to_train(config_file, 0);
      GF_TRY_ASSIGN(tokenizer, tokenizer_beside(config_file, said ? said->n_vocab : kAny));
    }
  }
  if (!tokenizer.tokenizer) {
    GF_TRY_ASSIGN(tokenizer, new_tokenizer(o, raw));
  }
  GF_TRY_ASSIGN(const ModelConfig config, config_to_train(config_file, tokenizer.tokenizer ? tokenizer.tokenizer->n_vocab() : 0));
  return fresh_start(o, std::move(raw), config, std::move(tokenizer));
}

Result<TrainingStart> start_of_model(const TrainingSource& o, RawData raw) {
  if (!o.call.tokenizer.empty())
    return fail(ErrorCode::InvalidArgument,
                text("{0} is a trained model with a tokenizer of its own; leave --tokenizer out.", o.call.model));
  GF_TRY_ASSIGN(const std::string path, resolve_model(o.call.model).map_error([](Error e) {
    e.message = text("{0} A new model has one of the sizes {1}, or a config.json.", e.message, training_size_names());
    return e;
  }));
  LoadOptions load;
  load.n_head = o.n_head;
  load.activation = o.activation;
  GF_TRY_ASSIGN(const auto weights, load_weights(path, load));
  GF_TRY_ASSIGN(auto tokenizer, tokenizer_beside(path, weights->config.n_vocab));
  GF_TRY_ASSIGN(auto parameters, Parameters::copy_of(*weights));
  GF_TRY_ASSIGN(auto ids, ids_of(std::move(raw), tokenizer, o.call.data));
  return TrainingStart{std::move(parameters), std::move(tokenizer), std::move(ids), false, weights->warnings};
}

}  // namespace

std::span<const TrainingSize> training_sizes() { return kTrainingSizes; }

std::string training_size_names() {
  return listed(kTrainingSizes, [](const TrainingSize& size) { return std::string(size.name); });
}

Result<TrainingStart> training_start(const TrainingSource& o) {
  RawData raw;
  if (o.text) {
    raw.content = *o.text;
  } else {
    GF_TRY_ASSIGN(raw, raw_data(o.call.data));
  }
  if (const TrainingSize* size = training_size(o.call.model)) return start_of_size(o, *size, std::move(raw));
  if (const std::string config = config_file_of(o.call.model); !config.empty()) return start_of_config(o, config, std::move(raw));
  return start_of_model(o, std::move(raw));
}

Result<std::vector<TokenId>> training_ids(const std::string& data, const std::string& folder, const ModelConfig& config) {
  GF_TRY_ASSIGN(RawData raw, raw_data(data));
  GF_TRY_ASSIGN(const auto tokenizer, tokenizer_beside(folder, config.n_vocab));
  return ids_of(std::move(raw), tokenizer, data);
}

}  // namespace gf::training
