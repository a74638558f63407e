#include "app/export/svg/svg_occlusion.h"

#include <algorithm>
#include <cmath>

namespace gf::exporting {
namespace {

constexpr float kLeastPolygonArea = 0.02F;  // square pixels

float cross_of(glm::vec2 a, glm::vec2 b) { return a.x * b.y - a.y * b.x; }

float polygon_area(const Polygon& p) {
  float sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) sum += cross_of(p[i], p[(i + 1) % p.size()]);
  return sum / 2;
}

glm::vec2 polygon_middle(const Polygon& p) {
  glm::vec2 sum{0};
  for (const glm::vec2 v : p) sum += v;
  return sum / static_cast<float>(std::max<std::size_t>(p.size(), 1));
}

/// The part left of the line from a to b, which is the inside of a polygon that turns the positive way; or the part right of it.
Polygon polygon_half(const Polygon& p, glm::vec2 a, glm::vec2 b, bool inside) {
  Polygon out;
  const auto side = [&](glm::vec2 v) { return (inside ? 1.0F : -1.0F) * cross_of(b - a, v - a); };
  for (std::size_t i = 0; i < p.size(); ++i) {
    const glm::vec2 from = p[i], to = p[(i + 1) % p.size()];
    const float d0 = side(from), d1 = side(to);
    if (d0 >= 0) out.push_back(from);
    if ((d0 > 0 && d1 < 0) || (d0 < 0 && d1 > 0)) out.push_back(from + (to - from) * (d0 / (d0 - d1)));
  }
  return out;
}

/// p without `hole`, in convex parts.
void subtract_polygon(const Polygon& p, const Polygon& hole, std::vector<Polygon>& out) {
  Polygon rest = p;
  for (std::size_t i = 0; i < hole.size() && rest.size() > 2; ++i) {
    const glm::vec2 a = hole[i], b = hole[(i + 1) % hole.size()];
    Polygon beyond = polygon_half(rest, a, b, false);
    if (beyond.size() > 2 && std::abs(polygon_area(beyond)) > kLeastPolygonArea) out.push_back(std::move(beyond));
    rest = polygon_half(rest, a, b, true);
  }
}

}  // namespace

Polygon common(Polygon p, const Polygon& with) {
  for (std::size_t i = 0; i < with.size() && p.size() > 2; ++i) p = polygon_half(p, with[i], with[(i + 1) % with.size()], true);
  return p;
}

Polygon within(const Polygon& polygon, const Band& band) {
  constexpr float kFar = 1e6F;  // of pixels above and below the picture
  return common(polygon, {{band.from, -kFar}, {band.to, -kFar}, {band.to, kFar}, {band.from, kFar}});
}

Occlusion::Occlusion(const render::Scene& scene, const render::Camera& camera, glm::vec2 size, std::optional<Band> band)
    : view_projection_(camera.view_projection(size.x / size.y)), size_(size), band_(band) {
  constexpr float kNear = 1e-3F, kOpaque = 0.998F;
  for (const render::Panel& p : scene.panels) {
    Seen seen;
    const glm::vec4 o = view_projection_ * glm::vec4(p.origin, 1), a = view_projection_ * glm::vec4(p.across, 0),
                    d = view_projection_ * glm::vec4(p.down, 0);
    const std::array<glm::vec4, 4> corners{o, o + a, o + a + d, o + d};
    const auto pixel = [&](glm::vec4 c) { return (glm::vec2(c) / c.w * 0.5F + 0.5F) * size_; };
    for (std::size_t i = 0; i < corners.size(); ++i) {
      const glm::vec4 from = corners[i], to = corners[(i + 1) % corners.size()];
      if (from.w > kNear) seen.outline.push_back(pixel(from));
      if ((from.w > kNear) != (to.w > kNear)) seen.outline.push_back(pixel(from + (to - from) * ((kNear - from.w) / (to.w - from.w))));
    }
    const float turning = seen.outline.size() > 2 ? polygon_area(seen.outline) : 0;
    if (std::abs(turning) < 0.25F) seen.outline.clear();
    else if (turning < 0) std::ranges::reverse(seen.outline);
    if (!seen.outline.empty()) {
      seen.low = seen.high = seen.outline[0];
      for (const glm::vec2 v : seen.outline) {
        seen.low = glm::min(seen.low, v);
        seen.high = glm::max(seen.high, v);
      }
      // (u, v, 1) is proportional to the inverse of (across, down, origin) times (x, y, 1), by 1 / w.
      const auto column = [&](glm::vec4 c) { return glm::dvec3((c.x + c.w) * 0.5F * size_.x, (c.y + c.w) * 0.5F * size_.y, c.w); };
      const glm::dmat3 inverse = glm::inverse(glm::dmat3(column(a), column(d), column(o)));
      seen.plane = glm::vec3(inverse[0][2], inverse[1][2], inverse[2][2]);
      seen.hides = p.alpha >= kOpaque && p.empty.a >= kOpaque && seen.high.x > 0 && seen.high.y > 0 && seen.low.x < size_.x &&
                   seen.low.y < size_.y && std::isfinite(seen.plane.x + seen.plane.y + seen.plane.z);
    }
    panels_.push_back(std::move(seen));
  }
}

