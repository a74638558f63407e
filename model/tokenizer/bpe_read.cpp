// Reading vocab.json and merges.txt.
#include <nlohmann/json.hpp>

#include "model/tokenizer/bpe.h"
#include "model/tokenizer/utf8.h"

namespace gf {

namespace {

constexpr std::size_t kBpeMaxTokens = 4'000'000;

// GPT-2 writes each byte as a printable character: those of Latin-1 as themselves, the others from U+0100 on.
// Source: openai/gpt-2, bytes_to_unicode.
struct BpeAlphabet {
  std::array<std::uint32_t, 256> character{};
  std::unordered_map<std::uint32_t, unsigned char> byte;
  BpeAlphabet() {
    std::uint32_t next = 256;
    for (std::uint32_t b = 0; b < 256; ++b) {
      const bool printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || (b >= 0xAE);
      character[b] = printable ? b : next++;
      byte[character[b]] = static_cast<unsigned char>(b);
    }
  }
};
const BpeAlphabet& bpe_alphabet() {
  static const BpeAlphabet alphabet;
  return alphabet;
}

// A character outside the alphabet (in a token added by hand) stands for its own UTF-8.
std::string bpe_bytes_of(const std::string& token) {
  std::string bytes;
  for (std::size_t at = 0; at < token.size();) {
    const Utf8Char c = utf8_at(token, at);
    const auto it = bpe_alphabet().byte.find(c.code);
    if (c.valid && it != bpe_alphabet().byte.end()) bytes += static_cast<char>(it->second);
    else bytes += token.substr(at, c.bytes);
    at += c.bytes;
  }
  return bytes;
}

tl::unexpected<Error> bpe_corrupt(const std::string& message) { return fail(ErrorCode::Corrupt, message + ".", "BpeTokenizer"); }

}  // namespace

Result<void> BpeTokenizer::read_vocab(std::string_view text, const std::string& where, std::unordered_map<std::string, std::int32_t>& ids) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || json.empty()) return bpe_corrupt("vocab.json in " + where + " is not an object of tokens and ids");
  std::size_t largest = 0;
  for (const auto& [token, id] : json.items()) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= kBpeMaxTokens)
      return bpe_corrupt("vocab.json in " + where + " gives the token " + token + " the id " + id.dump() + ", which is no token id");
    largest = std::max(largest, id.get<std::size_t>());
    ids.emplace(token, id.get<std::int32_t>());
  }
  bytes_.resize(largest + 1);
  std::vector<bool> taken(largest + 1);
  byte_ids_.fill(-1);
  for (const auto& [token, id] : ids) {
    const auto index = static_cast<std::size_t>(id);
    if (taken[index]) return bpe_corrupt("vocab.json in " + where + " gives the id " + std::to_string(id) + " to two tokens");
    taken[index] = true;
    bytes_[index] = bpe_bytes_of(token);
    if (token.size() > 4 && token.starts_with("<|") && token.ends_with("|>")) special_.emplace_back(token, id);
  }
  for (std::size_t b = 0; b < 256; ++b) {
    std::string character;
    append_utf8(character, bpe_alphabet().character[b]);
    if (const auto it = ids.find(character); it != ids.end()) byte_ids_[b] = it->second;
  }
  return {};
}

Result<void> BpeTokenizer::read_merges(std::string_view text, const std::string& where, const std::unordered_map<std::string, std::int32_t>& ids) {
  std::int32_t rank = 0;
  for (std::size_t at = 0, line_number = 1; at < text.size(); ++line_number) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || (line_number == 1 && line.starts_with("#version"))) continue;
    const std::string place = "line " + std::to_string(line_number) + " of merges.txt in " + where;
    const std::size_t space = line.find(' ');
    if (space == 0 || space == std::string_view::npos || space + 1 == line.size() || line.find(' ', space + 1) != std::string_view::npos)
      return bpe_corrupt("In " + place + " there should be two tokens with a space between them");
    const std::string left(line.substr(0, space)), right(line.substr(space + 1));
    const auto a = ids.find(left), b = ids.find(right), merged = ids.find(left + right);
    for (const auto& [it, token] : {std::pair{a, left}, std::pair{b, right}, std::pair{merged, left + right}})
      if (it == ids.end()) return bpe_corrupt("The token " + token + ", in " + place + ", is not in vocab.json");
    const auto key = (static_cast<std::uint64_t>(static_cast<std::uint32_t>(a->second)) << 32) | static_cast<std::uint32_t>(b->second);
    merges_.try_emplace(key, Merge{rank++, merged->second});
  }
  return {};
}

Result<std::shared_ptr<const BpeTokenizer>> BpeTokenizer::make(std::string_view vocab_json, std::string_view merges, const std::string& where, std::string kind) {
  auto tokenizer = std::make_shared<BpeTokenizer>();
  tokenizer->kind_ = std::move(kind);
  std::unordered_map<std::string, std::int32_t> ids;
  GF_TRY(tokenizer->read_vocab(vocab_json, where, ids));
  GF_TRY(tokenizer->read_merges(merges, where, ids));
  return std::shared_ptr<const BpeTokenizer>(std::move(tokenizer));
}

}  // namespace gf
