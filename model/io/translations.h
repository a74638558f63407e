// Languages: one file each in assets/translations, {"English sentence": "its translation"}; a bundled model's description and
// the names of a bundled dictionary's features stand in one of the same form beside each.
#pragma once

#include <string>
#include <string_view>

#include "model/base/error.h"
#include "model/base/text.h"

namespace gf {

/// Untrusted; an empty translation counts as missing. Errors: those of read_text_file(), Corrupt (the file is not a JSON
/// object of sentences).
[[nodiscard]] Result<Translations> read_translations(const std::string& path);
/// "zh" of "zh_CN.UTF-8".
[[nodiscard]] std::string language_of(std::string_view locale);
/// From here on text() answers in the language of a locale, such as "zh_CN" or "zh". English where there is no file for it.
/// Errors: those of read_translations(); the program then speaks English.
[[nodiscard]] Result<void> speak(std::string_view locale);
/// What the user's messages are to be in: LC_ALL, LC_MESSAGES or LANG, whichever is set first. Empty: none is.
[[nodiscard]] std::string locale_of_environment();

}  // namespace gf
