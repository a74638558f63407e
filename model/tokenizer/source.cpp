#include "model/tokenizer/source.h"

#include <algorithm>
#include <filesystem>

#include "model/io/files/mapped_file.h"
#include "model/io/formats/gguf.h"
#include "model/io/formats/huggingface.h"
#include "model/io/loaders.h"
#include "model/io/recognise.h"
#include "model/tokenizer/added_read.h"
#include "model/tokenizer/characters.h"
#include "model/tokenizer/tokenizer_json.h"

namespace gf {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t kTokenizerSourceMaxBytes = 256U << 20;
constexpr int kTokenizerGpt2 = 50257, kTokenizerGpt2Padded = 50304;

/// Errors: those of reading; Corrupt, saying what is there in place of the file.
Result<std::string> tokenizer_source_file(const fs::path& path) {
  if (is_stand_in(path.string())) return tl::unexpected(refusal_of(path.string()));
  return read_file(path.string(), kTokenizerSourceMaxBytes);
}

/// Reads the files beside a vocabulary into `source`.
Result<void> tokenizer_source_beside(const fs::path& folder, TokenizerSource& source) {
  AddedTokenFiles files{folder.string(), {}, {}, {}, source.kind == TokenizerSource::Kind::VocabAndMerges};
  for (const auto& [name, content] : {std::pair{"tokenizer_config.json", &files.tokenizer_config},
                                      {"special_tokens_map.json", &files.special_tokens_map},
                                      {"added_tokens.json", &files.added_tokens}}) {
    std::error_code ignored;
    if (!fs::exists(folder / name, ignored)) continue;
    GF_TRY_ASSIGN(*content, tokenizer_source_file(folder / name));
    source.beside.push_back({name, *content});
  }
  GF_TRY_ASSIGN(source.added, read_added_tokens(files));
  return {};
}

Result<TokenizerSource> tokenizer_source_loose(const fs::path& folder) {
  TokenizerSource source{.kind = TokenizerSource::Kind::VocabAndMerges, .where = folder.string()};
  GF_TRY_ASSIGN(source.vocab, tokenizer_source_file(folder / "vocab.json"));
  GF_TRY_ASSIGN(source.merges, tokenizer_source_file(folder / "merges.txt"));
  GF_TRY(tokenizer_source_beside(folder, source));
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
  // tokenizer.json says more than the two older files. Where there are both, transformers reads it too.
  if (has("tokenizer.json")) {
    const std::string path = (folder / "tokenizer.json").string();
    TokenizerSource source{.kind = Kind::TokenizerJson, .where = path, .path = path};
    GF_TRY(tokenizer_source_beside(folder, source));
    return source;
  }
  if (has("vocab.json") && has("merges.txt")) return tokenizer_source_loose(folder);
  const std::string meta = (folder / "meta.pkl").string();
  return has("meta.pkl") ? TokenizerSource{.kind = Kind::Characters, .where = meta, .path = meta} : TokenizerSource{.where = {}};
}

Result<TokenizerSource> gpt2_tokenizer_source() {
  GF_TRY_ASSIGN(const std::string vocab, asset_path("tokenizer/gpt2/vocab.json"));
  return tokenizer_source_loose(fs::path(vocab).parent_path());
}

bool falls_back_to_gpt2(int n_vocab) { return n_vocab >= kTokenizerGpt2 && n_vocab <= kTokenizerGpt2Padded; }

Result<std::vector<TokenizerFile>> tokenizer_files(const TokenizerSource& source) {
  std::vector<TokenizerFile> files;
  switch (source.kind) {
    case TokenizerSource::Kind::None: return files;
    case TokenizerSource::Kind::VocabAndMerges: files = {{"vocab.json", source.vocab}, {"merges.txt", source.merges}}; break;
    case TokenizerSource::Kind::TokenizerJson: {
      GF_TRY_ASSIGN(std::string content, read_file(source.path, kTokenizerSourceMaxBytes));
      files.push_back({"tokenizer.json", std::move(content)});
      break;
    }
    case TokenizerSource::Kind::Characters: {
      GF_TRY_ASSIGN(const auto characters, CharacterTokenizer::read(source.path));
      files.push_back({"tokenizer.json", characters_to_json(*characters)});
      break;
    }
  }
  files.insert(files.end(), source.beside.begin(), source.beside.end());
  return files;
}

}  // namespace gf
