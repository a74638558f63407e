// Bytes for labels and for JSON.
#include <array>
#include <cstdio>

#include "model/tokenizer/tokenizer.h"
#include "model/tokenizer/utf8.h"

namespace gf {

namespace {
std::string text_escaped(const char* format, unsigned value) {
  std::array<char, 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, value);
  return buffer.data();
}

// Characters that a label would swallow: controls, line separators, marks of direction and of width zero.
bool text_is_invisible(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0xAD || (code >= 0x200B && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF;
}
}  // namespace

std::string visible_text(std::string_view bytes) {
  std::string out;
  bool leading = true;
  for (std::size_t at = 0; at < bytes.size();) {
    const Utf8Char c = utf8_at(bytes, at);
    leading = leading && c.code == ' ';
    if (!c.valid) {
      for (std::size_t i = 0; i < c.bytes; ++i) out += text_escaped("\\x%02x", static_cast<std::uint8_t>(bytes[at + i]));
    } else if (leading) {
      out += "\u00b7";
    } else if (c.code == '\n') {
      out += "\\n";
    } else if (c.code == '\t') {
      out += "\\t";
    } else if (c.code == '\r') {
      out += "\\r";
    } else if (text_is_invisible(c.code)) {
      out += text_escaped(c.code < 0x80 ? "\\x%02x" : "\\u%04x", c.code);
    } else {
      out += bytes.substr(at, c.bytes);
    }
    at += c.bytes;
  }
  return out;
}

std::string valid_utf8(std::string_view bytes) {
  if (is_valid_utf8(bytes)) return std::string(bytes);
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) {
    const Utf8Char c = utf8_at(bytes, at);
    if (c.valid) out += bytes.substr(at, c.bytes);
    else append_utf8(out, 0xFFFD);
    at += c.bytes;
  }
  return out;
}

}  // namespace gf
