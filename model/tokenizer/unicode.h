// Properties of characters, from the library utf8proc.
#pragma once

#include <cstdint>

namespace gf {

/// Unicode's property White_Space.
[[nodiscard]] bool is_white_space(std::uint32_t code);
/// A letter, mark, digit or connector, as \w in regular expressions.
[[nodiscard]] bool is_word_character(std::uint32_t code);

}  // namespace gf
