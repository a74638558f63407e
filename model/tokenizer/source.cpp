#include "model/tokenizer/source.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "model/base/json_bounds.h"
#include "model/io/files/mapped_file.h"
#include "model/io/gguf.h"
#include "model/io/huggingface.h"
#include "model/io/loaders.h"
#include "model/tokenizer/characters.h"
#include "model/tokenizer/tokenizer_json.h"

namespace gf {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t kTokenizerSourceMaxBytes = 256U << 20, kTokenizerSourceMaxValues = 8'000'000;
constexpr int kTokenizerGpt2 = 50257, kTokenizerGpt2Padded = 50304;

// Tokens that were added to a model's vocabulary later; Hugging Face keeps them in a file of their own.
Result<void> tokenizer_source_add(const std::string& path, TokenizerSource& source) {
  using Json = nlohmann::json;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return {};
  GF_TRY_ASSIGN(const std::string text, read_file(path, kTokenizerSourceMaxBytes));
  GF_TRY(check_json_bounds(text, kTokenizerSourceMaxValues, path));
  GF_TRY(check_json_bounds(source.vocab, kTokenizerSourceMaxValues, source.where));
  const Json added = Json::parse(text, nullptr, false);
  if (!added.is_object()) return fail(ErrorCode::Corrupt, path + " is not an object of tokens and ids.", "find_tokenizer");
  Json all = Json::parse(source.vocab, nullptr, false);
  if (!all.is_object()) return {};  // whoever reads the vocabulary says so
  for (const auto& [token, id] : added.items()) all[token] = id;
  source.vocab = all.dump(-1, ' ', false, Json::error_handler_t::replace);
  return {};
}

Result<TokenizerSource> tokenizer_source_loose(const fs::path& folder) {
  TokenizerSource source{TokenizerSource::Kind::VocabAndMerges, folder.string(), {}, {}, {}};
  GF_TRY_ASSIGN(source.vocab, read_file((folder / "vocab.json").string(), kTokenizerSourceMaxBytes));
  GF_TRY_ASSIGN(source.merges, read_file((folder / "merges.txt").string(), kTokenizerSourceMaxBytes));
  GF_TRY(tokenizer_source_add((folder / "added_tokens.json").string(), source));
  return source;
}

}  // namespace

Result<TokenizerSource> find_tokenizer(const std::string& model_path) {
  using Kind = TokenizerSource::Kind;
  const fs::path folder = model_folder(model_path);
  const auto has = [&](const char* name) {
    std::error_code ignored;
    return fs::exists(folder / name, ignored);
  };
  // A GGUF in the folder of a model that is opened from other files has nothing to say.
  const auto opens_it = [&](const Format& format) { return format.probe(model_path); };
  if (probe_gguf(model_path) && std::ranges::find_if(formats(), opens_it)->probe == probe_gguf) {
    GF_TRY_ASSIGN(auto inside, gguf_tokenizer(model_path));
    if (inside.kind != Kind::None) return inside;
  }
  if (has("vocab.json") && has("merges.txt")) return tokenizer_source_loose(folder);
  for (const auto& [name, kind] : {std::pair{"tokenizer.json", Kind::TokenizerJson}, std::pair{"meta.pkl", Kind::Characters}})
    if (has(name)) return TokenizerSource{kind, (folder / name).string(), {}, {}, (folder / name).string()};
  return TokenizerSource{};
}

Result<TokenizerSource> gpt2_tokenizer_source() {
  GF_TRY_ASSIGN(const std::string vocab, asset_path("tokenizer/gpt2/vocab.json"));
  return tokenizer_source_loose(fs::path(vocab).parent_path());
}

bool falls_back_to_gpt2(int n_vocab) { return n_vocab >= kTokenizerGpt2 && n_vocab <= kTokenizerGpt2Padded; }

Result<std::vector<TokenizerFile>> tokenizer_files(const TokenizerSource& source) {
  switch (source.kind) {
    case TokenizerSource::Kind::None: return std::vector<TokenizerFile>{};
    case TokenizerSource::Kind::VocabAndMerges:
      return std::vector<TokenizerFile>{{"vocab.json", source.vocab}, {"merges.txt", source.merges}};
    case TokenizerSource::Kind::TokenizerJson: {
      GF_TRY_ASSIGN(std::string text, read_file(source.path, kTokenizerSourceMaxBytes));
      return std::vector<TokenizerFile>{{"tokenizer.json", std::move(text)}};
    }
    case TokenizerSource::Kind::Characters: {
      GF_TRY_ASSIGN(const auto characters, CharacterTokenizer::read(source.path));
      return std::vector<TokenizerFile>{{"tokenizer.json", characters_to_json(*characters)}};
    }
  }
  return std::vector<TokenizerFile>{};
}

}  // namespace gf
