#include "renderer/colormap.h"

#include <cmath>
#include <gtest/gtest.h>

namespace gf::render {
namespace {

/// Relative luminance (ITU-R BT.709) of an sRGB colour.
double luminance(const Rgb8& c) {
  const auto linear = [](int v) {
    const double x = v / 255.0;
    return x <= 0.04045 ? x / 12.92 : std::pow((x + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
}

/// Steps that go against the direction from first to last by more than rounding to 8 bits explains.
int wrong_steps(std::span<const Rgb8> table, int first, int last) {
  const int step = last > first ? 1 : -1;
  const double up = luminance(table[static_cast<std::size_t>(last)]) > luminance(table[static_cast<std::size_t>(first)]) ? 1 : -1;
  int wrong = 0;
  for (int i = first; i != last; i += step)
    wrong += up * (luminance(table[static_cast<std::size_t>(i + step)]) - luminance(table[static_cast<std::size_t>(i)])) < -0.004 ? 1 : 0;
  return wrong;
}

TEST(ColorMap, luminance_is_monotone_from_zero_outwards) {
  for (const Theme theme : {Theme::Dark, Theme::Light}) {
    for (const ColorMap map : {ColorMap::Sequential, ColorMap::Positive})
      EXPECT_EQ(wrong_steps(color_table(map, theme), 0, 511), 0) << name_of(map);
    for (const ColorMap map : {ColorMap::Signed, ColorMap::Difference}) {
      EXPECT_EQ(wrong_steps(color_table(map, theme), 256, 511), 0) << name_of(map);
      EXPECT_EQ(wrong_steps(color_table(map, theme), 256, 0), 0) << name_of(map);
    }
  }
}

TEST(ColorMap, sequential_steps_are_even) {
  // Oklab lightness is close to the cube root of luminance; no tenth of the map may hold most of the change.
  for (const Theme theme : {Theme::Dark, Theme::Light}) {
    const auto table = color_table(ColorMap::Sequential, theme);
    const double whole = std::cbrt(luminance(table[511])) - std::cbrt(luminance(table[0]));
    for (std::size_t i = 0; i < 10; ++i) {
      const double part = (std::cbrt(luminance(table[(i + 1) * 51])) - std::cbrt(luminance(table[i * 51]))) / whole;
      EXPECT_GT(part, 0.04) << i;
      EXPECT_LT(part, 0.2) << i;
    }
  }
}

TEST(ColorMap, signs_differ_and_large_values_saturate) {
  const Rgb8 zero = color_of(0, 2, 0, ColorMap::Signed, Theme::Dark);
  EXPECT_EQ(zero, (Rgb8{0x1a, 0x1f, 0x29}));
  EXPECT_EQ(color_of(5, 2, 0, ColorMap::Signed, Theme::Dark), color_of(2, 2, 0, ColorMap::Signed, Theme::Dark));
  const Rgb8 negative = color_of(-1, 2, 0, ColorMap::Signed, Theme::Dark), positive = color_of(1, 2, 0, ColorMap::Signed, Theme::Dark);
  EXPECT_GT(negative[2], negative[0]);
  EXPECT_GT(positive[0], positive[2]);
  EXPECT_EQ(color_of(3, 2, 3, ColorMap::Signed, Theme::Dark), zero) << "the offset is subtracted first";
  EXPECT_EQ(color_of(0, 1, 0, ColorMap::Signed, Theme::Light), (Rgb8{255, 255, 255}));
}

TEST(ColorMap, neighbouring_entries_are_close) {
  // A value may round into either of two entries; the picture must not care.
  for (int m = 0; m < kColorMaps; ++m)
    for (const Theme theme : {Theme::Dark, Theme::Light}) {
      const auto table = color_table(static_cast<ColorMap>(m), theme);
      for (std::size_t i = 0; i + 1 < table.size(); ++i)
        for (std::size_t c = 0; c < 3; ++c) EXPECT_LE(std::abs(table[i][c] - table[i + 1][c]), 6) << m << " " << i;
    }
}

TEST(ColorMap, an_outlier_shows_through_its_texel) {
  EXPECT_EQ(shown_value(0.7F, 0.7F), 0.7F);
  EXPECT_GT(shown_value(0, 3), 1);
  EXPECT_LT(shown_value(0, -3), -1);
}

}  // namespace
}  // namespace gf::render
