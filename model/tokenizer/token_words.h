// A token in words.
#pragma once

#include <string>

#include "model/base/ids.h"
#include "model/tokenizer/tokenizer.h"

namespace gf {

/// A token for labels: the visible_text() of its bytes; "#48" where it has none, or where there is no tokenizer.
[[nodiscard]] std::string token_words(const Tokenizer* tokenizer, TokenId id);
/// The same for sentences: a text stands in quotes, an id does not.
[[nodiscard]] std::string quoted_token(const Tokenizer* tokenizer, TokenId id);

}  // namespace gf
