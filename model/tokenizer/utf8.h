// UTF-8, one character at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gf {

struct Utf8Char {
  std::uint32_t code = 0;
  std::size_t bytes = 1;  ///< for a broken sequence: its longest prefix that could have begun a character, at least 1
  bool valid = true;
};
/// The character at `at` (< text.size()). Overlong forms, surrogates and what is beyond U+10FFFF are broken.
[[nodiscard]] Utf8Char utf8_at(std::string_view text, std::size_t at);
[[nodiscard]] bool is_valid_utf8(std::string_view text);
/// A text of at most so many bytes: what is longer ends in "..." behind a whole character.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t most_bytes);
void append_utf8(std::string& to, std::uint32_t code);

}  // namespace gf
