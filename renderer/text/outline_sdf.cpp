#include "renderer/text/outline_sdf.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

#include <algorithm>
#include <cmath>
#include <glm/glm.hpp>

namespace gf::render {
namespace {

struct Segment {
  glm::vec2 a, b;
};

// The outline as straight pieces, in pixels with y up.
struct Flattener {
  float scale = 1;
  glm::vec2 pen{0}, start{0};
  std::vector<Segment> segments;

  [[nodiscard]] glm::vec2 point(const FT_Vector* v) const { return {static_cast<float>(v->x) * scale, static_cast<float>(v->y) * scale}; }
  void line_to(glm::vec2 to) {
    if (to != pen) segments.push_back({pen, to});
    pen = to;
  }
  void close() { line_to(start); }
  // A curve of this polygon length in that many pieces is within 0.02 pixels of the truth.
  static int pieces(float length) { return std::clamp(static_cast<int>(length / 2.0F) + 2, 3, 16); }

  static int move(const FT_Vector* to, void* user) {
    auto& self = *static_cast<Flattener*>(user);
    self.close();
    self.pen = self.start = self.point(to);
    return 0;
  }
  static int line(const FT_Vector* to, void* user) {
    auto& self = *static_cast<Flattener*>(user);
    self.line_to(self.point(to));
    return 0;
  }
  static int conic(const FT_Vector* control, const FT_Vector* to, void* user) {
    auto& self = *static_cast<Flattener*>(user);
    const glm::vec2 p0 = self.pen;
    const glm::vec2 p1 = self.point(control);
    const glm::vec2 p2 = self.point(to);
    const int n = pieces(glm::length(p1 - p0) + glm::length(p2 - p1));
    for (int i = 1; i <= n; ++i) {
      const float t = static_cast<float>(i) / static_cast<float>(n);
      const float u = 1 - t;
      self.line_to(u * u * p0 + 2 * u * t * p1 + t * t * p2);
    }
    return 0;
  }
  static int cubic(const FT_Vector* c1, const FT_Vector* c2, const FT_Vector* to, void* user) {
    auto& self = *static_cast<Flattener*>(user);
    const glm::vec2 p0 = self.pen;
    const glm::vec2 p1 = self.point(c1);
    const glm::vec2 p2 = self.point(c2);
    const glm::vec2 p3 = self.point(to);
    const int n = pieces(glm::length(p1 - p0) + glm::length(p2 - p1) + glm::length(p3 - p2));
    for (int i = 1; i <= n; ++i) {
      const float t = static_cast<float>(i) / static_cast<float>(n);
      const float u = 1 - t;
      self.line_to(u * u * u * p0 + 3 * u * u * t * p1 + 3 * u * t * t * p2 + t * t * t * p3);
    }
    return 0;
  }
};

// Squared distance to the nearest piece for each texel centre within `spread` of one.
void splat_distances(const SdfBitmap& box, const std::vector<Segment>& segments, int spread, std::vector<float>& best) {
  const auto reach = static_cast<float>(spread);
  const auto left = static_cast<float>(box.left);
  const auto top = static_cast<float>(box.top);
  for (const Segment& s : segments) {
    const glm::vec2 low = glm::min(s.a, s.b) - reach;
    const glm::vec2 high = glm::max(s.a, s.b) + reach;
    const int x0 = std::max(0, static_cast<int>(std::floor(low.x - left)));
    const int x1 = std::min(box.width - 1, static_cast<int>(std::ceil(high.x - left)));
    const int y0 = std::max(0, static_cast<int>(std::floor(top - high.y)));
    const int y1 = std::min(box.height - 1, static_cast<int>(std::ceil(top - low.y)));
    const glm::vec2 along = s.b - s.a;
    const float inverse = 1.0F / glm::dot(along, along);
    for (int y = y0; y <= y1; ++y) {
      const float py = top - static_cast<float>(y) - 0.5F - s.a.y;
      float* row = &best[static_cast<std::size_t>(y) * static_cast<std::size_t>(box.width)];
      for (int x = x0; x <= x1; ++x) {
        const float px = left + static_cast<float>(x) + 0.5F - s.a.x;
        const float t = std::clamp((px * along.x + py * along.y) * inverse, 0.0F, 1.0F);
        const float dx = px - t * along.x;
        const float dy = py - t * along.y;
        row[x] = std::min(row[x], dx * dx + dy * dy);
      }
    }
  }
}

// Winding number along the centre line of row y: sums of the crossings to the left of each texel centre.
void wind_row(const SdfBitmap& box, const std::vector<Segment>& segments, int y, std::vector<int>& winding) {
  std::fill(winding.begin(), winding.end(), 0);
  const float line = static_cast<float>(box.top) - static_cast<float>(y) - 0.5F;
  for (const Segment& s : segments) {
    if ((s.a.y <= line) == (s.b.y <= line)) continue;
    const float x = s.a.x + (s.b.x - s.a.x) * (line - s.a.y) / (s.b.y - s.a.y);
    const int first = std::clamp(static_cast<int>(std::ceil(x - static_cast<float>(box.left) - 0.5F)), 0, box.width);
    winding[static_cast<std::size_t>(first)] += s.a.y < s.b.y ? 1 : -1;
  }
  for (std::size_t i = 1; i < winding.size(); ++i) winding[i] += winding[i - 1];
}

SdfBitmap rasterise(const std::vector<Segment>& segments, int spread) {
  SdfBitmap out;
  if (segments.empty()) return out;
  glm::vec2 low = segments.front().a;
  glm::vec2 high = low;
  for (const Segment& s : segments) low = glm::min(low, s.b), high = glm::max(high, s.b);
  out.left = static_cast<int>(std::floor(low.x)) - spread;
  out.top = static_cast<int>(std::ceil(high.y)) + spread;
  out.width = static_cast<int>(std::ceil(high.x)) + spread - out.left;
  out.height = out.top - static_cast<int>(std::floor(low.y)) + spread;
  const auto count = static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height);
  const auto reach = static_cast<float>(spread);
  std::vector<float> best(count, reach * reach);
  splat_distances(out, segments, spread, best);
  out.texels.resize(count);
  std::vector<int> winding(static_cast<std::size_t>(out.width) + 1);
  for (int y = 0; y < out.height; ++y) {
    wind_row(out, segments, y, winding);
    for (int x = 0; x < out.width; ++x) {
      const auto i = static_cast<std::size_t>(y) * static_cast<std::size_t>(out.width) + static_cast<std::size_t>(x);
      const float d = std::sqrt(best[i]) * (winding[static_cast<std::size_t>(x)] != 0 ? 1.0F : -1.0F);
      out.texels[i] = static_cast<std::uint8_t>(std::clamp(std::lround(128.0F + d * 127.0F / reach), 0L, 255L));
    }
  }
  return out;
}

}  // namespace

