// Text in HTML.
#pragma once

#include <string>
#include <string_view>

namespace gf {

/// A text without marks as HTML, with &lt; &gt; and &amp;. Not for attributes.
[[nodiscard]] inline std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace gf