glm::vec3 Occlusion::project(glm::vec3 world) const {
  const glm::vec4 c = view_projection_ * glm::vec4(world, 1);
  return {(glm::vec2(c) / c.w * 0.5F + 0.5F) * size_, 1 / c.w};
}

float Occlusion::nearness(int panel, glm::vec2 px) const {
  return glm::dot(panels_[static_cast<std::size_t>(panel)].plane, glm::vec3(px, 1));
}

template <class Hides>
std::vector<Polygon> Occlusion::without_hidden(const Polygon& polygon, const Hides& hides) const {
  std::vector<Polygon> parts, next;
  if (Polygon own = band_ ? within(polygon, *band_) : polygon; own.size() > 2) parts.push_back(std::move(own));
  glm::vec2 low = polygon[0], high = polygon[0];
  for (const glm::vec2 v : polygon) {
    low = glm::min(low, v);
    high = glm::max(high, v);
  }
  for (std::size_t i = 0; i < panels_.size() && !parts.empty(); ++i) {
    const Seen& s = panels_[i];
    if (!s.hides || s.low.x >= high.x || s.low.y >= high.y || s.high.x <= low.x || s.high.y <= low.y) continue;
    const Polygon shared = common(polygon, s.outline);
    if (shared.size() < 3 || std::abs(polygon_area(shared)) < kLeastPolygonArea) continue;
    if (!hides(static_cast<int>(i), polygon_middle(shared))) continue;
    next.clear();
    for (const Polygon& part : parts) subtract_polygon(part, s.outline, next);
    parts.swap(next);
  }
  return parts;
}

std::vector<Polygon> Occlusion::visible(const Polygon& polygon, float nearness, int but) const {
  if (polygon.size() < 3) return {};
  return without_hidden(polygon, [&](int panel, glm::vec2 at) { return panel != but && this->nearness(panel, at) > nearness; });
}

std::vector<Polygon> Occlusion::visible(int panel) const {
  // Panels that touch along an edge are equally near there.
  constexpr float kClearly = 1.0005F;
  if (outline(panel).empty()) return {};
  return without_hidden(outline(panel),
                        [&](int other, glm::vec2 at) { return other != panel && nearness(other, at) > kClearly * nearness(panel, at); });
}

std::pair<float, float> Occlusion::in_band(glm::vec2 a, glm::vec2 b) const {
  if (!band_) return {0.0F, 1.0F};
  const float way = b.x - a.x;
  if (way == 0) return a.x >= band_->from && a.x <= band_->to ? std::pair(0.0F, 1.0F) : std::pair(0.0F, 0.0F);
  const float s = (band_->from - a.x) / way, t = (band_->to - a.x) / way;
  return {std::max(0.0F, std::min(s, t)), std::min(1.0F, std::max(s, t))};
}

std::vector<std::pair<float, float>> Occlusion::visible(glm::vec3 a, glm::vec3 b) const {
  // As the renderer does: a line is a little nearer than the panel that it lies on.
  constexpr float kNearer = 1.0004F;
  std::vector<std::pair<float, float>> parts, next;
  if (const auto own = in_band(glm::vec2(a), glm::vec2(b)); own.first < own.second) parts.push_back(own);
  const glm::vec2 from(a), to(b), low = glm::min(from, to), high = glm::max(from, to);
  for (std::size_t i = 0; i < panels_.size() && !parts.empty(); ++i) {
    const Seen& s = panels_[i];
    if (!s.hides || s.low.x > high.x || s.low.y > high.y || s.high.x < low.x || s.high.y < low.y) continue;
    float enter = 0, leave = 1;
    for (std::size_t k = 0; k < s.outline.size() && enter < leave; ++k) {
      const glm::vec2 p = s.outline[k], q = s.outline[(k + 1) % s.outline.size()];
      const float d0 = cross_of(q - p, from - p), d1 = cross_of(q - p, to - p);
      if (d0 < 0 && d1 < 0) leave = -1;
      else if (d0 < 0) enter = std::max(enter, d0 / (d0 - d1));
      else if (d1 < 0) leave = std::min(leave, d0 / (d0 - d1));
    }
    if (enter >= leave) continue;
    const float t = (enter + leave) / 2;
    if (nearness(static_cast<int>(i), from + (to - from) * t) <= kNearer * (a.z + (b.z - a.z) * t)) continue;
    next.clear();
    for (const auto& [begin, end] : parts) {
      if (begin < std::min(end, enter)) next.emplace_back(begin, std::min(end, enter));
      if (std::max(begin, leave) < end) next.emplace_back(std::max(begin, leave), end);
    }
    parts.swap(next);
  }
  return parts;
}

}  // namespace gf::exporting
