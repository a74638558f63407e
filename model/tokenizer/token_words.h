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

/// The texts of tokens that follow each other, one for each, to be written one behind the other. A character whose bytes lie in
/// several tokens stands whole at the first of them, and the others have an empty text. Broken bytes become U+FFFD.
[[nodiscard]] std::vector<std::string> token_texts(const Tokenizer& tokenizer, std::span<const TokenId> ids);

}  // namespace gf
