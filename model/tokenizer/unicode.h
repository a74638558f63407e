// Properties of characters, by the library utf8proc.
#pragma once

#include <cstdint>

namespace gf {

/// White_Space of Unicode.
[[nodiscard]] bool is_white_space(std::uint32_t code);
/// A letter, mark, digit or connector: \w of regular expressions.
[[nodiscard]] bool is_word_character(std::uint32_t code);

}  // namespace gf
