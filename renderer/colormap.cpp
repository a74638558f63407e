#include "renderer/colormap.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace gf::render {

namespace {
// Oklab (Björn Ottosson, "A perceptual color space for image processing", 2020): equal steps look equal.
struct Lab {
  float L, a, b;
};

float to_linear(float c) { return c <= 0.04045F ? c / 12.92F : std::pow((c + 0.055F) / 1.055F, 2.4F); }
float to_srgb(float c) { return c <= 0.0031308F ? c * 12.92F : 1.055F * std::pow(c, 1 / 2.4F) - 0.055F; }

Lab lab_of(std::uint32_t hex) {
  const float r = to_linear(static_cast<float>((hex >> 16U) & 255U) / 255);
  const float g = to_linear(static_cast<float>((hex >> 8U) & 255U) / 255);
  const float b = to_linear(static_cast<float>(hex & 255U) / 255);
  const float l = std::cbrt(0.4122214708F * r + 0.5363325363F * g + 0.0514459929F * b);
  const float m = std::cbrt(0.2119034982F * r + 0.6806995451F * g + 0.1073969566F * b);
  const float s = std::cbrt(0.0883024619F * r + 0.2817188376F * g + 0.6299787005F * b);
  return {0.2104542553F * l + 0.7936177850F * m - 0.0040720468F * s, 1.9779984951F * l - 2.4285922050F * m + 0.4505937099F * s,
          0.0259040371F * l + 0.7827717662F * m - 0.8086757660F * s};
}

Rgb8 rgb_of(const Lab& c) {
  const auto cube = [](float x) { return x * x * x; };
  const float l = cube(c.L + 0.3963377774F * c.a + 0.2158037573F * c.b);
  const float m = cube(c.L - 0.1055613458F * c.a - 0.0638541728F * c.b);
  const float s = cube(c.L - 0.0894841775F * c.a - 1.2914855480F * c.b);
  const auto byte = [](float x) {
    return static_cast<std::uint8_t>(std::lround(std::clamp(to_srgb(std::clamp(x, 0.F, 1.F)), 0.F, 1.F) * 255));
  };
  return {byte(4.0767416621F * l - 3.3077115913F * m + 0.2309699292F * s), byte(-1.2684380046F * l + 2.6097574011F * m - 0.3413193965F * s),
          byte(-0.0041960863F * l - 0.7034186147F * m + 1.7076147010F * s)};
}

/// Colours from anchor to anchor so that lightness changes at one rate over [0, 1].
class Ramp {
 public:
  explicit Ramp(std::initializer_list<std::uint32_t> anchors) {
    for (const std::uint32_t hex : anchors) points_.push_back(lab_of(hex));
  }
  [[nodiscard]] Rgb8 at(float t) const {
    const float L = points_.front().L + (points_.back().L - points_.front().L) * std::clamp(t, 0.F, 1.F);
    for (std::size_t i = 0; i + 1 < points_.size(); ++i) {
      const Lab &p = points_[i], &q = points_[i + 1];
      const float s = (L - p.L) / (q.L - p.L);
      if (s <= 1 || i + 2 == points_.size()) return rgb_of({p.L + (q.L - p.L) * s, p.a + (q.a - p.a) * s, p.b + (q.b - p.b) * s});
    }
    return rgb_of(points_.back());
  }

 private:
  std::vector<Lab> points_;
};

using Table = std::array<Rgb8, kColorMapEntries>;

/// Entry 256 is zero, 1 and 511 are the ends; entry 0 repeats 1, so that zero has an entry of its own.
Table diverging(const Ramp& negative, const Ramp& positive) {
  Table table;
  for (int i = 0; i < kColorMapEntries; ++i) {
    const float v = static_cast<float>(std::max(i, 1) - 256) / 255;
    table[static_cast<std::size_t>(i)] = (v < 0 ? negative : positive).at(std::pow(std::abs(v), 0.75F));
  }
  return table;
}

Table sequential(const Ramp& ramp) {
  Table table;
  for (int i = 0; i < kColorMapEntries; ++i) table[static_cast<std::size_t>(i)] = ramp.at(static_cast<float>(i) / (kColorMapEntries - 1));
  return table;
}

struct Tables {
  std::array<std::array<Table, 2>, kColorMaps> of{};
  Tables() {
    const auto at = [this](ColorMap map) -> auto& { return of[static_cast<std::size_t>(map)]; };
    // Each first for dark, then for light.
    at(ColorMap::Signed) = {diverging(Ramp{0x1a1f29, 0x4aa3ff, 0xc9e6ff}, Ramp{0x1a1f29, 0xff7a3d, 0xffe3c9}),
                            diverging(Ramp{0xffffff, 0x2f6fb7, 0x0b2f5b}, Ramp{0xffffff, 0xd9542b, 0x6b1d05})};
    at(ColorMap::Sequential) = {sequential(Ramp{0x141923, 0x7a4fd6, 0xf08a80, 0xffd166}), sequential(Ramp{0xffffff, 0x5b8fc9, 0x1d2a6b})};
    at(ColorMap::Positive) = {sequential(Ramp{0x1a1f29, 0x2a9d8f, 0xd8f7e6}), sequential(Ramp{0xffffff, 0x3a9a86, 0x0c3b3a})};
    at(ColorMap::Difference) = {diverging(Ramp{0x1a1f29, 0xa66bff, 0xead9ff}, Ramp{0x1a1f29, 0x35c46f, 0xd2fbdc}),
                                diverging(Ramp{0xffffff, 0x8a45d0, 0x3a1063}, Ramp{0xffffff, 0x23985a, 0x063a1e})};
  }
};

const Tables& tables() {
  static const Tables all;
  return all;
}
}  // namespace

std::span<const Rgb8> color_table(ColorMap map, Theme theme) {
  return tables().of[static_cast<std::size_t>(map)][static_cast<std::size_t>(theme)];
}

Rgb8 color_of(float v, float scale, float offset, ColorMap map, Theme theme) {
  const float share = (v - offset) * (scale > 0 ? 1 / scale : 0);
  const float t = std::isnan(share) ? 0 : share;  // also where an infinity meets a scale of 0
  // The same arithmetic as cells.frag.
  const float at = is_diverging(map) ? 256.5F + std::clamp(t, -1.F, 1.F) * 255 : 0.5F + std::clamp(t, 0.F, 1.F) * (kColorMapEntries - 1);
  return color_table(map, theme)[static_cast<std::size_t>(at)];
}

std::string_view name_of(ColorMap map) {
  constexpr std::array<std::string_view, kColorMaps> names{"signed", "sequential", "positive", "difference"};
  return names[static_cast<std::size_t>(map)];
}

}  // namespace gf::render
