#include "model/tokenizer/utf8.h"

#include <cstring>

namespace gf {

Utf8Char utf8_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(at);
  if (lead < 0x80) return {lead, 1, true};
  std::size_t length = 0;
  std::uint8_t least = 0x80, most = 0xBF;  // of the second byte: Unicode's table 3-7
  if (lead >= 0xC2 && lead <= 0xDF) length = 2;
  else if (lead >= 0xE0 && lead <= 0xEF) length = 3;
  else if (lead >= 0xF0 && lead <= 0xF4) length = 4;
  else return {0xFFFD, 1, false};
  if (lead == 0xE0) least = 0xA0;
  if (lead == 0xED) most = 0x9F;
  if (lead == 0xF0) least = 0x90;
  if (lead == 0xF4) most = 0x8F;
  std::uint32_t code = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (at + i >= text.size() || byte(at + i) < least || byte(at + i) > most) return {0xFFFD, i, false};
    code = (code << 6) | (byte(at + i) & 0x3FU);
    least = 0x80;
    most = 0xBF;
  }
  return {code, length, true};
}

bool is_valid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t eight = 0;
    if (at + 8 <= text.size()) {  // ASCII by the word
      std::memcpy(&eight, text.data() + at, 8);
      if ((eight & 0x8080808080808080U) == 0) {
        at += 8;
        continue;
      }
    }
    const Utf8Char c = utf8_at(text, at);
    if (!c.valid) return false;
    at += c.bytes;
  }
  return true;
}

std::string shortened(std::string_view text, std::size_t most_bytes) {
  constexpr std::string_view more = "...";
  if (text.size() <= most_bytes || most_bytes < more.size()) return std::string(text.substr(0, most_bytes));
  std::size_t end = 0;
  while (end + utf8_at(text, end).bytes <= most_bytes - more.size()) end += utf8_at(text, end).bytes;
  return std::string(text.substr(0, end)).append(more);
}

void append_utf8(std::string& to, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { to += static_cast<char>(static_cast<std::uint8_t>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

}  // namespace gf
