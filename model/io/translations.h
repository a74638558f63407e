// Languages: one file each in assets/translations, {"English sentence": "its translation"}.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/base/error.h"
#include "model/base/text.h"

namespace gf {

/// The languages that there are, as "zh"; English is not among them.
[[nodiscard]] std::vector<std::string> languages();
/// Untrusted. Errors: NotFound, Io, Corrupt (it is not an object of sentences).
[[nodiscard]] Result<Translations> read_translations(std::string_view language);
/// From here on the program speaks it; "en" or a language without a file: English. A locale's name, "zh_CN", will do.
/// Errors: as read_translations(), and English is spoken then.
[[nodiscard]] Result<void> speak(std::string_view language);

}  // namespace gf
