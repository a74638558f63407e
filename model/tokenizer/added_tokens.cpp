#include "model/tokenizer/added_tokens.h"

#include <algorithm>
#include <map>

#include "model/tokenizer/unicode.h"
#include "model/tokenizer/utf8.h"

namespace gf {

namespace {

bool ends_with_word(std::string_view text) {
  if (text.empty()) return false;
  std::size_t at = text.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80 && text.size() - at < 4) --at;
  const Utf8Char c = utf8_at(text, at);
  return c.valid && at + c.bytes == text.size() && is_word_character(c.code);
}

bool starts_with_word(std::string_view text) {
  if (text.empty()) return false;
  const Utf8Char c = utf8_at(text, 0);
  return c.valid && is_word_character(c.code);
}

std::size_t spaces_at_start(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const Utf8Char c = utf8_at(text, at);
    if (!c.valid || !is_white_space(c.code)) break;
    at += c.bytes;
  }
  return at;
}

/// Where the spaces at the end begin.
std::size_t spaces_at_end(std::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0) {
    std::size_t at = begin - 1;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80 && begin - at < 4) --at;
    const Utf8Char c = utf8_at(text, at);
    if (!c.valid || at + c.bytes != begin || !is_white_space(c.code)) break;
    begin = at;
  }
  return begin;
}

}  // namespace

Result<AddedTokens> AddedTokens::make(const std::vector<AddedToken>& tokens, const Normalizer& normalizer) {
  AddedTokens made;
  std::map<std::string, AddedToken> last;
  for (const AddedToken& token : tokens)
    if (!token.content.empty()) last.insert_or_assign(token.content, token);
  for (auto& [content, token] : last) {
    std::string pattern = content;
    if (token.normalized && !normalizer.empty()) {
      GF_TRY_ASSIGN(const AlignedText normal, normalizer.apply(AlignedText(content, 0)));
      pattern = normal.text();
    }
    if (pattern.empty()) continue;
    Cut& cut = made.cuts_[token.normalized ? 1 : 0];
    cut.any = true;
    cut.any_plain = cut.any_plain || !token.special;
    cut.by_byte[static_cast<unsigned char>(pattern[0])].push_back(made.tokens_.size());
    made.tokens_.push_back({std::move(token), std::move(pattern)});
  }
  for (Cut& cut : made.cuts_)
    for (auto& list : cut.by_byte)
      std::ranges::stable_sort(list, std::ranges::greater{}, [&](std::size_t i) { return made.tokens_[i].pattern.size(); });
  return made;
}

std::vector<AddedPiece> AddedTokens::cut(std::string_view text, bool normalized, bool special) const {
  std::vector<AddedPiece> pieces;
  const Cut& cut = cuts_[normalized ? 1 : 0];
  std::size_t done = 0;
  const bool looks = special ? cut.any : cut.any_plain;
  for (std::size_t at = 0; looks && at < text.size();) {
    const auto& candidates = cut.by_byte[static_cast<unsigned char>(text[at])];
    const auto found = std::ranges::find_if(candidates, [&](std::size_t i) { return text.substr(at).starts_with(tokens_[i].pattern); });
    if (found == candidates.end()) {
      ++at;
      continue;
    }
    // Spaces that a token takes behind it are searched too, and what is found there cuts the text again from its end on.
    const AddedToken& token = tokens_[*found].token;
    std::size_t begin = at, end = at + tokens_[*found].pattern.size();
    at = end;
    if (token.special && !special) continue;
    if (token.single_word && (ends_with_word(text.substr(0, begin)) || starts_with_word(text.substr(end)))) continue;
    if (token.lstrip) begin = std::max(spaces_at_end(text.substr(0, begin)), done);
    if (token.rstrip) end += spaces_at_start(text.substr(end));
    if (done < begin) pieces.push_back({done, begin, -1});
    if (begin < end) pieces.push_back({begin, end, token.id});  // else all its spaces belong to the token before it
    done = end;
  }
  if (done < text.size()) pieces.push_back({done, text.size(), -1});
  return pieces;
}

std::optional<std::string> AddedTokens::special_in(std::string_view text) const {
  std::size_t first = text.size();
  const std::string* which = nullptr;
  for (const auto& [token, pattern] : tokens_)
    if (const std::size_t at = token.special ? text.find(token.content) : std::string_view::npos; at < first) {
      first = at;
      which = &token.content;
    }
  return which != nullptr ? std::optional(*which) : std::nullopt;
}

}  // namespace gf
