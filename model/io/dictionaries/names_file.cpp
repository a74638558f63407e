#include "model/io/dictionaries/names_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "model/base/files/json_bounds.h"
#include "model/base/files/text_file.h"
#include "model/base/text.h"

namespace gf {

namespace {

using NamesJson = nlohmann::json;

constexpr std::size_t kNamesMostBytes = std::size_t{16} << 20, kNamesMostValues = 1'000'000;
constexpr int kMostTokensAway = 1024;

/// `fallback` where the key is missing; nullopt: not a whole number from low to high.
std::optional<int> names_whole(const NamesJson& json, const char* key, int fallback, int low, int high) {
  const auto at = json.find(key);
  if (at == json.end()) return fallback;
  if (!at->is_number_integer() || *at < low || *at > high) return std::nullopt;
  return at->get<int>();
}

std::optional<std::vector<std::string>> names_words(const NamesJson& json, const char* key) {
  std::vector<std::string> words;
  const auto at = json.find(key);
  if (at == json.end()) return words;
  if (!at->is_array()) return std::nullopt;
  for (const NamesJson& word : *at) {
    if (!word.is_string() || word.get_ref<const std::string&>().empty()) return std::nullopt;
    words.push_back(word.get<std::string>());
  }
  return words;
}

std::optional<NamedFeature> named_feature(const NamesJson& json, int features) {
  if (!json.is_object() || !json.contains("feature") || !json.contains("name") || !json["name"].is_string()) return std::nullopt;
  const auto feature = names_whole(json, "feature", -1, 0, features - 1);
  const auto from = names_whole(json, "from", 0, -kMostTokensAway, kMostTokensAway),
             to = names_whole(json, "to", 0, -kMostTokensAway, kMostTokensAway);
  auto contains = names_words(json, "contains"), ends_in = names_words(json, "ends_in");
  if (!feature || !from || !to || *from > *to || !contains || !ends_in || (contains->empty() && ends_in->empty())) return std::nullopt;
  NamedFeature named{*feature, json["name"].get<std::string>(), *from, *to, std::move(*contains), std::move(*ends_in)};
  if (named.name.empty()) return std::nullopt;
  return named;
}

}  // namespace

Result<std::vector<NamedFeature>> read_feature_names(const std::string& path, int features) {
  GF_TRY_ASSIGN(const std::string bytes, read_text_file(path, phrase("list of names of features"), kNamesMostBytes));
  GF_TRY(check_json_bounds(bytes, kNamesMostValues, path));
  const NamesJson json = NamesJson::parse(bytes, nullptr, false);
  const auto wrong = [&](const std::string& what) {
    return fail(ErrorCode::Corrupt, text("The names of features in {0} are left out: {1}.", path, what), "read_feature_names");
  };
  if (!json.is_object() || json.value("version", NamesJson()) != 1 || !json.contains("names") || !json["names"].is_array())
    return wrong(text("it should be an object with version 1 and a list of names"));
  std::vector<NamedFeature> names;
  for (const NamesJson& entry : json["names"]) {
    auto named = named_feature(entry, features);
    if (!named)
      return wrong(text("entry {0} should have a feature from 0 to {1}, a name, and what supports it: from, to, contains, ends_in",
                        names.size() + 1, features - 1));
    names.push_back(std::move(*named));
  }
  std::ranges::sort(names, {}, &NamedFeature::feature);
  const auto twice = std::ranges::adjacent_find(names, {}, &NamedFeature::feature);
  if (twice != names.end()) return wrong(text("feature {0} is named twice", twice->feature));
  return names;
}

}  // namespace gf
