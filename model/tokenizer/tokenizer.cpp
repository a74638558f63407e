#include "model/tokenizer/tokenizer.h"

#include <charconv>
#include <mutex>

#include "model/base/text.h"
#include "model/io/formats/huggingface.h"
#include "model/tokenizer/bpe.h"
#include "model/tokenizer/characters.h"
#include "model/tokenizer/source.h"
#include "model/tokenizer/tokenizer_json.h"

namespace gf {

namespace {

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
        return fail(
            ErrorCode::InvalidArgument,
            gf::text("This model has no tokenizer, so its text is token ids from 0 to {0} with spaces between them; byte {1} of the text "
                     "begins none. Put its tokenizer beside it: tokenizer.json, vocab.json with merges.txt, or for nanoGPT's "
                     "characters the meta.pkl of the data folder.",
                     n_vocab_ - 1, at),
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

Result<std::shared_ptr<const Tokenizer>> tokenizer_from(const TokenizerSource& source, const char* kind, int n_vocab = 0,
                                                        std::string* warning = nullptr) {
  switch (source.kind) {
    case TokenizerSource::Kind::None: return std::shared_ptr<const Tokenizer>();
    case TokenizerSource::Kind::VocabAndMerges:
      return BpeTokenizer::make(source.vocab, source.merges, source.where, kind,
                                {.added = source.added.with({}),
                                 .special_by_look = !source.added.of_gpt2,
                                 .add_prefix_space = source.added.add_prefix_space.value_or(false),
                                 .n_vocab = n_vocab,
                                 .warning = warning});
    case TokenizerSource::Kind::TokenizerJson: return read_tokenizer_json(source.path, source.added, n_vocab, warning);
    case TokenizerSource::Kind::Characters: return CharacterTokenizer::read(source.path);
  }
  return std::shared_ptr<const Tokenizer>();
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
  GF_TRY_ASSIGN(const TokenizerSource source, gpt2_tokenizer_source());
  GF_TRY_ASSIGN(auto tokenizer, tokenizer_from(source, "byte-level BPE (GPT-2's)"));
  shared = tokenizer;
  return tokenizer;
}

Result<std::shared_ptr<const Tokenizer>> load_tokenizer(const std::string& model_path, int n_vocab, std::string* warning) {
  GF_TRY_ASSIGN(const TokenizerSource source, find_tokenizer(model_path));
  GF_TRY_ASSIGN(auto own, tokenizer_from(source, "byte-level BPE (model's own)", n_vocab, warning));
  if (own) {
    if (own->n_vocab() > n_vocab)
      return fail(ErrorCode::Corrupt,
                  text("The tokenizer in {0} has {1} tokens, but the model has {2}.", source.where, own->n_vocab(), n_vocab),
                  "load_tokenizer");
    return own;
  }
  const std::string folder = model_folder(model_path);
  if (falls_back_to_gpt2(n_vocab)) {
    if (warning)
      *warning = text("There is no tokenizer.json, and no vocab.json with merges.txt, in {0}; GPT-2's tokenizer is used.", folder);
    return gpt2_tokenizer();
  }
  if (warning)
    *warning = text(
        "There is no tokenizer.json, vocab.json with merges.txt or meta.pkl in {0}, and GPT-2's does not fit {1} tokens; text is token "
        "ids.",
        folder, n_vocab);
  return std::make_shared<const RawIdTokenizer>(n_vocab);
}

}  // namespace gf
