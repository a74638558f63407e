#include "model/tokenizer/added_read.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>

#include "model/base/files/json_bounds.h"
#include "model/base/text.h"

namespace gf {

namespace {

using AddedJson = nlohmann::ordered_json;
constexpr std::size_t kAddedMostValues = 2'000'000;
constexpr std::int64_t kAddedLargestId = 4'000'000;
// transformers' SPECIAL_TOKENS_ATTRIBUTES.
constexpr std::array<const char*, 7> kSpecialNames = {"bos_token", "eos_token", "unk_token", "sep_token",
                                                      "pad_token", "cls_token", "mask_token"};
// The list of other special tokens: its name, and the one that it had before transformers 5.
constexpr const char *kSpecialList = "extra_special_tokens", *kSpecialListBefore = "additional_special_tokens";

tl::unexpected<Error> added_corrupt(const std::string& path, const std::string& problem) {
  return fail(ErrorCode::Corrupt, text("Cannot read {0}: {1}.", path, problem), "read_added_tokens");
}

Result<AddedJson> added_object(const std::string& content, const std::string& path) {
  if (content.empty()) return AddedJson::object();
  GF_TRY(check_json_bounds(content, kAddedMostValues, path));
  AddedJson json = AddedJson::parse(content, nullptr, false);
  if (!json.is_object()) return fail(ErrorCode::Corrupt, text("{0} is not an object of tokens and ids.", path), "find_tokenizer");
  return json;
}

const AddedJson* added_at(const AddedJson& json, const char* key) {
  const auto it = json.find(key);
  return it == json.end() || it->is_null() ? nullptr : &*it;
}

bool added_flag(const AddedJson& json, const char* key, bool otherwise) {
  const AddedJson* value = added_at(json, key);
  return value != nullptr && value->is_boolean() ? value->get<bool>() : otherwise;
}

/// Reads a text, or {"content": ..., "lstrip": ...}; nullopt: there is no content.
std::optional<AddedToken> added_token(const AddedJson& json, bool special) {
  AddedToken token;
  token.special = special;
  token.normalized = !special;
  if (json.is_string()) {
    token.content = json.get<std::string>();
    return token;
  }
  const AddedJson* content = json.is_object() ? added_at(json, "content") : nullptr;
  if (content == nullptr || !content->is_string()) return {};
  token.content = content->get<std::string>();
  token.special = added_flag(json, "special", special);
  token.normalized = added_flag(json, "normalized", !token.special);
  token.single_word = added_flag(json, "single_word", false);
  token.lstrip = added_flag(json, "lstrip", false);
  token.rstrip = added_flag(json, "rstrip", false);
  return token;
}

/// What tokenizer_config.json and then special_tokens_map.json say.
struct AddedNames {
  std::array<std::optional<AddedToken>, kSpecialNames.size()> by_purpose{};  ///< "eos_token", ...
  std::vector<AddedToken> listed{};                                          ///< texts are special tokens, objects are what they say

