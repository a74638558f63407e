// Numbers and names on the command line. CLI11's own checks spell ranges out to the largest double, call a word "out of range",
// and let -1 and what is too large through as the largest unsigned number.
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

namespace gf::cli {

/// Whether all of the text is a number between these two, with a point whatever the locale has.
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
  const std::string range = "from " + std::to_string(low) + " to " + std::to_string(high);
  return {[=](const std::string& text) {
            // What reads it afterwards would take 010 for 8.
            const bool octal = text.size() > 1 && text[text.front() == '-' ? 1U : 0U] == '0';
            return is_number(text, low, high) && !octal ? std::string() : "'" + text + "' is no whole number " + range;
          },
          open ? std::to_string(low) + " or more" : range};
}

/// A number between two others, both allowed.
template <class T>
[[nodiscard]] CLI::Validator between(T low, T high, const std::string& range) {
  return {[=](const std::string& text) { return is_number(text, low, high) ? std::string() : "'" + text + "' is no number " + range; },
          range};
}
template <class T>
[[nodiscard]] CLI::Validator above_zero() {
  return between(std::numeric_limits<T>::denorm_min(), std::numeric_limits<T>::max(), "above 0");
}

/// A file's or folder's name. An empty one is a variable of the shell that was never set: without a word it would be
/// as if the option were not there.
[[nodiscard]] inline CLI::Validator named() {
  return {[](const std::string& text) { return text.empty() ? std::string("the name is empty") : std::string(); }, ""};
}

/// More would never be of use, and a typing error would ask the system for all that it has.
constexpr int kMostThreads = 1024;

}  // namespace gf::cli
