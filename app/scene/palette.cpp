#include "app/scene/palette.h"

#include <array>
#include <cstdint>

namespace gf::scene {
namespace {

render::Color hex(std::uint32_t rgb, float alpha = 1) {
  const auto channel = [&](unsigned shift) { return static_cast<float>((rgb >> shift) & 255U) / 255.0F; };
  return {channel(16), channel(8), channel(0), alpha};
}

Palette dark_palette() {
  Palette p{};
  p.ground = hex(0x0e1116);
  p.plate = hex(0x141923);
  p.text = hex(0xe8ecf3);
  p.dim = hex(0x93a0b5);
  p.accent = hex(0x6ea8fe);
  p.mark = hex(0xffffff);
  p.tag = hex(0x0e1116, 0.82F);
  p.activation = hex(0x4a566d);
  p.weight = hex(0x343c4b);
  p.statistic = hex(0x8a6d3b);
  p.edited = hex(0xffd166);
  p.glow = hex(0xffd166);
  p.stream = hex(0x6b97dd, 0.27F);
  p.flow = hex(0x7f93b5, 0.16F);
  p.head_alpha = 0.42F;
  return p;
}

Palette light_palette() {
  Palette p{};
  p.ground = hex(0xf6f5f1);
  p.plate = hex(0xffffff);
  p.text = hex(0x1b2330);
  p.dim = hex(0x5b6577);
  p.accent = hex(0x2f6fb7);
  p.mark = hex(0x0c1017);
  p.tag = hex(0xf6f5f1, 0.86F);
  p.activation = hex(0x9aa5b8);
  p.weight = hex(0xc5c2ba);
  p.statistic = hex(0xc79a4b);
  p.edited = hex(0xb86e00);
  p.glow = hex(0xe09a1a);
  p.stream = hex(0xa9c0de, 0.5F);
  p.flow = hex(0x8fa6c6, 0.22F);
  p.head_alpha = 0.42F;
  return p;
}

// Twelve hues of one lightness and chroma in Oklch, in an order that sets neighbours apart.
constexpr std::array<std::uint32_t, 12> kHeadsDark = {0x6ea8fe, 0xf2a65a, 0x6fcf97, 0xd98cc7, 0xe0c65b, 0x58c4d6,
                                                      0xf08a8a, 0x9d94f0, 0xa8c75f, 0xe59ab0, 0x6fc7b4, 0xc9a27a};
constexpr std::array<std::uint32_t, 12> kHeadsLight = {0x2f6fb7, 0xc4701d, 0x2c8f57, 0xa04c8c, 0x9a7f12, 0x1c8698,
                                                       0xbf4747, 0x5d52c4, 0x678a1f, 0xb0526f, 0x2a8a77, 0x8d6435};

}  // namespace

render::ColorMap map_of(HookUnit unit) {
  switch (unit) {
    case HookUnit::Probability: return render::ColorMap::Sequential;
    case HookUnit::Scale: return render::ColorMap::Positive;
    default: return render::ColorMap::Signed;
  }
}

const Palette& palette_of(render::Theme theme) {
  static const Palette dark = dark_palette(), light = light_palette();
  return theme == render::Theme::Dark ? dark : light;
}

render::Color head_color(int head, render::Theme theme) {
  const auto& hues = theme == render::Theme::Dark ? kHeadsDark : kHeadsLight;
  return hex(hues[static_cast<std::size_t>(head) % hues.size()]);
}

}  // namespace gf::scene
