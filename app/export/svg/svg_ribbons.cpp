// Bands of light as shapes: ribbons.vert and ribbons.frag, with a rim of one line in place of a soft one.
#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "app/export/svg/svg_layers.h"
#include "app/scene/pointed.h"

namespace gf::exporting {
namespace {

using render::Color;
using render::Ribbon;

constexpr int kRibbonSegments = 24;

/// A strip along a ribbon: where it lies across, from -1 to 1, and how much light it adds to the middle's.
struct RibbonStrip {
  float from, to, light, brightness;
};
/// Clear along the middle, brighter towards the rims: steps of what ribbons.frag does smoothly.
constexpr std::array<RibbonStrip, 7> kSoftRibbon{{{-1, 1, 0.72F, 0},
                                                  {-1, -0.9F, 0.26F, 0.93F},
                                                  {-0.9F, -0.8F, 0.15F, 0.55F},
                                                  {-0.8F, -0.65F, 0.03F, 0.11F},
                                                  {0.65F, 0.8F, 0.03F, 0.11F},
                                                  {0.8F, 0.9F, 0.15F, 0.55F},
                                                  {0.9F, 1, 0.26F, 0.93F}}};
constexpr std::array<RibbonStrip, 1> kFlatRibbon{{{-1, 1, 0.76F, 0}}}, kSolidRibbon{{{-1, 1, 1, 0}}};

/// The colour of a band at s, before its rims.
Color ribbon_color(const Ribbon& r, float s, bool dark) {
  Color c = r.color + (r.color_end - r.color) * s;
  if (r.pulse >= 0) {
    const float behind = r.pulse - s, light = behind >= 0 ? std::exp(-behind * 7) : std::exp(behind * 45);
    const glm::vec3 glow = dark ? glm::vec3(1, 0.97F, 0.88F) : glm::vec3(0.10F, 0.18F, 0.35F);
    c = Color(glm::mix(glm::vec3(c), glow, 0.65F * light), std::min(c.a * (1 + 1.2F * light), 1.0F));
  }
  if (r.cut && s > 0.5F) c.a *= 0.3F;
  return c;
}

/// Rims are brighter in the dark and darker in the light.
Color lit_rim(Color c, float brightness, bool dark) {
  return {glm::clamp(glm::vec3(c) + brightness * (dark ? 0.10F : -0.06F), 0.0F, 1.0F), c.a};
}

/// A stretch of one colour, as paths: parts of one path meet without a seam.
struct RibbonBand {
  Color color{0};
  std::array<std::string, kSoftRibbon.size()> strips;
  std::string rims;
};

bool alike_colors(const Color& a, const Color& b) {
  constexpr float kLeast = 0.01F;
  const Color d = glm::abs(a - b);
  return std::max({d.r, d.g, d.b, d.a}) < kLeast;
}

void draw_ribbon(SvgWriter& svg, const SvgView& v, const Ribbon& r) {
  constexpr float kBehind = 0.9995F;  // ribbons lie behind a panel at the same depth
  constexpr float kCutGap = 0.018F, kThinPx = 4, kWidePx = 16;
  const bool dark = v.scene.theme == render::Theme::Dark;
  using Rim = std::array<glm::vec3, 2>;
  const auto rim_at = [&](float s) {
    return Rim{v.occlusion.project(scene::ribbon_point(r, s, false)), v.occlusion.project(scene::ribbon_point(r, s, true))};
  };
  const auto width_of = [](const Rim& rim) { return glm::distance(glm::vec2(rim[0]), glm::vec2(rim[1])); };
  Rim rim = rim_at(0);
  const bool wide = std::max(width_of(rim), width_of(rim_at(1))) >= kWidePx * v.dpr;
  std::span<const RibbonStrip> strips = wide ? std::span<const RibbonStrip>(kSoftRibbon) : std::span<const RibbonStrip>(kFlatRibbon);
  if (r.solid) strips = kSolidRibbon;
  const int segments = std::max(1, static_cast<int>(std::ceil(std::min(r.shown, 1.0F) * kRibbonSegments)));
  std::vector<RibbonBand> bands;
  for (int i = 0; i < segments; ++i) {
    const float s0 = static_cast<float>(i) / kRibbonSegments, s1 = std::min(static_cast<float>(i + 1) / kRibbonSegments, r.shown);
    const Rim before = rim;
    rim = rim_at(s1);
    const float s = (s0 + s1) / 2;
    if (std::min({before[0].z, before[1].z, rim[0].z, rim[1].z}) <= 0) continue;
    if (r.cut && std::abs(s - 0.5F) < std::max(kCutGap, 0.5F / kRibbonSegments)) continue;
    const Color color = ribbon_color(r, s, dark);
    if (bands.empty() || !alike_colors(bands.back().color, color)) bands.push_back({color, {}, {}});
    const float near = (before[0].z + before[1].z + rim[0].z + rim[1].z) / 4 * kBehind;
    for (std::size_t k = 0; k < strips.size(); ++k) {
      const auto across = [](const Rim& ends, float d) { return glm::mix(glm::vec2(ends[0]), glm::vec2(ends[1]), (d + 1) / 2); };
      const Polygon piece{across(before, strips[k].from), across(before, strips[k].to), across(rim, strips[k].to),
                          across(rim, strips[k].from)};
      for (const Polygon& part : v.occlusion.visible(piece, near)) add_polygon(bands.back().strips[k], part);
    }
    if (r.solid || width_of(before) < kThinPx * v.dpr) continue;
    for (const std::size_t side : {0U, 1U})
      for (const auto& [from, to] : v.occlusion.visible(before[side], rim[side])) {
        const glm::vec2 a = before[side], b = rim[side];
        add_segment(bands.back().rims, a + (b - a) * from, a + (b - a) * to);
      }
  }
  for (const RibbonBand& band : bands) {
    for (std::size_t k = 0; k < strips.size(); ++k) {
      Color c = lit_rim(band.color, strips[k].brightness, dark);
      // The strips at the rims lie over the first strip, whose light shines through them.
      c.a = k == 0 ? c.a * strips[k].light : std::min(1.0F, c.a * strips[k].light / (1 - std::min(0.9F, c.a * strips[0].light)));
      svg.fill(band.strips[k], c);
    }
    Color c = lit_rim(band.color, 1, dark);
    c.a *= 0.5F;
    svg.stroke(band.rims, c, 0.8F * v.dpr);
  }
}

}  // namespace

void add_svg_ribbons(SvgWriter& svg, const SvgView& v) {
  std::vector<std::pair<float, const render::Ribbon*>> order;
  for (const render::Ribbon& r : v.scene.ribbons)
    if (r.shown > 0 && std::max(r.color.a, r.color_end.a) > 0)
      order.emplace_back(v.occlusion.project((r.a0 + r.a1 + r.b0 + r.b1) * 0.25F).z, &r);
  // The farthest first, unless the scene has an order.
  if (!v.scene.ribbons_in_order) std::ranges::stable_sort(order, {}, &std::pair<float, const render::Ribbon*>::first);
  for (const auto& [near, ribbon] : order) draw_ribbon(svg, v, *ribbon);
}

}  // namespace gf::exporting
