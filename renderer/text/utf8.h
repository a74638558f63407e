// UTF-8, one code point at a time.
#pragma once

#include <cstddef>
#include <string_view>

namespace gf::render {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

/// Takes the first code point off `text`, which must not be empty. Bytes that are not UTF-8 (overlong forms,
/// surrogates and cut-off sequences among them) give kReplacementCharacter, one byte each.
inline char32_t next_code_point(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  std::size_t length = 1;
  char32_t code = first;
  char32_t least = 0;
  if (first >= 0x80) {
    if ((first & 0xE0U) == 0xC0U) length = 2, code = first & 0x1FU, least = 0x80;
    else if ((first & 0xF0U) == 0xE0U) length = 3, code = first & 0x0FU, least = 0x800;
    else if ((first & 0xF8U) == 0xF0U) length = 4, code = first & 0x07U, least = 0x10000;
    else code = kReplacementCharacter;
    if (length > text.size()) length = 1, code = kReplacementCharacter;
    for (std::size_t i = 1; i < length; ++i) {
      if ((byte(i) & 0xC0U) != 0x80U) {
        length = 1, code = kReplacementCharacter;
        break;
      }
      code = (code << 6U) | (byte(i) & 0x3FU);
    }
    if (length > 1 && (code < least || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))) {
      length = 1, code = kReplacementCharacter;
    }
  }
  text.remove_prefix(length);
  return code;
}

}  // namespace gf::render
