// Words for people, in one place each: a sentence is written in English where it is said, and looked up by that.
#pragma once

#include <concepts>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace gf {

/// English to another language: whole sentences with the same places {0}, {1}.
using Translations = std::map<std::string, std::string, std::less<>>;

/// From here on text() answers in that language; empty: in English. Thread safe; what was said before stays as it was.
void set_translations(Translations translations);
/// The sentence in the present language; English where a translation lacks it. Lives as long as the program.
[[nodiscard]] std::string_view translated(std::string_view english);

/// Marks a sentence that stands in a table and is said later by text(row.doc): tests/house collects both.
[[nodiscard]] constexpr const char* phrase(const char* english) { return english; }

namespace words {
/// What stands in a place of a sentence. Numbers other than whole ones come from numbers.h, which decides their digits.
[[nodiscard]] inline std::string part(std::string_view value) { return std::string(value); }
template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char>)
[[nodiscard]] std::string part(T value) {
  return std::to_string(value);
}
/// {0}, {1} and so on replaced; a place without a part stays as it is.
[[nodiscard]] std::string filled(std::string_view pattern, std::span<const std::string> parts);
}  // namespace words

/// "There is no {0}" with its places filled, in the present language.
template <class... Parts>
[[nodiscard]] std::string text(std::string_view english, const Parts&... parts) {
  if constexpr (sizeof...(Parts) == 0) {
    return std::string(translated(english));
  } else {
    const std::string values[] = {words::part(parts)...};
    return words::filled(translated(english), values);
  }
}

/// Of one thing or of several; {0} is the number: counted(n, "{0} token", "{0} tokens", ...). A language looks up
/// either form by its English.
template <class... Parts>
[[nodiscard]] std::string counted(long long n, std::string_view one, std::string_view many, const Parts&... parts) {
  return text(n == 1 ? one : many, n, parts...);
}

}  // namespace gf
