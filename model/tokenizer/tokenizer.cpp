#include "model/tokenizer/tokenizer.h"

#include <charconv>
#include <filesystem>
#include <mutex>

#include "model/io/huggingface.h"
#include "model/io/loaders.h"
#include "model/io/mapped_file.h"
#include "model/tokenizer/bpe.h"

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
        return fail(ErrorCode::InvalidArgument, "This model has no tokenizer, so its text is token ids from 0 to " + std::to_string(n_vocab_ - 1) +
                                                    " with spaces between them; byte " + std::to_string(at) + " of the text begins none.", "RawIdTokenizer");
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
  std::error_code ignored;
  if (std::filesystem::exists(folder / "vocab.json", ignored) && std::filesystem::exists(folder / "merges.txt", ignored)) {
    GF_TRY_ASSIGN(auto tokenizer, tokenizer_from(folder, "byte-level BPE (model's own)"));
    if (tokenizer->n_vocab() > n_vocab)
      return fail(ErrorCode::Corrupt, "vocab.json in " + folder.string() + " has " + std::to_string(tokenizer->n_vocab()) +
                                          " tokens, but the model has " + std::to_string(n_vocab) + ".", "load_tokenizer");
    return tokenizer;
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
