#include "renderer/strokes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "renderer/panel_view.h"

namespace gf::render {

float hatch_of_sheet(float narrow_px, float dpr) {
  constexpr float kUsual = 3.5F, kLeast = 0.75F, kOfSheet = 0.125F;
  return std::clamp(kOfSheet * narrow_px, kLeast * dpr, kUsual * dpr);
}

LineLook look_of_line(const Line& line, glm::vec2 box_px, float dpr) {
  const float wished = line.width_px * dpr;
  if (line.most_share <= 0) return {wished, line.color};
  // A line under a pixel would flicker, so it keeps the width of a pixel and fades.
  const float width = std::min(wished, line.most_share * std::min(box_px.x, box_px.y)), least = std::min(wished, dpr);
  if (width >= least) return {width, line.color};
  return {least, Color(glm::vec3(line.color), line.color.a * width / least)};
}

LineLook look_of_frame(const Panel& panel, float narrow_px, float dpr) {
  constexpr float kBright = 5, kFaintest = 0.12F, kMostOfSide = 1.0F / 16;
  const float wished = panel.frame_px * dpr, faint = panel.alpha * std::clamp(narrow_px / (kBright * dpr), kFaintest, 1.0F);
  return {std::clamp(kMostOfSide * narrow_px, std::min(dpr, wished), wished), Color(glm::vec3(panel.frame), panel.frame.a * faint)};
}

namespace {
/// A point on the screen: pixels and depth.
struct Spot {
  glm::vec2 px{0};
  float z = 0;
};

class Builder {
 public:
  Builder(const glm::mat4& vp, glm::vec2 size, float dpr) : vp_(vp), size_(size), dpr_(dpr) {}

  [[nodiscard]] glm::vec4 clip(glm::vec3 world) const { return vp_ * glm::vec4(world, 1); }

  /// Runs of projected points, cut where the polyline passes behind the near plane.
  [[nodiscard]] std::vector<std::vector<Spot>> runs_of(const std::vector<glm::vec4>& points) const {
    std::vector<std::vector<Spot>> runs;
    bool open = false;
    const auto inside = [](const glm::vec4& c) { return c.w - c.z; };
    for (std::size_t i = 0; i < points.size(); ++i) {
      const float here = inside(points[i]);
      if (i > 0) {
        const float before = inside(points[i - 1]);
        if ((here > 0) != (before > 0)) {
          const Spot cut = spot(points[i - 1] + (points[i] - points[i - 1]) * (before / (before - here)));
          if (!open) runs.emplace_back();
          runs.back().push_back(cut);
          open = here > 0;
        }
      }
      if (here > 0) {
        if (!open) runs.emplace_back();
        open = true;
        runs.back().push_back(spot(points[i]));
      }
    }
    return runs;
  }

  [[nodiscard]] Spot spot(const glm::vec4& c) const {
    // A little nearer than the panel they lie on, in proportion to the distance.
    return {(glm::vec2(c) / c.w + 1.0F) * 0.5F * size_, c.z / c.w * 1.0004F};
  }

  [[nodiscard]] bool on_screen(const std::vector<Spot>& run, float slack) const {
    glm::vec2 low{1e30F}, high{-1e30F};
    for (const Spot& s : run) {
      low = glm::min(low, s.px);
      high = glm::max(high, s.px);
    }
    return high.x > -slack && high.y > -slack && low.x < size_.x + slack && low.y < size_.y + slack;
  }

  /// A strip along `run`; at each point it reaches from `from` to `to` pixels across (positive: to the left of the
  /// direction on a screen whose y runs down). `closed` joins the ends with a mitre.
  void strip(std::vector<StrokeVertex>& out, const std::vector<Spot>& run, bool closed, float from, float to, float centre, float half,
             float style, const Color& color) const {
    const std::size_t n = run.size();
    if (n < 2) return;
    std::vector<std::array<StrokeVertex, 2>> rims;
    float along = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (i > 0) along += glm::length(run[i].px - run[i - 1].px);
      const glm::vec2 before = i > 0 ? direction(run[i - 1], run[i]) : closed ? direction(run[n - 1], run[0]) : direction(run[0], run[1]);
      const glm::vec2 after = i + 1 < n ? direction(run[i], run[i + 1]) : closed ? direction(run[i], run[0]) : before;
      const glm::vec2 a{before.y, -before.x}, b{after.y, -after.x};
      glm::vec2 normal = a + b;
      const float length2 = glm::dot(normal, normal);
      // Sharp turns would throw the mitre far out.
      normal = length2 < 0.35F ? a : normal * (2 / length2);
      const auto vertex = [&](float across) {
        const glm::vec2 ndc = (run[i].px + normal * across) / size_ * 2.0F - 1.0F;
        return StrokeVertex{{ndc, run[i].z, along}, {across - centre, half, style, dpr_}, color};
      };
      rims.push_back({vertex(from), vertex(to)});
    }
    const std::size_t segments = closed ? n : n - 1;
    for (std::size_t i = 0; i < segments; ++i) {
      const auto &p = rims[i], &q = rims[(i + 1) % n];
      for (const StrokeVertex& v : {p[0], p[1], q[0], q[0], p[1], q[1]}) out.push_back(v);
    }
  }

