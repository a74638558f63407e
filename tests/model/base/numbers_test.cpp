#include "model/base/numbers.h"

#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>
#include <limits>

namespace gf::numbers {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN(), kInf = std::numeric_limits<double>::infinity();

TEST(Numbers, fixed_and_significant_digits) {
  EXPECT_EQ(fixed(3.14159, 2), "3.14");
  EXPECT_EQ(fixed(-0.5, 0), "-0");
  EXPECT_EQ(significant(0.03123, 3), "0.0312");
  EXPECT_EQ(significant(1234567, 3), "1.23e+06");
}

TEST(Numbers, a_sign_is_always_there_but_for_zero) {
  EXPECT_EQ(with_sign(0.44, 1), "+0.4");
  EXPECT_EQ(with_sign(-3.14, 1), "−3.1");
  EXPECT_EQ(with_sign(-0.04, 1), "0.0");
}

TEST(Numbers, shares_counts_and_bytes) {
  EXPECT_EQ(percent(0.98712), "98.7 %");
  EXPECT_EQ(percent(0), "0.0 %");
  EXPECT_EQ(percent(0.0004), "< 0.1 %");
  EXPECT_EQ(percent(0.0006), "0.1 %");
  EXPECT_EQ(percent(0.004, 0), "< 1 %");
  EXPECT_EQ(count(5905408), "5,905,408");
  EXPECT_EQ(count(-1234), "-1,234");
  EXPECT_EQ(count(-123), "-123");
  EXPECT_EQ(short_count(9999), "9,999");
  EXPECT_EQ(short_count(12345), "12.3 k");
  EXPECT_EQ(short_count(5905408), "5.9 M");
  EXPECT_EQ(short_count(1557611200), "1.56 B");
  EXPECT_EQ(bytes(34e6), "34 MB");
  EXPECT_EQ(bytes(1.5e6), "1.5 MB");
  EXPECT_EQ(bytes(1.25e9), "1.25 GB");
  EXPECT_EQ(mebibytes(1024 * 1024 * 12.3), "12.3 MiB");
}

TEST(Numbers, a_cell_has_room_for_five_characters) {
  EXPECT_EQ(cell(0), "0");
  EXPECT_EQ(cell(0.3142F), "0.31");
  EXPECT_EQ(cell(-12.44F), "-12.4");
  EXPECT_EQ(cell(0.00001F), "1e-05");
  EXPECT_EQ(cell(0.0123F), "0.012");
  EXPECT_EQ(cell(12345.6F), "12346");
}

TEST(Numbers, exact_reads_back_as_the_same_float) {
  for (const float v : {0.1F, 1.0F / 3, 1e-38F, -16777216.0F}) EXPECT_EQ(std::strtof(exact(v).c_str(), nullptr), v) << exact(v);
  EXPECT_EQ(exact(0.1F), "0.1");
  EXPECT_EQ(decimal(0.1F), 0.1);
  EXPECT_EQ(decimal(static_cast<float>(-kInf)), -kInf);
}

TEST(Numbers, bytes_in_hexadecimal_have_two_digits) {
  EXPECT_EQ(hex_byte(0x0A), "0x0A");
  EXPECT_EQ(hex_byte(0xFF), "0xFF");
}

TEST(Numbers, what_is_not_a_number_says_so) {
  const auto f = static_cast<float>(kNaN);
  for (const std::string& written : {fixed(kNaN, 2), significant(kNaN, 2), with_sign(kNaN, 2), cell(f), exact(f)})
    EXPECT_EQ(written, "NaN");
  EXPECT_EQ(percent(kNaN), "NaN %");
  EXPECT_EQ(fixed(kInf, 1), "∞");
  EXPECT_EQ(fixed(-kInf, 1), "−∞");
  EXPECT_EQ(with_sign(-kInf, 1), "−∞");
}

}  // namespace
}  // namespace gf::numbers
