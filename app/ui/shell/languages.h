// The languages that the window can speak, and the user's choice among them, which the settings keep.
#pragma once

#include <span>
#include <string>

#include "model/base/error.h"

namespace gf::ui {

struct Language {
  const char* id;    ///< "zh", as its files are named
  const char* name;  ///< in the language itself
};
/// English first.
[[nodiscard]] std::span<const Language> languages();

/// That of the user's choice; without one that of the environment's locale, English where the list lacks it.
[[nodiscard]] std::string window_language();
/// Speaks the user's choice, if there is one; else the program goes on in the language that it speaks. Errors: as speak().
Result<void> speak_chosen_language();
/// From here on text() answers in that language, and the settings keep the choice. Errors: InvalidArgument for an id that is not in the
/// list, NotFound where its translation is not installed, and those of speak(); the language then stays as it was.
Result<void> choose_language(const std::string& id);

}  // namespace gf::ui
