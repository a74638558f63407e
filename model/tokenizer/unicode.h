// Properties of characters, from the library utf8proc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gf {

/// Unicode's property White_Space.
[[nodiscard]] bool is_white_space(std::uint32_t code);
/// A letter, mark, digit or connector, as \w in regular expressions.
[[nodiscard]] bool is_word_character(std::uint32_t code);
/// Appends the small form of a character, or the character itself.
void append_lower_case(std::string& to, std::uint32_t code);
/// A text in small letters. Bytes that are not UTF-8 stay.
[[nodiscard]] std::string lower_case(std::string_view text);

/// How many columns a text takes in a terminal: two for a Chinese character, none for a mark that stands over another.
[[nodiscard]] std::size_t terminal_columns(std::string_view text);

}  // namespace gf
