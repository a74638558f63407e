// Reading vocab.json and merges.txt.
#include <algorithm>
#include <bit>
#include <map>
#include <nlohmann/json.hpp>

#include "model/base/text.h"
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
    problem = text("has the token {0} twice", key_);
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
    if (inside_) problem = text("gives the token {0} the id {1}, which is not a token id", key_, value);
    return false;
  }
  std::unordered_map<std::string, std::int32_t>& ids_;
  std::string key_;
  bool inside_ = false;
};

tl::unexpected<Error> bpe_corrupt(const std::string& message) { return fail(ErrorCode::Corrupt, message + ".", "BpeTokenizer"); }

}  // namespace

std::string byte_vocabulary() {
  nlohmann::ordered_json vocab = nlohmann::ordered_json::object();
  for (std::size_t b = 0; b < bpe_alphabet().character.size(); ++b) {
    std::string character;
    append_utf8(character, bpe_alphabet().character[b]);
    vocab[character] = b;
  }
  return vocab.dump() + "\n";
}

Result<void> BpeTokenizer::read_vocab(std::string_view json, const std::string& where, std::unordered_map<std::string, std::int32_t>& ids) {
  BpeVocabReader reader(ids);
  ids.reserve(json.size() / 16);
  if (!nlohmann::json::sax_parse(json.begin(), json.end(), &reader) || ids.empty())
    return bpe_corrupt(reader.problem.empty() ? text("vocab.json in {0} is not an object of tokens and ids", where)
                                              : text("vocab.json in {0} {1}", where, reader.problem));
  const std::size_t largest = reader.largest;
  // Some ids may be left out, but a few tokens must not claim memory for millions.
  if (largest > 16 * ids.size() + kBpeMaxGap)
    return bpe_corrupt(text("vocab.json in {0} has only {1} tokens, but the id {2}", where, ids.size(), largest));
  bytes_.resize(largest + 1);
  std::vector<bool> taken(largest + 1);
  byte_ids_.fill(-1);
  for (const auto& [token, id] : ids) {
    const auto index = static_cast<std::size_t>(id);
    if (taken[index]) return bpe_corrupt(text("vocab.json in {0} gives the id {1} to two tokens", where, id));
    taken[index] = true;
    bytes_[index] = bpe_bytes_of(token);
  }
  for (std::size_t b = 0; b < 256; ++b) {
    std::string character;
    append_utf8(character, bpe_alphabet().character[b]);
    if (const auto it = ids.find(character); it != ids.end()) byte_ids_[b] = it->second;
  }
  return {};
}

Result<void> BpeTokenizer::read_merges(std::string_view merges, const std::string& where,
                                       const std::unordered_map<std::string, std::int32_t>& ids) {
  std::int32_t rank = 0;
  std::string token;
  const auto lines = static_cast<std::size_t>(std::count(merges.begin(), merges.end(), '\n')) + 1;
  merges_.assign(std::bit_ceil(2 * lines), {kFreeSlot, {0, -1}});
  for (std::size_t at = 0, line_number = 1; at < merges.size(); ++line_number) {
    const std::size_t end = std::min(merges.find('\n', at), merges.size());
    std::string_view line = merges.substr(at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || (line_number == 1 && line.starts_with("#version"))) continue;
    const auto lacks = [&] {
      return bpe_corrupt(text("The token {0}, in line {1} of merges.txt in {2}, is not in vocab.json", token, line_number, where));
    };
    const std::size_t space = line.find(' ');
    if (space == 0 || space == std::string_view::npos || space + 1 == line.size() || line.find(' ', space + 1) != std::string_view::npos)
      return bpe_corrupt(text("In line {0} of merges.txt in {1} there should be two tokens with a space between them", line_number, where));
    token.assign(line.substr(0, space));
    const auto a = ids.find(token);
    if (a == ids.end()) return lacks();
    token.assign(line.substr(space + 1));
    const auto b = ids.find(token);
    if (b == ids.end()) return lacks();
    token.assign(line.substr(0, space)).append(line.substr(space + 1));
    const auto merged = ids.find(token);
    if (merged == ids.end()) return lacks();
    const auto key = (static_cast<std::uint64_t>(static_cast<std::uint32_t>(a->second)) << 32) | static_cast<std::uint32_t>(b->second);
    if (MergeSlot& slot = merges_[slot_of(key)]; slot.pair == kFreeSlot) slot = {key, {rank++, merged->second}};
  }
  return {};
}

