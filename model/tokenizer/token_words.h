// A token in words.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/base/ids.h"
#include "model/tokenizer/tokenizer.h"

namespace gf {

/// A token for labels: the visible_text() of its bytes; "#48" where it has none, or where there is no tokenizer.
[[nodiscard]] std::string token_words(const Tokenizer* tokenizer, TokenId id);
/// The same for sentences: a text stands in quotes, an id does not.
[[nodiscard]] std::string quoted_token(const Tokenizer* tokenizer, TokenId id);

/// A token among others. Byte-level BPE cuts characters such as emoji into tokens that have no text of their own.
struct TokenPiece {
  std::string words;         ///< as token_words() has them; of a piece of a character: of all tokens that hold the character
  int index = 0, count = 1;  ///< of those tokens
  /// The words, and of a piece of a character which one it is: "😀 2/3".
  [[nodiscard]] std::string label() const;
};
/// One for each of the tokens, which follow each other. Tokens that share a character belong together; so do those that share
/// one with them.
[[nodiscard]] std::vector<TokenPiece> token_pieces(const Tokenizer* tokenizer, std::span<const TokenId> ids);

/// The texts of tokens that follow each other, one for each, to be written one behind the other. A character whose bytes lie in
/// several tokens stands whole at the first of them, and the others have an empty text. Broken bytes become U+FFFD.
[[nodiscard]] std::vector<std::string> token_texts(const Tokenizer& tokenizer, std::span<const TokenId> ids);

}  // namespace gf