  /// A quarter of a halo about a corner, between the outward normals of the sides that meet there.
  void halo_corner(std::vector<StrokeVertex>& out, const Spot& at, glm::vec2 from, glm::vec2 to, float reach, const Color& color) const {
    constexpr int kSteps = 5;
    const auto vertex = [&](glm::vec2 normal, float d) {
      return StrokeVertex{{(at.px + normal * d) / size_ * 2.0F - 1.0F, at.z, 0}, {d, reach, 2, dpr_}, color};
    };
    for (int i = 0; i < kSteps; ++i) {
      const auto turn = [&](int k) { return glm::normalize(glm::mix(from, to, static_cast<float>(k) / kSteps)); };
      if (glm::dot(from, to) < -0.9F) return;
      out.push_back(vertex(from, 0));
      out.push_back(vertex(turn(i), reach));
      out.push_back(vertex(turn(i + 1), reach));
    }
  }

  /// Light round a frame: straight along the sides, round at the corners.
  void halo(std::vector<StrokeVertex>& out, const std::vector<Spot>& run, bool closed, float outwards, float reach,
            const Color& color) const {
    const std::size_t n = run.size(), sides = closed ? n : n - 1;
    for (std::size_t i = 0; i < sides; ++i) {
      const Spot &a = run[i], &b = run[(i + 1) % n];
      strip(out, {a, b}, false, 0, outwards * reach, 0, outwards * reach, 2, color);
      if (!closed && i + 1 == sides) break;
      const glm::vec2 d = direction(a, b), e = direction(b, run[(i + 2) % n]);
      halo_corner(out, b, glm::vec2(d.y, -d.x) * outwards, glm::vec2(e.y, -e.x) * outwards, reach, color);
    }
  }

  void frame(std::vector<StrokeVertex>& out, const Panel& p) const {
    const bool glows = p.glow > 0 && p.glow_color.a > 0;
    if (p.alpha <= 0 || (p.frame.a <= 0 && !p.hatched && !glows)) return;
    // Thousands of smaller frames, as of the heads of a very large model, would be a grey veil.
    constexpr float kLeast = 1.5F;
    if (!p.hatched && !glows && longer_side_px(p, vp_, size_) < kLeast) return;
    const glm::vec4 o = clip(p.origin), a = vp_ * glm::vec4(p.across, 0), d = vp_ * glm::vec4(p.down, 0);
    const std::vector<glm::vec4> corners{o, o + a, o + a + d, o + d};
    const bool whole = std::ranges::all_of(corners, [](const glm::vec4& c) { return c.w > c.z && c.w > 0; });
    std::vector<std::vector<Spot>> runs;
    if (whole) {
      runs.push_back({spot(corners[0]), spot(corners[1]), spot(corners[2]), spot(corners[3])});
    } else {
      std::vector<glm::vec4> ring(corners);
      ring.push_back(corners[0]);
      runs = runs_of(ring);
    }
    float outwards = 1, narrow = std::numeric_limits<float>::max();
    if (whole) {
      const auto& r = runs[0];
      float area = 0;
      for (std::size_t i = 0; i < 4; ++i) area += r[i].px.x * r[(i + 1) % 4].px.y - r[(i + 1) % 4].px.x * r[i].px.y;
      outwards = area > 0 ? 1.F : -1.F;
      narrow = std::abs(area) / 2 / std::max({glm::length(r[1].px - r[0].px), glm::length(r[3].px - r[0].px), 1.F});
    }
    const LineLook look = look_of_frame(p, narrow, dpr_);
    for (const auto& run : runs) {
      if (!on_screen(run, 32 * dpr_)) continue;
      const float half = look.width / 2;
      if (glows) {
        const float reach = (8 + 14 * std::clamp(p.glow, 0.F, 1.F)) * dpr_;
        const Color c{glm::vec3(p.glow_color), p.glow_color.a * std::clamp(p.glow, 0.F, 1.F) * 0.85F * p.alpha};
        halo(out, run, whole, outwards, reach, c);
      }
      if (p.hatched) {
        const float band = hatch_of_sheet(narrow, dpr_), middle = outwards * (band + 1);
        strip(out, run, whole, middle - band - 1, middle + band + 1, middle, band, 1, look.color);
        const float rim = outwards * (2 * band + 1.5F);
        strip(out, run, whole, rim - 1.5F, rim + 1.5F, rim, 0.5F * dpr_, 0, look.color);
      }
      if (p.frame.a > 0 && half > 0) {
        // A line of a pixel sits on the panel's own edge, which is not antialiased; a wider one grows outwards, so
        // that the outermost cells keep their size.
        const float middle = outwards * std::max(half - 0.5F, 0.F);
        strip(out, run, whole, middle - half - 1, middle + half + 1, middle, half, 0, look.color);
      }
    }
  }

