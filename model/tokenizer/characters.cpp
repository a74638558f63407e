#include "model/tokenizer/characters.h"

#include <algorithm>
#include <optional>
#include <span>

#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/io/files/mapped_file.h"
#include "model/io/files/pickle.h"
#include "model/tokenizer/utf8.h"

namespace gf {

namespace {

constexpr std::size_t kCharactersMaxBytes = 64U << 20;
constexpr std::int64_t kCharactersMaxTokens = 4'000'000;
constexpr std::size_t kCharactersMaxGap = 65'536;

tl::unexpected<Error> characters_corrupt(const std::string& path, const std::string& problem) {
  return fail(ErrorCode::Corrupt, gf::text("Cannot read {0}: {1}.", path, problem), "CharacterTokenizer");
}

}  // namespace

Result<std::shared_ptr<const CharacterTokenizer>> CharacterTokenizer::read(const std::string& path) {
  GF_TRY_ASSIGN(const std::string bytes, read_file(path, kCharactersMaxBytes));
  GF_TRY_ASSIGN(const Pickle pickle, Pickle::read(std::as_bytes(std::span(bytes)), path));
  const PickleNode *itos = pickle.find(pickle.at(pickle.root()), "itos"), *stoi = pickle.find(pickle.at(pickle.root()), "stoi");
  std::vector<std::pair<std::int64_t, std::string_view>> table;
  const auto add = [&](std::optional<std::int64_t> id, PickleId text) {
    const bool usual = id && pickle.at(text).kind == PickleKind::Text;
    table.emplace_back(usual ? *id : -1, pickle.at(text).text);
  };
  if (itos != nullptr && itos->kind == PickleKind::List) {
    for (std::size_t i = 0; i < itos->items.size(); ++i) add(static_cast<std::int64_t>(i), itos->items[i]);
  } else if (itos != nullptr && itos->kind == PickleKind::Dict) {
    for (std::size_t i = 0; i + 1 < itos->items.size(); i += 2) add(pickle.whole_number(pickle.at(itos->items[i])), itos->items[i + 1]);
  } else if (stoi != nullptr && stoi->kind == PickleKind::Dict) {
    for (std::size_t i = 0; i + 1 < stoi->items.size(); i += 2) add(pickle.whole_number(pickle.at(stoi->items[i + 1])), stoi->items[i]);
  }
  if (table.empty()) return characters_corrupt(path, gf::text("it has no dict itos of characters"));
  return make(table, path, "characters (meta.pkl)");
}

Result<std::shared_ptr<const CharacterTokenizer>> CharacterTokenizer::make(
    const std::vector<std::pair<std::int64_t, std::string_view>>& table, const std::string& path, std::string kind) {
  auto tokenizer = std::make_shared<CharacterTokenizer>();
  tokenizer->kind_ = std::move(kind);
  std::map<std::int64_t, std::string_view> by_id;
  for (const auto& [id, text] : table) {
    if (id < 0 || id >= kCharactersMaxTokens || text.empty() || !is_valid_utf8(text) || utf8_at(text, 0).bytes != text.size())
      return characters_corrupt(path, gf::text("its table has something other than ids with one character each"));
    by_id[id] = text;
  }
  if (by_id.empty()) return characters_corrupt(path, gf::text("its table has no characters"));
  // Some ids may be left out, but a few characters must not claim memory for millions.
  const auto largest = static_cast<std::size_t>(by_id.rbegin()->first);
  if (largest > 16 * by_id.size() + kCharactersMaxGap)
    return characters_corrupt(path, gf::text("its table has only {0} characters, but the id {1}", by_id.size(), largest));
  tokenizer->texts_.resize(largest + 1);
  for (const auto& [id, text] : by_id) {
    tokenizer->texts_[static_cast<std::size_t>(id)] = text;
    if (!tokenizer->ids_.emplace(text, static_cast<std::int32_t>(id)).second)
      return characters_corrupt(path, gf::text("its table has the character {0} twice", visible_text(text)));
  }
  return std::shared_ptr<const CharacterTokenizer>(std::move(tokenizer));
}

Result<std::vector<TokenSpan>> CharacterTokenizer::encode(std::string_view text, bool) const {
  std::vector<TokenSpan> spans;
  spans.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = utf8_at(text, at).bytes;
    const auto it = ids_.find(text.substr(at, bytes));
    if (it == ids_.end()) {
      const std::string byte = numbers::hex_byte(static_cast<unsigned char>(text[at]));
      return fail(ErrorCode::InvalidArgument,
                  gf::text("The model's vocabulary has no token for the byte {0} at byte {1} of the text; leave it out.",
                           byte + " (" + visible_text(text.substr(at, bytes)) + ")", at),
                  "CharacterTokenizer::encode");
    }
    spans.push_back({TokenId(it->second), at, at + bytes});
    at += bytes;
  }
  return spans;
}

std::string CharacterTokenizer::bytes_of(TokenId id) const {
  return id.v >= 0 && id.index() < texts_.size() ? texts_[id.index()] : std::string();
}

}  // namespace gf
