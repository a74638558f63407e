#include "model/tokenizer/token_words.h"

namespace gf {

std::string token_words(const Tokenizer* tokenizer, TokenId id) {
  const std::string shown = tokenizer ? visible_text(tokenizer->bytes_of(id)) : std::string();
  return shown.empty() ? "#" + std::to_string(id.v) : shown;
}

std::string quoted_token(const Tokenizer* tokenizer, TokenId id) {
  const bool has_text = tokenizer && !tokenizer->bytes_of(id).empty();
  return has_text ? '"' + token_words(tokenizer, id) + '"' : token_words(tokenizer, id);
}

}  // namespace gf
