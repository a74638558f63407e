#include "model/tensor.h"

#include <bit>
#include <cmath>
#include <gtest/gtest.h>
#include <vector>

namespace gf {
namespace {

// The definition of IEEE binary16, in double.
double naive_f16(std::uint16_t bits) {
  const double sign = (bits & 0x8000) ? -1.0 : 1.0;
  const int exponent = (bits >> 10) & 31, mantissa = bits & 1023;
  if (exponent == 31) return mantissa ? std::nan("") : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(mantissa, -24);
  return sign * std::ldexp(1024 + mantissa, exponent - 25);
}
double naive_bf16(std::uint16_t bits) {
  const double sign = (bits & 0x8000) ? -1.0 : 1.0;
  const int exponent = (bits >> 7) & 255, mantissa = bits & 127;
  if (exponent == 255) return mantissa ? std::nan("") : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(mantissa, -133);
  return sign * std::ldexp(128 + mantissa, exponent - 134);
}

void expect_same(float got, double wanted, unsigned bits) {
  if (std::isnan(wanted)) {
    EXPECT_TRUE(std::isnan(got)) << bits;
  } else {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(static_cast<double>(got)), std::bit_cast<std::uint64_t>(wanted)) << bits;
  }
}

class Widening : public testing::TestWithParam<DType> {};

TEST_P(Widening, is_exact_for_every_value) {
  const DType t = GetParam();
  std::vector<std::uint16_t> all(65536);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint16_t>(i);
  std::vector<float> wide(all.size());
  widen(reinterpret_cast<const std::byte*>(all.data()), t, wide.data(), all.size());
  const TensorView view{reinterpret_cast<const std::byte*>(all.data()), t, {256, 256}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double wanted = t == DType::F16 ? naive_f16(all[i]) : naive_bf16(all[i]);
    expect_same(wide[i], wanted, all[i]);
    expect_same(view.at(static_cast<std::int64_t>(i)), wanted, all[i]);
  }
}
INSTANTIATE_TEST_SUITE_P(Types, Widening, testing::Values(DType::F16, DType::BF16),
                         [](const auto& p) { return std::string(name_of(p.param)); });

TEST(Widen, writes_any_length_and_nothing_beyond) {
  const std::vector<std::uint16_t> ones(40, 0x3C00);
  for (std::size_t count = 0; count < 40; ++count) {
    std::vector<float> wide(41, -7.0F);
    widen(reinterpret_cast<const std::byte*>(ones.data()), DType::F16, wide.data(), count);
    for (std::size_t i = 0; i < wide.size(); ++i) EXPECT_EQ(wide[i], i < count ? 1.0F : -7.0F) << count << " " << i;
  }
}

TEST(Shape, is_written_in_brackets) {
  EXPECT_EQ((Shape{768, 2304}).text(), "[768, 2304]");
  EXPECT_EQ(Shape{}.text(), "[]");
  EXPECT_EQ((Shape{2, 3, 4}).elements(), 24);
  EXPECT_NE((Shape{2, 3}), (Shape{2, 3, 1}));
}

}  // namespace
}  // namespace gf
