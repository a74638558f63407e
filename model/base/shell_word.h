// Commands that a user may copy into a shell: names of files must not run there.
#pragma once

#include <string>
#include <string_view>

namespace gf {

/// The text in single quotes, as one word of a POSIX shell, which replaces nothing in it.
[[nodiscard]] inline std::string shell_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

/// The text as one word of a POSIX shell: bare where it has no sign that a shell reads, else in quotes.
[[nodiscard]] inline std::string shell_word(std::string_view text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./@:%+=,";
  const bool plain = !text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos;
  return plain ? std::string(text) : shell_quoted(text);
}

}  // namespace gf