SdfBitmap glyph_sdf(FT_FaceRec_* face, unsigned glyph, int em_px, int spread) {
  if (FT_Load_Glyph(face, glyph, FT_LOAD_NO_SCALE) != 0 || face->glyph->format != FT_GLYPH_FORMAT_OUTLINE) return {};
  Flattener flat;
  flat.scale = static_cast<float>(em_px) / static_cast<float>(face->units_per_EM);
  FT_Outline_Funcs functions{};
  functions.move_to = &Flattener::move;
  functions.line_to = &Flattener::line;
  functions.conic_to = &Flattener::conic;
  functions.cubic_to = &Flattener::cubic;
  if (FT_Outline_Decompose(&face->glyph->outline, &functions, &flat) != 0) return {};
  flat.close();
  return rasterise(flat.segments, spread);
}

SdfBitmap missing_glyph_sdf(int em_px, int spread) {
  const auto em = static_cast<float>(em_px);
  std::vector<Segment> segments;
  const auto box = [&](float inset, bool turned) {
    const glm::vec2 low{em * (0.08F + inset), em * inset};
    const glm::vec2 high{em * (0.56F - inset), em * (0.72F - inset)};
    std::vector<glm::vec2> ring{{low.x, low.y}, {low.x, high.y}, {high.x, high.y}, {high.x, low.y}};
    if (turned) std::reverse(ring.begin(), ring.end());
    for (std::size_t i = 0; i < 4; ++i) segments.push_back({ring[i], ring[(i + 1) % 4]});
  };
  box(0, false);
  box(0.07F, true);
  return rasterise(segments, spread);
}

}  // namespace gf::render
