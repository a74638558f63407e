#include "model/base/numbers.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace gf::numbers {
namespace {

std::string not_finite(double value) { return std::isnan(value) ? "NaN" : value < 0 ? "−∞" : "∞"; }

std::string written(double value, std::chars_format format, int digits) {
  if (!std::isfinite(value)) return not_finite(value);
  std::array<char, 400> buffer{};  // the largest double has 309 digits before its point
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format, digits).ptr;
  return {buffer.data(), end};
}

}  // namespace

std::string fixed(double value, int digits) { return written(value, std::chars_format::fixed, digits); }

std::string significant(double value, int digits) { return written(value, std::chars_format::general, digits); }

std::string with_sign(double value, int digits) {
  if (std::isnan(value)) return not_finite(value);
  const std::string size = fixed(std::abs(value), digits);
  const bool zero = size.find_first_not_of("0.") == std::string::npos;
  return (zero ? "" : value < 0 ? "−" : "+") + size;
}

std::string percent(double share, int digits) {
  const double least = std::pow(10.0, -digits - 2);
  // What is more than nothing is not written as nothing.
  if (share > 0 && share < least / 2) return "< " + fixed(100 * least, digits) + " %";
  return fixed(100 * share, digits) + " %";
}

std::string count(long long n) {
  std::string digits = std::to_string(n);
  const std::size_t first = n < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string short_count(long long n) {
  const auto value = static_cast<double>(n);
  if (n >= 1'000'000'000) return fixed(value / 1e9, 2) + " B";
  if (n >= 1'000'000) return fixed(value / 1e6, 1) + " M";
  if (n >= 10'000) return fixed(value / 1e3, 1) + " k";
  return count(n);
}

std::string bytes(double bytes) {
  if (bytes >= 1e9) return fixed(bytes / 1e9, 2) + " GB";
  return fixed(bytes / 1e6, bytes < 1e7 ? 1 : 0) + " MB";
}

std::string flops(double flops) {
  struct Unit {
    double of;
    const char* name;
  };
  for (const auto& [of, name] : {Unit{1e18, " EFLOP"}, Unit{1e15, " PFLOP"}, Unit{1e12, " TFLOP"}, Unit{1e9, " GFLOP"}})
    if (flops >= of) return fixed(flops / of, flops >= 100 * of ? 0 : flops >= 10 * of ? 1 : 2) + name;
  return fixed(flops / 1e6, flops >= 1e8 ? 0 : flops >= 1e7 ? 1 : 2) + " MFLOP";
}

std::string mebibytes(double bytes) { return fixed(bytes / (1024.0 * 1024.0), 1) + " MiB"; }

std::string cell(float value) {
  const double v = static_cast<double>(value), size = std::abs(v);
  if (size > 0 && size < 0.00095) return written(v, std::chars_format::scientific, 0);
  if (size >= 99999) return written(v, std::chars_format::scientific, 1);
  return fixed(v, size == 0 ? 0 : size < 0.0995 ? 3 : size < 9.95 ? 2 : size < 99.5 ? 1 : 0);
}

std::string exact(float value) {
  if (!std::isfinite(value)) return not_finite(static_cast<double>(value));
  std::array<char, 64> buffer{};
  return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr};
}

double decimal(float value) {
  if (!std::isfinite(value)) return static_cast<double>(value);
  const std::string digits = exact(value);
  double number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::string hex_byte(unsigned char byte) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  return {'0', 'x', digits[byte >> 4U], digits[byte & 15U]};
}

}  // namespace gf::numbers