  void line(std::vector<StrokeVertex>& out, const Line& l) const {
    std::vector<glm::vec4> points;
    for (const glm::vec3& p : l.points) points.push_back(clip(p));
    auto runs = runs_of(points);
    for (std::size_t i = 0; i < runs.size(); ++i) {
      auto& run = runs[i];
      drop_repeats(run);
      if (run.size() < 2 || !on_screen(run, 16 * dpr_)) continue;
      const LineLook look = look_of_line(l, box_of(run), dpr_);
      const float half = look.width / 2;
      if (l.arrow && i + 1 == runs.size() && points.back().w > points.back().z) arrow_head(out, run, half, look.color);
      strip(out, run, false, -half - 1, half + 1, 0, half, 0, look.color);
    }
  }

 private:
  static glm::vec2 direction(const Spot& a, const Spot& b) {
    const glm::vec2 d = b.px - a.px;
    const float length = glm::length(d);
    return length > 1e-5F ? d / length : glm::vec2(1, 0);
  }

  static glm::vec2 box_of(const std::vector<Spot>& run) {
    glm::vec2 low = run[0].px, high = low;
    for (const Spot& s : run) {
      low = glm::min(low, s.px);
      high = glm::max(high, s.px);
    }
    return high - low;
  }

  static void drop_repeats(std::vector<Spot>& run) {
    std::vector<Spot> kept;
    for (const Spot& s : run)
      if (kept.empty() || glm::length(s.px - kept.back().px) > 0.05F) kept.push_back(s);
    run.swap(kept);
  }

  /// A triangle whose tip is the last point; shortens the run so that the line does not show beside the tip.
  void arrow_head(std::vector<StrokeVertex>& out, std::vector<Spot>& run, float half, const Color& color) const {
    const Spot tip = run.back();
    const glm::vec2 along = direction(run[run.size() - 2], tip), across{along.y, -along.x};
    const float length = 6 * dpr_ + 5 * half, wing = 2.5F * dpr_ + 2 * half;
    const float room = glm::length(tip.px - run[run.size() - 2].px);
    const glm::vec2 base = tip.px - along * std::min(length, room * 0.95F);
    const auto vertex = [&](glm::vec2 px, float d, float h) {
      return StrokeVertex{{px / size_ * 2.0F - 1.0F, tip.z, 0}, {d, h, 0, dpr_}, color};
    };
    // Half width shrinks to the tip while distance is measured across, so the slanted sides are antialiased.
    const float rim = wing + 1;
    const auto left = vertex(base + across * rim, rim, wing), right = vertex(base - across * rim, -rim, wing);
    const auto tip_left = vertex(tip.px + across, 1, 0.5F), tip_right = vertex(tip.px - across, -1, 0.5F);
    for (const StrokeVertex& v : {left, right, tip_left, tip_left, right, tip_right}) out.push_back(v);
    run.back().px = base + along * 0.5F;
  }

  glm::mat4 vp_;
  glm::vec2 size_;
  float dpr_;
};
}  // namespace

Strokes make_strokes(const Scene& scene, const glm::mat4& vp, glm::vec2 size, float dpr) {
  const Builder builder(vp, size, dpr);
  Strokes strokes;
  for (const Panel& p : scene.panels) builder.frame(strokes.tested, p);
  for (const Line& l : scene.lines) builder.line(l.on_top ? strokes.on_top : strokes.tested, l);
  return strokes;
}

}  // namespace gf::render
