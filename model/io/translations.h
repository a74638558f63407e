// Languages: one file each in assets/translations, {"English sentence": "its translation"}.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/base/error.h"
#include "model/base/text.h"

namespace gf {

/// The languages that have a translation, as "zh". English has none.
[[nodiscard]] std::vector<std::string> languages();
/// Safe to use for untrusted files. Errors: as read_text_file(); NotFound (there is no such language), Corrupt (the file is
/// not an object of sentences).
[[nodiscard]] Result<Translations> read_translations(std::string_view language);
/// From here on text() answers in this language; in English for "en", for a language without a translation, and after an
/// error. `language` may be the name of a locale, "zh_CN". Errors: as read_translations().
[[nodiscard]] Result<void> speak(std::string_view language);

}  // namespace gf