  /// A null says that there is no such token.
  void read_purposes(const AddedJson& json) {
    for (std::size_t i = 0; i < kSpecialNames.size(); ++i) {
      const auto it = json.find(kSpecialNames[i]);
      if (it == json.end()) continue;
      by_purpose[i] = added_token(*it, true);
      if (by_purpose[i]) by_purpose[i]->special = true;
    }
  }
  /// Whether there is such a list.
  bool read_list(const AddedJson& json, const char* name, bool all_special) {
    const AddedJson* list = added_at(json, name);
    if (list == nullptr || !list->is_structured()) return false;
    for (const auto& value : *list)
      if (auto token = added_token(value, all_special || value.is_string())) {
        token->special = token->special || all_special;
        listed.push_back(std::move(*token));
      }
    return !list->empty();
  }
  [[nodiscard]] std::vector<AddedToken> named() const {
    std::vector<AddedToken> tokens;
    for (const auto& token : by_purpose)
      if (token) tokens.push_back(*token);
    return tokens;
  }
  [[nodiscard]] std::set<std::string> contents() const {
    std::set<std::string> all;
    for (const auto& token : by_purpose)
      if (token) all.insert(token->content);
    for (const AddedToken& token : listed) all.insert(token.content);
    return all;
  }
};

std::optional<std::int32_t> added_id(const AddedJson& json) {
  if (!json.is_number_integer()) return {};
  const auto id = json.is_number_unsigned() && json.get<std::uint64_t>() > static_cast<std::uint64_t>(kAddedLargestId)
                      ? std::int64_t{-1}
                      : json.get<std::int64_t>();
  return id >= 0 && id < kAddedLargestId ? std::optional(static_cast<std::int32_t>(id)) : std::nullopt;
}

}  // namespace

Result<AddedTokenSetup> read_added_tokens(const AddedTokenFiles& files) {
  const auto path = [&](const char* name) { return files.folder + "/" + name; };
  AddedTokenSetup setup{.of_gpt2 = files.of_gpt2};
  GF_TRY_ASSIGN(const AddedJson config, added_object(files.tokenizer_config, path("tokenizer_config.json")));
  const AddedJson* of_class = added_at(config, "tokenizer_class");
  const bool generic = of_class != nullptr && (*of_class == "PreTrainedTokenizerFast" || *of_class == "TokenizersBackend");
  if (const AddedJson* space = added_at(config, "add_prefix_space"); space != nullptr && space->is_boolean() && !generic)
    setup.add_prefix_space = space->get<bool>();
  AddedNames names;
  if (files.of_gpt2)
    for (std::size_t i = 0; i < 3; ++i) names.by_purpose[i] = AddedToken{.content = "<|endoftext|>", .normalized = false, .special = true};
  names.read_purposes(config);
  bool has_list = names.read_list(config, kSpecialList, false) || names.read_list(config, kSpecialListBefore, false);
  const AddedJson* decoder = added_at(config, "added_tokens_decoder");
  if (decoder != nullptr && decoder->is_object()) {
    setup.whole = true;
    for (const auto& [key, value] : decoder->items()) {
      std::int32_t id = -1;
      const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
      auto token = added_token(value, false);
      if (error != std::errc{} || end != key.data() + key.size() || id < 0 || id >= kAddedLargestId || !token)
        return added_corrupt(path("tokenizer_config.json"), text("its added_tokens_decoder has something other than ids with tokens"));
      token->id = id;
      setup.tokens.push_back(std::move(*token));
    }
  } else {
    GF_TRY_ASSIGN(const AddedJson map, added_object(files.special_tokens_map, path("special_tokens_map.json")));
    names.read_purposes(map);
    has_list = names.read_list(map, kSpecialList, true) || has_list;
    GF_TRY_ASSIGN(const AddedJson added, added_object(files.added_tokens, path("added_tokens.json")));
    const std::set<std::string> special_contents = names.contents();
    for (const auto& [content, value] : added.items()) {
      const auto id = added_id(value);
      if (!id) return added_corrupt(path("added_tokens.json"), text("it gives {0} no token id", content));
      const bool special = special_contents.contains(content);
      setup.tokens.push_back({.content = content, .id = *id, .normalized = !special, .special = special});
    }
    // Under its older name this list makes no token of added_tokens.json special.
    if (!has_list) names.read_list(map, kSpecialListBefore, false);
  }
  std::ranges::stable_sort(setup.tokens, {}, &AddedToken::id);
  setup.named = names.named();
  setup.listed = std::move(names.listed);
  return setup;
}

std::vector<AddedToken> AddedTokenSetup::with(std::vector<AddedToken> all) const {
  std::set<std::string> known;
  if (!whole)
    for (const AddedToken& token : all) known.insert(token.content);
  for (const AddedToken& token : tokens)
    if (!known.contains(token.content)) all.push_back(token);
  const std::size_t with_ids = all.size();
  for (const AddedToken& token : named) {
    bool has_id = false;
    for (AddedToken& other : std::span(all).first(with_ids))
      if (other.content == token.content) has_id = other.special = true;
    if (!has_id) all.push_back(token);
  }
  for (const AddedToken& token : std::span(all).first(with_ids)) known.insert(token.content);
  for (const AddedToken& token : listed)
    if (!known.contains(token.content)) all.push_back(token);
  return all;
}

Result<std::vector<AddedToken>> parse_added_tokens(std::string_view json, const std::string& path) {
  const AddedJson list = AddedJson::parse(json, nullptr, false);
  std::vector<AddedToken> tokens;
  if (!list.is_array()) return tokens;
  for (const auto& value : list) {
    auto token = added_token(value, false);
    const AddedJson* id = value.is_object() ? added_at(value, "id") : nullptr;
    const auto number = id != nullptr ? added_id(*id) : std::nullopt;
    if (!token || !number) return added_corrupt(path, text("its added_tokens have no id and content"));
    token->id = *number;
    tokens.push_back(std::move(*token));
  }
  return tokens;
}

}  // namespace gf
