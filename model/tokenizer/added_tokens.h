// Tokens that are found in a text before the merges: special tokens and added words.
// Source: github.com/huggingface/tokenizers, tokenizers/src/tokenizer/added_vocabulary.rs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/error.h"
#include "model/tokenizer/normalizer.h"

namespace gf {

struct AddedToken {
  std::string content;
  std::int32_t id = -1;      ///< -1: the id that the vocabulary has for this text
  bool single_word = false;  ///< found only outside of words
  bool lstrip = false;       ///< takes the spaces before it
  bool rstrip = false;       ///< takes the spaces behind it
  bool normalized = true;    ///< looked for in the normalised text
  bool special = false;      ///< found only where the caller asks for special tokens
};

/// A part of a text: an added token, or the text between two of them (id -1).
struct AddedPiece {
  std::size_t begin = 0, end = 0;
  std::int32_t id = -1;
};

/// Thread safe.
class AddedTokens {
 public:
  /// All tokens have an id. Where two have the same text, the later one wins. Errors: the normalizer's.
  [[nodiscard]] static Result<AddedTokens> make(const std::vector<AddedToken>& tokens, const Normalizer& normalizer);

  /// Cuts the text into pieces without gaps; a piece may begin within the spaces that the one before it took. Goes from the left and takes
  /// the longest token at each place. `normalized`: looks for the tokens that are found in normalised text; callers first cut for
  /// those that are found in the text as it is.
  [[nodiscard]] std::vector<AddedPiece> cut(std::string_view text, bool normalized, bool special) const;
  /// The special token whose spelling comes first in the text.
  [[nodiscard]] std::optional<std::string> special_in(std::string_view text) const;

 private:
  /// Tokens of one cut, by their first byte, the longest first.
  struct Cut {
    std::array<std::vector<std::size_t>, 256> by_byte{};
    bool any = false, any_plain = false;  ///< plain: not special
  };
  struct Token {
    AddedToken token;
    std::string pattern;  ///< the text that is searched for
  };
  std::vector<Token> tokens_;
  std::array<Cut, 2> cuts_;
};

}  // namespace gf
