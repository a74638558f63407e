// Text to token ids and back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/error.h"
#include "model/base/ids.h"

namespace gf {

/// A token's place in the UTF-8 input, in bytes.
struct TokenSpan {
  TokenId id;
  std::size_t begin = 0, end = 0;
};

/// Thread safe. Lossless: decode(encode(x)) == x for any bytes that the vocabulary covers, unless the tokenizer changes the
/// text first (a normalizer, an added space). Spans are of the text as it was given; after such a change they may be empty.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  /// `special`: special tokens written in the text are recognised as such; other added tokens always are.
  /// Errors: InvalidArgument naming the byte that the vocabulary lacks.
  [[nodiscard]] virtual Result<std::vector<TokenSpan>> encode(std::string_view text, bool special = false) const = 0;
  /// The bytes of one token; empty for an id without text (padding, raw ids).
  [[nodiscard]] virtual std::string bytes_of(TokenId id) const = 0;
  /// Ids below this have text (raw ids: all of the model's). May be less than the model's n_vocab, which is padded:
  /// what is beyond it is never sampled.
  [[nodiscard]] virtual int n_vocab() const = 0;
  [[nodiscard]] virtual std::string kind() const = 0;  ///< "byte-level BPE (model's own)", ...
  /// The special token whose spelling comes first in the text. encode() reads it as plain text unless `special` is set.
  [[nodiscard]] virtual std::optional<std::string> special_in(std::string_view /*text*/) const { return {}; }

  [[nodiscard]] Result<std::vector<TokenId>> ids_of(std::string_view text, bool special = false) const;
  [[nodiscard]] std::string decode(const std::vector<TokenId>& ids) const;
};

/// Tokenizer of a model: tokenizer.json, vocab.json with merges.txt, meta.pkl, or the tokenizer in a GGUF; else GPT-2's where
/// the size fits, else raw ids. `warning` gets a sentence where a fallback is used or tokens are left out. Sizes are checked against
/// n_vocab.
[[nodiscard]] Result<std::shared_ptr<const Tokenizer>> load_tokenizer(const std::string& model_path, int n_vocab,
                                                                      std::string* warning = nullptr);
/// GPT-2's own, from the assets.
[[nodiscard]] Result<std::shared_ptr<const Tokenizer>> gpt2_tokenizer();

/// For labels: a leading space as "·", control bytes and broken UTF-8 made visible, valid UTF-8 throughout.
[[nodiscard]] std::string visible_text(std::string_view bytes);
/// Bytes as valid UTF-8: broken sequences become U+FFFD. For JSON.
[[nodiscard]] std::string valid_utf8(std::string_view bytes);

}  // namespace gf
