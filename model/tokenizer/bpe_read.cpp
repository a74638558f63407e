// Reading vocab.json and merges.txt.
#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>

#include "model/tokenizer/bpe.h"
#include "model/tokenizer/utf8.h"

namespace gf {

namespace {

constexpr std::size_t kBpeMaxTokens = 4'000'000, kBpeMaxGap = 65'536;

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

// Straight into the table of ids: a document of 50,000 members in between would cost as much as all the rest.
class BpeVocabReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit BpeVocabReader(std::unordered_map<std::string, std::int32_t>& ids) : ids_(ids) {}
  std::size_t largest = 0;
  std::string problem;  ///< the end of a sentence; empty: no object of tokens and ids at all

  bool null() override { return no_id("null"); }
  bool boolean(bool value) override { return no_id(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return no_id(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& text) override { return no_id(text); }
  bool string(string_t& value) override { return no_id(value); }
  bool binary(binary_t&) override { return false; }
  bool number_unsigned(number_unsigned_t value) override {
    if (!inside_ || value >= kBpeMaxTokens) return no_id(std::to_string(value));
    largest = std::max(largest, static_cast<std::size_t>(value));
    if (ids_.emplace(key_, static_cast<std::int32_t>(value)).second) return true;
    problem = " has the token " + key_ + " twice";
    return false;
  }
  bool start_object(std::size_t) override { return inside_ ? no_id("{") : (inside_ = true); }
  bool key(string_t& value) override {
    key_.swap(value);
    return true;
  }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return no_id("["); }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  bool no_id(const std::string& value) {
    if (inside_) problem = " gives the token " + key_ + " the id " + value + ", which is no token id";
    return false;
  }
  std::unordered_map<std::string, std::int32_t>& ids_;
  std::string key_;
  bool inside_ = false;
};

tl::unexpected<Error> bpe_corrupt(const std::string& message) { return fail(ErrorCode::Corrupt, message + ".", "BpeTokenizer"); }

}  // namespace

Result<void> BpeTokenizer::read_vocab(std::string_view text, const std::string& where, std::unordered_map<std::string, std::int32_t>& ids) {
  BpeVocabReader reader(ids);
  ids.reserve(text.size() / 16);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &reader) || ids.empty())
    return bpe_corrupt("vocab.json in " + where + (reader.problem.empty() ? " is not an object of tokens and ids" : reader.problem));
  const std::size_t largest = reader.largest;
  // Some ids may be left out, but a few tokens must not claim memory for millions.
  if (largest > 16 * ids.size() + kBpeMaxGap)
    return bpe_corrupt("vocab.json in " + where + " has only " + std::to_string(ids.size()) + " tokens, but the id " +
                       std::to_string(largest));
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

Result<void> BpeTokenizer::read_merges(std::string_view text, const std::string& where,
                                       const std::unordered_map<std::string, std::int32_t>& ids) {
  std::int32_t rank = 0;
  std::string token;
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  merges_.assign(std::bit_ceil(2 * lines), {kFreeSlot, {0, -1}});
  for (std::size_t at = 0, line_number = 1; at < text.size(); ++line_number) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || (line_number == 1 && line.starts_with("#version"))) continue;
    const auto place = [&] { return "line " + std::to_string(line_number) + " of merges.txt in " + where; };
    const std::size_t space = line.find(' ');
    if (space == 0 || space == std::string_view::npos || space + 1 == line.size() || line.find(' ', space + 1) != std::string_view::npos)
      return bpe_corrupt("In " + place() + " there should be two tokens with a space between them");
    token.assign(line.substr(0, space));
    const auto a = ids.find(token);
    if (a == ids.end()) return bpe_corrupt("The token " + token + ", in " + place() + ", is not in vocab.json");
    token.assign(line.substr(space + 1));
    const auto b = ids.find(token);
    if (b == ids.end()) return bpe_corrupt("The token " + token + ", in " + place() + ", is not in vocab.json");
    token.assign(line.substr(0, space)).append(line.substr(space + 1));
    const auto merged = ids.find(token);
    if (merged == ids.end()) return bpe_corrupt("The token " + token + ", in " + place() + ", is not in vocab.json");
    const auto key = (static_cast<std::uint64_t>(static_cast<std::uint32_t>(a->second)) << 32) | static_cast<std::uint32_t>(b->second);
    if (MergeSlot& slot = merges_[slot_of(key)]; slot.pair == kFreeSlot) slot = {key, {rank++, merged->second}};
  }
  return {};
}

Result<std::shared_ptr<const BpeTokenizer>> BpeTokenizer::make(std::string_view vocab_json, std::string_view merges,
                                                               const std::string& where, std::string kind) {
  auto tokenizer = std::make_shared<BpeTokenizer>();
  tokenizer->kind_ = std::move(kind);
  std::unordered_map<std::string, std::int32_t> ids;
  GF_TRY(tokenizer->read_vocab(vocab_json, where, ids));
  GF_TRY(tokenizer->read_merges(merges, where, ids));
  return std::shared_ptr<const BpeTokenizer>(std::move(tokenizer));
}

}  // namespace gf
