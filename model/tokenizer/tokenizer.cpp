#include "model/tokenizer/tokenizer.h"

#include <charconv>
#include <filesystem>
#include <mutex>

#include "model/io/gguf.h"
#include "model/io/huggingface.h"
#include "model/io/loaders.h"
#include "model/io/mapped_file.h"
#include "model/tokenizer/bpe.h"
#include "model/tokenizer/characters.h"
#include "model/tokenizer/tokenizer_json.h"

namespace gf {

namespace {

constexpr std::size_t kTokenizerMaxBytes = 256U << 20;
constexpr int kTokenizerGpt2 = 50257, kTokenizerGpt2Padded = 50304;

// For models whose tokens have no text: the prompt is the ids themselves.
class RawIdTokenizer : public Tokenizer {
 public:
  explicit RawIdTokenizer(int n_vocab) : n_vocab_(n_vocab) {}
  [[nodiscard]] int n_vocab() const override { return n_vocab_; }
  [[nodiscard]] std::string kind() const override { return "raw ids"; }
  [[nodiscard]] std::string bytes_of(TokenId) const override { return {}; }
  [[nodiscard]] Result<std::vector<TokenSpan>> encode(std::string_view text, bool) const override {
    std::vector<TokenSpan> out;
    for (std::size_t at = 0; at < text.size();) {
      if (text[at] == ' ' || text[at] == ',' || text[at] == '\n' || text[at] == '\t') {
        ++at;
        continue;
      }
      std::int32_t id = -1;
      const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), id);
      if (error != std::errc{} || id < 0 || id >= n_vocab_)
        return fail(ErrorCode::InvalidArgument,
                    "This model has no tokenizer, so its text is token ids from 0 to " + std::to_string(n_vocab_ - 1) +
                        " with spaces between them; byte " + std::to_string(at) + " of the text begins none.",
                    "RawIdTokenizer");
      const auto stop = static_cast<std::size_t>(end - text.data());
      out.push_back({TokenId(id), at, stop});
      at = stop;
    }
    return out;
  }

 private:
  int n_vocab_;
};

Result<std::shared_ptr<const Tokenizer>> tokenizer_from(const std::filesystem::path& folder, const std::string& kind) {
  GF_TRY_ASSIGN(const std::string vocab, read_file((folder / "vocab.json").string(), kTokenizerMaxBytes));
  GF_TRY_ASSIGN(const std::string merges, read_file((folder / "merges.txt").string(), kTokenizerMaxBytes));
  GF_TRY_ASSIGN(auto tokenizer, BpeTokenizer::make(vocab, merges, folder.string(), kind));
  return std::shared_ptr<const Tokenizer>(std::move(tokenizer));
}

struct FoundTokenizer {
  std::shared_ptr<const Tokenizer> tokenizer;  ///< nullptr: none
  std::string source;                          ///< for messages
};

// The model's own: inside the file itself, or beside it.
Result<FoundTokenizer> tokenizer_beside(const std::string& model_path, const std::filesystem::path& folder) {
  const auto has = [&](const char* name) {
    std::error_code ignored;
    return std::filesystem::exists(folder / name, ignored);
  };
  const bool loose = has("vocab.json") && has("merges.txt");
  std::error_code ignored;
  // A folder with a config.json is of another format, whatever else lies in it.
  if ((!std::filesystem::is_directory(model_path, ignored) || !has("config.json")) && probe_gguf(model_path)) {
    GF_TRY_ASSIGN(auto inside, gguf_tokenizer(model_path));
    if (inside) return FoundTokenizer{std::move(inside), model_path};
  }
  if (loose) {
    GF_TRY_ASSIGN(auto own, tokenizer_from(folder, "byte-level BPE (model's own)"));
    return FoundTokenizer{std::move(own), "vocab.json in " + folder.string()};
  }
  if (has("tokenizer.json")) {
    const std::string path = (folder / "tokenizer.json").string();
    GF_TRY_ASSIGN(auto own, read_tokenizer_json(path));
    return FoundTokenizer{std::move(own), path};
  }
  if (has("meta.pkl")) {
    const std::string path = (folder / "meta.pkl").string();
    GF_TRY_ASSIGN(auto own, CharacterTokenizer::read(path));
    return FoundTokenizer{std::move(own), path};
  }
  return FoundTokenizer{};
}

}  // namespace

Result<std::vector<TokenId>> Tokenizer::ids_of(std::string_view text, bool special) const {
  GF_TRY_ASSIGN(const auto spans, encode(text, special));
  std::vector<TokenId> ids;
  ids.reserve(spans.size());
  for (const TokenSpan& span : spans) ids.push_back(span.id);
  return ids;
}

std::string Tokenizer::decode(const std::vector<TokenId>& ids) const {
  std::string text;
  for (const TokenId id : ids) text += bytes_of(id);
  return text;
}

Result<std::shared_ptr<const Tokenizer>> gpt2_tokenizer() {
  static std::mutex mutex;
  static std::weak_ptr<const Tokenizer> shared;
  const std::lock_guard lock(mutex);
  if (auto tokenizer = shared.lock()) return tokenizer;
  GF_TRY_ASSIGN(const std::string vocab, asset_path("tokenizer/gpt2/vocab.json"));
  GF_TRY_ASSIGN(auto tokenizer, tokenizer_from(std::filesystem::path(vocab).parent_path(), "byte-level BPE (GPT-2's)"));
  shared = tokenizer;
  return tokenizer;
}

Result<std::shared_ptr<const Tokenizer>> load_tokenizer(const std::string& model_path, int n_vocab, std::string* warning) {
  const std::filesystem::path folder = model_folder(model_path);
  GF_TRY_ASSIGN(const FoundTokenizer own, tokenizer_beside(model_path, folder));
  if (own.tokenizer) {
    if (own.tokenizer->n_vocab() > n_vocab)
      return fail(
          ErrorCode::Corrupt,
          own.source + " has " + std::to_string(own.tokenizer->n_vocab()) + " tokens, but the model has " + std::to_string(n_vocab) + ".",
          "load_tokenizer");
    return own.tokenizer;
  }
  const std::string missing = "There is no vocab.json with merges.txt in " + folder.string();
  if (n_vocab >= kTokenizerGpt2 && n_vocab <= kTokenizerGpt2Padded) {
    if (warning) *warning = missing + "; GPT-2's tokenizer is used.";
    return gpt2_tokenizer();
  }
  if (warning) *warning = missing + ", and GPT-2's does not fit " + std::to_string(n_vocab) + " tokens; text is token ids.";
  return std::make_shared<const RawIdTokenizer>(n_vocab);
}

}  // namespace gf
