// Sentences for people. Code writes them in English where it says them; a translation is looked up by the English.
#pragma once

#include <concepts>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace gf {

/// Whole sentences, from English to another language. Both have the same places {0}, {1}.
using Translations = std::map<std::string, std::string, std::less<>>;

/// From here on text() answers in that language; empty: in English. Sentences that it gave before do not change. Thread safe.
void set_translations(Translations translations);
/// The sentence in the present language; English where a translation lacks it. Lives as long as the program.
[[nodiscard]] std::string_view translated(std::string_view english);

/// Marks a sentence that stands in a table and is said later by text(row.doc): tests/house collects both.
[[nodiscard]] constexpr const char* phrase(const char* english) { return english; }

namespace words {
/// A part that fills a place of a sentence. Numbers that are not whole are written by numbers.h first, which decides their digits.
[[nodiscard]] inline std::string part(std::string_view value) { return std::string(value); }
template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char>)
[[nodiscard]] std::string part(T value) {
  return std::to_string(value);
}
/// The pattern with {0}, {1} and so on replaced. A place without a part stays as it is.
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

/// A sentence about one thing or several; {0} is the number: counted(n, "{0} token", "{0} tokens", ...). A translation has
/// both forms, each by its English.
template <class... Parts>
[[nodiscard]] std::string counted(long long n, std::string_view one, std::string_view many, const Parts&... parts) {
  return text(n == 1 ? one : many, n, parts...);
}

}  // namespace gf
