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

std::string TokenPiece::label() const { return count == 1 ? words : words + " " + std::to_string(index + 1) + "/" + std::to_string(count); }

std::vector<TokenPiece> token_pieces(const Tokenizer* tokenizer, std::span<const TokenId> ids) {
  std::vector<TokenPiece> pieces;
  pieces.reserve(ids.size());
  std::string bytes;
  std::vector<std::size_t> begins;
  for (const TokenId id : ids) {
    pieces.push_back({.words = token_words(tokenizer, id)});
    begins.push_back(bytes.size());
    if (tokenizer) bytes += tokenizer->bytes_of(id);
  }
  begins.push_back(bytes.size());
  std::vector<bool> goes_on(ids.size(), false);  // a character of the token has bytes in the next one
  for (std::size_t at = 0, token = 0; at < bytes.size();) {
    const Utf8Char c = utf8_at(bytes, at);
    while (begins[token + 1] <= at) ++token;
    for (std::size_t next = token; c.valid && next + 1 < ids.size() && begins[next + 1] < at + c.bytes; ++next) goes_on[next] = true;
    at += c.bytes;
  }
  for (std::size_t first = 0; first < ids.size();) {
    std::size_t last = first;
    while (goes_on[last]) ++last;
    if (last > first) {
      const std::string words = visible_text(std::string_view(bytes).substr(begins[first], begins[last + 1] - begins[first]));
      for (std::size_t i = first; i <= last; ++i) pieces[i] = {words, static_cast<int>(i - first), static_cast<int>(last - first + 1)};
    }
    first = last + 1;
  }
  return pieces;
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
