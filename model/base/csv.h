// Text in CSV files.
#pragma once

#include <string>
#include <string_view>

namespace gf {

/// A field in quotes, with its own quotes doubled. Source: RFC 4180, section 2.
[[nodiscard]] inline std::string csv_quoted(std::string_view field) {
  std::string out = "\"";
  for (const char c : field) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace gf
