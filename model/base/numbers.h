// Numbers as people read them: one function for each kind, so that every dock, card, table and file agrees.
#pragma once

#include <string>

namespace gf::numbers {

// All write a point whatever the locale has, "NaN", and "∞" or "−∞" for infinite numbers.

/// `digits` after the point: "3.14".
[[nodiscard]] std::string fixed(double value, int digits);
/// `digits` significant ones, as %g writes them: "0.0312", "1.2e-05".
[[nodiscard]] std::string significant(double value, int digits);
/// With its sign and a true minus, "+0.4", "−3.1"; never "-0.0".
[[nodiscard]] std::string with_sign(double value, int digits);
/// A share of one: "98.7 %"; "< 0.1 %" of what would round to nothing.
[[nodiscard]] std::string percent(double share, int digits = 1);
/// "5,905,408"
[[nodiscard]] std::string count(long long n);
/// "5.9 M", "12.3 k", "9,999"
[[nodiscard]] std::string short_count(long long n);
/// "1.25 GB", "34 MB", "1.5 MB": powers of ten.
[[nodiscard]] std::string bytes(double bytes);
/// "4.89 TFLOP", "35.2 GFLOP": powers of ten, three digits.
[[nodiscard]] std::string flops(double flops);
/// "12.3 MiB"
[[nodiscard]] std::string mebibytes(double bytes);
/// At most five characters where that is possible, for a cell: "0.31", "-12.4", "1e-05".
[[nodiscard]] std::string cell(float value);
/// The fewest digits that read back as this float32.
[[nodiscard]] std::string exact(float value);
/// The double that has the digits of exact(), for files that write doubles: 0.1F is 0.1 there.
[[nodiscard]] double decimal(float value);
/// "0x0A"
[[nodiscard]] std::string hex_byte(unsigned char byte);

}  // namespace gf::numbers
