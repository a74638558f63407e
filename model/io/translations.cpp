#include "model/io/translations.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "model/base/files/json_bounds.h"
#include "model/base/files/text_file.h"
#include "model/io/dictionaries/open_dictionary.h"
#include "model/io/loaders.h"

namespace gf {
namespace {

constexpr std::size_t kMostSentences = 100'000;

/// A locale comes from the environment: only letters, digits, '_' and '-' may become part of a path.
bool is_locale(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; });
}

/// Words of the bundled models and dictionaries (descriptions, names of features) stand in a file beside each. What is there already
/// stays.
Result<void> add_words_of_assets(const std::string& language, Translations& all) {
  std::vector<std::string> folders;
  for (const BundledModel& model : bundled_models()) folders.push_back(model.path);
  for (const BundledDictionary& dictionary : bundled_dictionaries()) folders.push_back(dictionary.path);
  for (const std::string& folder : folders) {
    const std::string path = folder + "/" + language + ".json";
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) continue;
    GF_TRY_ASSIGN(auto words, read_translations(path));
    all.merge(std::move(words));
  }
  return {};
}

}  // namespace

Result<Translations> read_translations(const std::string& path) {
  GF_TRY_ASSIGN(const std::string content, read_text_file(path, phrase("translation")));
  GF_TRY(check_json_bounds(content, kMostSentences, path));
  const auto json = nlohmann::json::parse(content, nullptr, false);
  if (!json.is_object()) return fail(ErrorCode::Corrupt, text("'{0}' is not a JSON object of sentences and their translations", path));
  Translations out;
  for (const auto& [english, said] : json.items()) {
    if (!said.is_string()) return fail(ErrorCode::Corrupt, text("'{0}': the translation of \"{1}\" is not text", path, english));
    if (auto sentence = said.get<std::string>(); !sentence.empty()) out.emplace(english, std::move(sentence));
  }
  return out;
}

std::string language_of(std::string_view locale) { return std::string(locale.substr(0, locale.find_first_of("_-."))); }

Result<void> speak(std::string_view locale) {
  set_translations({});
  for (const std::string& name : {std::string(locale), language_of(locale)}) {
    if (!is_locale(name)) continue;
    const auto path = asset_path("translations/" + name + ".json");
    Translations all;
    if (path) {
      GF_TRY_ASSIGN(all, read_translations(*path));
    }
    GF_TRY(add_words_of_assets(name, all));
    if (!path && all.empty()) continue;
    set_translations(std::move(all));
    return {};
  }
  return {};
}

std::string locale_of_environment() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  return {};
}

}  // namespace gf
