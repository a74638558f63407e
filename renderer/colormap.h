// Value to colour. The same table feeds the shader and the tests.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace gf::render {

enum class Theme : std::uint8_t { Dark, Light };

enum class ColorMap : std::uint8_t {
  Signed,      ///< diverging through a neutral middle: blue negative, vermilion positive; domain [-1, 1]
  Sequential,  ///< perceptually uniform, for probabilities and attention; domain [0, 1]
  Positive,    ///< sequential from 0, for scales; domain [0, 1]
  Difference,  ///< purple to green through neutral; domain [-1, 1]
};
inline constexpr int kColorMaps = 4;
inline constexpr int kColorMapEntries = 512;

using Rgb8 = std::array<std::uint8_t, 3>;

/// The table of a map, kColorMapEntries sRGB colours over its domain (with |v|^0.75 already applied for the
/// diverging ones).
[[nodiscard]] std::span<const Rgb8> color_table(ColorMap map, Theme theme);
/// Colour of value v under `scale` (and `offset`, subtracted first): what a cell of 3 px or more shows. A NaN, of which there is
/// no cell, has the colour of 0.
[[nodiscard]] Rgb8 color_of(float v, float scale, float offset, ColorMap map, Theme theme);
/// What a texel of a coarser level shows is the colour of this value: outliers stay visible from afar.
/// Two fifths of the way to the extreme: a lone outlier in a calm texel still stands out, noise does not turn glaring
/// from afar, and a texel of one cell shows that cell.
[[nodiscard]] inline float shown_value(float mean, float extreme) { return mean + 0.4F * (extreme - mean); }
/// Whether a map runs from negative to positive values.
[[nodiscard]] constexpr bool is_diverging(ColorMap map) { return map == ColorMap::Signed || map == ColorMap::Difference; }
[[nodiscard]] std::string_view name_of(ColorMap map);

}  // namespace gf::render
