#include "model/tokenizer/added_read.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
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
constexpr std::array<const char*, 2> kSpecialLists = {"additional_special_tokens", "extra_special_tokens"};

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

/// Appends the tokens that a config names by their purpose ("eos_token"), and those of its lists.
void add_named(const AddedJson& json, std::span<const char* const> lists, std::vector<AddedToken>& named) {
  const auto add = [&](const AddedJson& value) {
    if (auto token = added_token(value, true)) {
      token->special = true;
      named.push_back(std::move(*token));
    }
  };
  for (const char* name : kSpecialNames)
    if (const AddedJson* value = added_at(json, name)) add(*value);
  for (const char* name : lists)
    if (const AddedJson* list = added_at(json, name); list != nullptr && list->is_structured())
      for (const auto& value : *list) add(value);
}

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
  AddedTokenSetup setup;
  GF_TRY_ASSIGN(const AddedJson config, added_object(files.tokenizer_config, path("tokenizer_config.json")));
  setup.add_prefix_space = added_flag(config, "add_prefix_space", false);
  std::vector<AddedToken> named;
  add_named(config, kSpecialLists, named);
  const AddedJson* decoder = added_at(config, "added_tokens_decoder");
  if (decoder != nullptr && decoder->is_object()) {
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
    // transformers 5 reads the older name of the list in tokenizer_config.json alone.
    add_named(map, std::span(kSpecialLists).last(1), named);
    GF_TRY_ASSIGN(const AddedJson added, added_object(files.added_tokens, path("added_tokens.json")));
    for (const auto& [content, value] : added.items()) {
      const auto id = added_id(value);
      if (!id) return added_corrupt(path("added_tokens.json"), text("it gives {0} no token id", content));
      const bool special = std::ranges::any_of(named, [&](const AddedToken& n) { return n.content == content; });
      setup.tokens.push_back({.content = content, .id = *id, .normalized = !special, .special = special});
    }
  }
  for (const AddedToken& token : named) {
    const auto known = std::ranges::find(setup.tokens, token.content, &AddedToken::content);
    if (known != setup.tokens.end()) known->special = true;
    else setup.tokens.push_back(token);
  }
  return setup;
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