// Added tokens keep their ids in the vocabulary or get new ones beyond it. Their texts are not in the alphabet of bytes.
Result<void> BpeTokenizer::add_tokens(BpeSetup& setup, Ids& ids, const std::string& where) {
  std::vector<AddedToken> tokens;
  for (const auto& [token, id] : ids)  // GPT-2's <|endoftext|>, and tokens that are written like it
    if (setup.special_by_look && token.size() > 4 && token.starts_with("<|") && token.ends_with("|>"))
      tokens.push_back({.content = token, .id = id, .normalized = false, .special = true});
  std::map<std::int32_t, std::string> taken;
  std::map<std::string, std::int32_t> by_content;
  auto next = static_cast<std::int32_t>(std::max(ids.size(), bytes_.size()));
  std::size_t beyond = 0;
  std::string first_beyond;
  for (AddedToken& token : setup.added) {
    const auto known = ids.find(token.content);
    if (known != ids.end()) token.id = known->second;
    else if (const auto named = by_content.find(token.content); named != by_content.end()) token.id = named->second;
    else if (token.content.empty() || (token.id < 0 && next >= setup.n_vocab)) continue;
    // One that a config only names stands behind all others.
    else if (token.id < 0 || setup.added_in_order) token.id = next++;
    next = std::max(next, token.id + 1);
    if (known == ids.end()) {
      const auto index = static_cast<std::size_t>(token.id);
      if (setup.n_vocab > 0 && token.id >= setup.n_vocab) {
        if (beyond++ == 0) first_beyond = token.content;
        continue;
      }
      if (index > 16 * (ids.size() + setup.added.size()) + kBpeMaxGap)
        return bpe_corrupt(
            text("The added token {0} of {1} has the id {2}, but there are only {3} tokens", token.content, where, token.id, ids.size()));
      const auto [other, is_new] = taken.emplace(token.id, token.content);
      if ((!is_new && other->second != token.content) || (index < bytes_.size() && is_new && !bytes_[index].empty()))
        return bpe_corrupt(text("The tokenizer in {0} gives the id {1} to two tokens, {2} among them", where, token.id, token.content));
      if (index >= bytes_.size()) bytes_.resize(index + 1);
      bytes_[index] = token.content;
      by_content[token.content] = token.id;
    }
    tokens.push_back(token);
  }
  if (beyond > 0 && setup.warning != nullptr)
    *setup.warning = counted(static_cast<long long>(beyond),
                             "{0} added token of the tokenizer ({1}) lies beyond the model's {2} tokens and is not recognised.",
                             "{0} added tokens of the tokenizer ({1}, ...) lie beyond the model's {2} tokens and are not recognised.",
                             first_beyond, setup.n_vocab);
  GF_TRY_ASSIGN(added_, AddedTokens::make(tokens, setup.normalizer));
  return {};
}

Result<std::shared_ptr<const BpeTokenizer>> BpeTokenizer::make(std::string_view vocab_json, std::string_view merges,
                                                               const std::string& where, std::string kind, BpeSetup setup) {
  auto tokenizer = std::make_shared<BpeTokenizer>();
  tokenizer->kind_ = std::move(kind);
  std::unordered_map<std::string, std::int32_t> ids;
  GF_TRY(tokenizer->read_vocab(vocab_json, where, ids));
  GF_TRY(tokenizer->read_merges(merges, where, ids));
  GF_TRY(tokenizer->add_tokens(setup, ids, where));
  tokenizer->normalizer_ = std::move(setup.normalizer);
  tokenizer->add_prefix_space_ = setup.add_prefix_space;
  tokenizer->use_regex_ = setup.use_regex;
  return std::shared_ptr<const BpeTokenizer>(std::move(tokenizer));
}

}  // namespace gf
