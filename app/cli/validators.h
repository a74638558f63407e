// Numbers and names on the command line. CLI11's own checks write ranges up to the largest double, call a word "out of range",
// and read -1 and numbers that are too large as the largest unsigned number.
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "model/base/text.h"

namespace gf::cli {

/// Whether the whole text is a number between these two, both allowed. Its decimal sign is a point in every locale.
template <class T>
[[nodiscard]] bool is_number(const std::string& text, T low, T high) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= low && value <= high;
}

/// A whole number between two others, both allowed.
template <class T = int>
[[nodiscard]] CLI::Validator whole(T low, T high = std::numeric_limits<T>::max()) {
  const bool open = high == std::numeric_limits<T>::max();
  const std::string range = text("from {0} to {1}", low, high);
  return {[=](const std::string& word) {
            // CLI11 would read 010 as 8.
            const bool octal = word.size() > 1 && word[word.front() == '-' ? 1U : 0U] == '0';
            return is_number(word, low, high) && !octal ? std::string() : text("'{0}' is not a whole number {1}", word, range);
          },
          open ? text("{0} or more", low) : range};
}

/// A number between two others, both allowed.
template <class T>
[[nodiscard]] CLI::Validator between(T low, T high, const std::string& range) {
  return {
      [=](const std::string& word) { return is_number(word, low, high) ? std::string() : text("'{0}' is not a number {1}", word, range); },
      range};
}
template <class T>
[[nodiscard]] CLI::Validator above_zero() {
  return between(std::numeric_limits<T>::denorm_min(), std::numeric_limits<T>::max(), text("above 0"));
}

/// A file's or folder's name. An empty name mostly comes from a variable of the shell that is not set; without this check
/// the option would be ignored.
[[nodiscard]] inline CLI::Validator named() {
  return {[](const std::string& name) { return name.empty() ? text("the name is empty") : std::string(); }, ""};
}

/// The name of a file whose ending says what is written, in capitals or not: ".csv".
[[nodiscard]] inline CLI::Validator ends_in(const std::string& ending) {
  return {[ending](const std::string& name) {
            const std::string end = name.size() > ending.size() ? name.substr(name.size() - ending.size()) : std::string();
            return CLI::detail::to_lower(end) == ending ? std::string()
                                                        : text("'{0}' has to end in {1}, which is what is written", name, ending);
          },
          ending};
}

/// More threads never help, and a typing error must not ask the system for all that it has.
constexpr int kMostThreads = 1024;

}  // namespace gf::cli
