#include "model/tokenizer/token_words.h"

#include "model/tokenizer/utf8.h"

namespace gf {

std::string token_words(const Tokenizer* tokenizer, TokenId id) {
  const std::string shown = tokenizer ? visible_text(tokenizer->bytes_of(id)) : std::string();
  return shown.empty() ? "#" + std::to_string(id.v) : shown;
}

std::string quoted_token(const Tokenizer* tokenizer, TokenId id) {
  const bool has_text = tokenizer && !tokenizer->bytes_of(id).empty();
  return has_text ? '"' + token_words(tokenizer, id) + '"' : token_words(tokenizer, id);
}

std::vector<std::string> token_texts(const Tokenizer& tokenizer, std::span<const TokenId> ids) {
  std::string bytes;
  std::vector<std::size_t> begins;
  for (const TokenId id : ids) {
    begins.push_back(bytes.size());
    bytes += tokenizer.bytes_of(id);
  }
  std::vector<std::string> texts(ids.size());
  for (std::size_t at = 0, token = 0; at < bytes.size();) {
    const Utf8Char c = utf8_at(bytes, at);
    while (token + 1 < begins.size() && begins[token + 1] <= at) ++token;
    if (c.valid) texts[token] += bytes.substr(at, c.bytes);
    else append_utf8(texts[token], 0xFFFD);
    at += c.bytes;
  }
  return texts;
}

}  // namespace gf
