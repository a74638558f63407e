// Text from files (tokens, names, lessons, recipes) must not send control sequences to the terminal.
#pragma once

#include <string>
#include <string_view>

namespace gf {

/// The text with its control characters written out ("\x1b"), but for ends of lines and tabs: those of ASCII, and U+0080 to
/// U+009F, which are two bytes in UTF-8. All else stays as it is.
[[nodiscard]] std::string printable(std::string_view text);
/// The same with ends of lines and tabs written out too ("\n", "\t"): for a comment or a string in a program, which must not end
/// where the text wants it to.
[[nodiscard]] std::string printable_line(std::string_view text);

}  // namespace gf
