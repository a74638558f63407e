#include "model/io/translations.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "model/base/json_bounds.h"
#include "model/base/text_file.h"
#include "model/io/loaders.h"

namespace gf {
namespace {

constexpr std::size_t kMostSentences = 100'000, kLargestTranslation = std::size_t{16} << 20;

/// Empty where there is no translation, and for a name that could lead out of the folder.
std::string translation_path(std::string_view language) {
  if (!std::ranges::all_of(language, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; }))
    return {};
  const auto path = asset_path("translations/" + std::string(language) + ".json");
  return path ? *path : std::string();
}

}  // namespace

std::vector<std::string> languages() {
  std::vector<std::string> out;
  const auto folder = asset_path("translations");
  if (!folder) return out;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(*folder, ignored))
    if (entry.path().extension() == ".json") out.push_back(entry.path().stem().string());
  std::ranges::sort(out);
  return out;
}

Result<Translations> read_translations(std::string_view language) {
  const std::string path = translation_path(language);
  if (path.empty()) return fail(ErrorCode::NotFound, text("There is no translation '{0}'", language));
  GF_TRY_ASSIGN(const std::string content, read_text_file(path, phrase("translation"), kLargestTranslation));
  GF_TRY(check_json_bounds(content, kMostSentences, text("The translation")));
  const auto json = nlohmann::json::parse(content, nullptr, false);
  if (!json.is_object()) return fail(ErrorCode::Corrupt, text("'{0}' is not a JSON object of sentences and their translations", path));
  Translations out;
  for (const auto& [english, said] : json.items()) {
    if (!said.is_string()) return fail(ErrorCode::Corrupt, text("'{0}': the translation of \"{1}\" is not text", path, english));
    if (const auto sentence = said.get<std::string>(); !sentence.empty()) out.emplace(english, sentence);
  }
  return out;
}

Result<void> speak(std::string_view language) {
  set_translations({});
  const std::string_view tongue = language.substr(0, language.find_first_of("_-."));
  for (const std::string_view name : {language, tongue})
    if (!name.empty() && !translation_path(name).empty()) {
      GF_TRY_ASSIGN(auto translations, read_translations(name));
      set_translations(std::move(translations));
      return {};
    }
  return {};
}

}  // namespace gf
