#include "renderer/panel_view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "renderer/renderer.h"

namespace gf::render {

namespace {
/// clip(u, v) = origin + across u + down v: linear, so the frustum cuts the unit square along straight lines.
struct Clip {
  glm::vec4 origin, across, down;
  [[nodiscard]] glm::vec4 at(glm::vec2 uv) const { return origin + across * uv.x + down * uv.y; }
};

/// Signed distance to the frustum's side i; >= 0 is inside.
float side(const glm::vec4& c, int i) {
  switch (i) {
    case 0: return c.w - c.z;  // in front of the near plane (reversed depth: z / w <= 1)
    case 1: return c.w + c.x;
    case 2: return c.w - c.x;
    case 3: return c.w + c.y;
    default: return c.w - c.y;
  }
}

using Polygon = std::vector<glm::vec2>;

Polygon clip_polygon(const Clip& clip, Polygon polygon) {
  Polygon next;
  for (int plane = 0; plane < 5 && !polygon.empty(); ++plane) {
    next.clear();
    for (std::size_t i = 0; i < polygon.size(); ++i) {
      const glm::vec2 a = polygon[i], b = polygon[(i + 1) % polygon.size()];
      const float da = side(clip.at(a), plane), db = side(clip.at(b), plane);
      if (da >= 0) next.push_back(a);
      if ((da >= 0) != (db >= 0)) next.push_back(a + (b - a) * (da / (da - db)));
    }
    polygon.swap(next);
  }
  return polygon;
}

/// Cells per pixel, across and down, at (u, v): lengths of the gradients of the cell coordinates on the screen.
glm::vec2 footprint(const Clip& clip, glm::vec2 uv, glm::vec2 size, glm::vec2 cells) {
  const glm::vec4 c = clip.at(uv);
  const glm::vec2 ndc = glm::vec2(c) / c.w;
  const glm::vec2 du = (glm::vec2(clip.across) - ndc * clip.across.w) / c.w * size * 0.5F;
  const glm::vec2 dv = (glm::vec2(clip.down) - ndc * clip.down.w) / c.w * size * 0.5F;
  const float det = std::max(std::abs(du.x * dv.y - du.y * dv.x), 1e-12F);
  return glm::vec2(glm::length(dv), glm::length(du)) / det * cells;
}

struct Range {
  float low = std::numeric_limits<float>::infinity(), high = 0;
  void add(float f) {
    low = std::min(low, f);
    high = std::max(high, f);
  }
};

struct Box {
  glm::vec2 low{std::numeric_limits<float>::infinity()}, high{-std::numeric_limits<float>::infinity()};
  void add(glm::vec2 p) {
    low = glm::min(low, p);
    high = glm::max(high, p);
  }
};

/// A piece of the visible part in which levels are nearly constant.
struct Piece {
  glm::vec2 low, high;  ///< in cells
  int lx0, lx1, ly0, ly1;
};

constexpr int kPieces = 6;      // per direction
constexpr float kSlack = 1.1F;  // the shader's derivatives differ slightly from ours

/// The common case from afar: one level in all of the visible part, and few tiles.
std::optional<Piece> one_piece(const Clip& clip, const Box& uv, glm::vec2 size, glm::ivec2 cells, float coarsen) {
  Range fx, fy;
  for (int corner = 0; corner < 4; ++corner) {
    const glm::vec2 p{(corner & 1) != 0 ? uv.high.x : uv.low.x, (corner & 2) != 0 ? uv.high.y : uv.low.y};
    const glm::vec4 c = clip.at(p);
    if (c.w <= c.z || c.w <= 0) return std::nullopt;
    const glm::vec2 f = footprint(clip, p, size, glm::vec2(cells)) * coarsen;
    fx.add(f.x);
    fy.add(f.y);
  }
  const Piece piece{uv.low * glm::vec2(cells),           uv.high * glm::vec2(cells),
                    level_for(fx.low / kSlack, cells.x), level_for(fx.high * kSlack, cells.x),
                    level_for(fy.low / kSlack, cells.y), level_for(fy.high * kSlack, cells.y)};
  const glm::vec2 texels = (piece.high - piece.low) / glm::vec2(std::ldexp(1.F, piece.lx0), std::ldexp(1.F, piece.ly0));
  // Footprints are not monotone inside: where they vary by much, look closer.
  if (std::max(texels.x, texels.y) > 2 * kTileSize || fx.high > 1.5F * fx.low || fy.high > 1.5F * fy.low) return std::nullopt;
  return piece;
}

std::vector<Piece> pieces_of(const Clip& clip, const Box& uv, glm::vec2 size, glm::ivec2 cells, float coarsen) {
  if (const auto one = one_piece(clip, uv, size, cells, coarsen)) return {*one};
  std::array<std::array<glm::vec2, kPieces + 1>, kPieces + 1> feet;
  std::array<std::array<bool, kPieces + 1>, kPieces + 1> front;
  const auto at = [&](int i, int j) {
    return uv.low + (uv.high - uv.low) * glm::vec2(static_cast<float>(i), static_cast<float>(j)) / static_cast<float>(kPieces);
  };
  for (int j = 0; j <= kPieces; ++j)
    for (int i = 0; i <= kPieces; ++i) {
      const auto x = static_cast<std::size_t>(i), y = static_cast<std::size_t>(j);
      const glm::vec4 c = clip.at(at(i, j));
      front[y][x] = c.w > c.z;
      feet[y][x] = footprint(clip, at(i, j), size, glm::vec2(cells)) * coarsen;
    }
  std::vector<Piece> pieces;
  for (int j = 0; j < kPieces; ++j)
    for (int i = 0; i < kPieces; ++i) {
      // Skips what lies wholly beyond one side of the frustum.
      std::array<int, 5> outside{};
      Range fx, fy;
      for (int corner = 0; corner < 4; ++corner) {
        const int ci = i + (corner & 1), cj = j + (corner >> 1);
        const auto x = static_cast<std::size_t>(ci), y = static_cast<std::size_t>(cj);
        const glm::vec4 c = clip.at(at(ci, cj));
        for (int plane = 0; plane < 5; ++plane) outside[static_cast<std::size_t>(plane)] += side(c, plane) < 0 ? 1 : 0;
        if (!front[y][x]) {  // passes behind the eye: as near as can be
          fx.add(0);
          fy.add(0);
          continue;
        }
        fx.add(feet[y][x].x);
        fy.add(feet[y][x].y);
      }
      if (std::ranges::any_of(outside, [](int n) { return n == 4; })) continue;
      pieces.push_back({at(i, j) * glm::vec2(cells), at(i + 1, j + 1) * glm::vec2(cells), level_for(fx.low / kSlack, cells.x),
                        level_for(fx.high * kSlack, cells.x), level_for(fy.low / kSlack, cells.y), level_for(fy.high * kSlack, cells.y)});
    }
  return pieces;
}

/// Tiles of a level that a piece touches, with a texel of slack on each side for the filter.
struct TileRange {
  int first, last;
};
TileRange tiles_of(float low, float high, int level, int cells) {
  const float texel = std::ldexp(1.F, level);
  const int texels = (cells + (1 << level) - 1) >> level;
  const auto clamp_texel = [&](float t) { return std::clamp(static_cast<int>(std::floor(t)), 0, texels - 1); };
  return {clamp_texel(low / texel - 1) / kTileSize, clamp_texel(high / texel + 1) / kTileSize};
}

void want_tiles(SeenPanel& seen, const std::vector<Piece>& pieces, glm::ivec2 cells) {
  int lx0 = 99, lx1 = 0, ly0 = 99, ly1 = 0;
  for (const Piece& p : pieces) {
    lx0 = std::min(lx0, p.lx0);
    lx1 = std::max(lx1, p.lx1);
    ly0 = std::min(ly0, p.ly0);
    ly1 = std::max(ly1, p.ly1);
  }
  seen.lx_min = lx0;
  seen.lx_count = lx1 - lx0 + 1;
  seen.ly_min = ly0;
  seen.ly_count = ly1 - ly0 + 1;
  for (int ly = ly0; ly <= ly1; ++ly)
    for (int lx = lx0; lx <= lx1; ++lx) {
      TileLayer layer{lx, ly, 1 << 20, 1 << 20, 0, 0, {}};
      int x1 = -1, y1 = -1;
      const auto has = [&](const Piece& p) { return lx >= p.lx0 && lx <= p.lx1 && ly >= p.ly0 && ly <= p.ly1; };
      // The table spans all pieces: a pixel whose level we misjudged finds a coarser tile there.
      for (const Piece& p : pieces) {
        const TileRange x = tiles_of(p.low.x, p.high.x, lx, cells.x), y = tiles_of(p.low.y, p.high.y, ly, cells.y);
        layer.x0 = std::min(layer.x0, x.first);
        layer.y0 = std::min(layer.y0, y.first);
        x1 = std::max(x1, x.last);
        y1 = std::max(y1, y.last);
      }
      layer.nx = x1 - layer.x0 + 1;
      layer.ny = y1 - layer.y0 + 1;
      layer.wanted.assign(static_cast<std::size_t>(layer.nx) * static_cast<std::size_t>(layer.ny), false);
      for (const Piece& p : pieces) {
        if (!has(p)) continue;
        const TileRange x = tiles_of(p.low.x, p.high.x, lx, cells.x), y = tiles_of(p.low.y, p.high.y, ly, cells.y);
        for (int ty = y.first; ty <= y.last; ++ty)
          for (int tx = x.first; tx <= x.last; ++tx)
            layer.wanted[static_cast<std::size_t>((ty - layer.y0) * layer.nx + tx - layer.x0)] = true;
      }
      seen.layers.push_back(std::move(layer));
    }
}
}  // namespace

int level_for(float cells_per_px, int cells) {
  int level = 0;
  while (std::ldexp(1.F, level) < cells_per_px * 0.8F && (1 << level) < cells) ++level;
  return level;
}

float longer_side_px(const Panel& panel, const glm::mat4& view_projection, glm::vec2 size) {
  constexpr float kBehind = 1e9F;
  const glm::vec4 at = view_projection * glm::vec4(panel.origin, 1);
  if (at.w <= 1e-3F) return kBehind;
  const auto length = [&](glm::vec3 side) {
    const glm::vec4 d = view_projection * glm::vec4(side, 0);
    return glm::length((glm::vec2(d) - glm::vec2(at) / at.w * d.w) / at.w * 0.5F * size);
  };
  return std::max(length(panel.across), length(panel.down));
}

std::optional<SeenPanel> see_panel(const Panel& panel, const glm::mat4& vp, glm::vec2 size, float coarsen) {
  const Clip clip{vp * glm::vec4(panel.origin, 1), vp * glm::vec4(panel.across, 0), vp * glm::vec4(panel.down, 0)};
  const Polygon polygon = clip_polygon(clip, {{0, 0}, {1, 0}, {1, 1}, {0, 1}});
  if (polygon.size() < 3) return std::nullopt;
  SeenPanel seen;
  Box uv, screen;
  glm::vec2 nearest{0};
  seen.depth = std::numeric_limits<float>::infinity();
  for (const glm::vec2 p : polygon) {
    const glm::vec4 c = clip.at(p);
    uv.add(p);
    screen.add((glm::vec2(c) / c.w + 1.0F) * 0.5F * size);
    if (c.w < seen.depth) {
      seen.depth = c.w;
      nearest = p;
    }
  }
  const glm::vec2 extent = screen.high - screen.low;
  if (std::max(extent.x, extent.y) < 1) return std::nullopt;
  seen.low = glm::clamp(screen.low, glm::vec2(0), size);
  seen.high = glm::clamp(screen.high, glm::vec2(0), size);
  seen.middle_depth = clip.at({0.5F, 0.5F}).w;
  const glm::ivec2 cells = panel.source ? glm::ivec2(panel.source->cols(), panel.source->rows()) : glm::ivec2(0);
  if (cells.x <= 0 || cells.y <= 0) return seen;
  const glm::vec2 cells_per_px = footprint(clip, nearest, size, glm::vec2(cells));
  seen.cell_px_x = 1 / cells_per_px.x;
  seen.cell_px_y = 1 / cells_per_px.y;
  const std::vector<Piece> pieces = pieces_of(clip, uv, size, cells, coarsen);
  if (pieces.empty()) return std::nullopt;
  want_tiles(seen, pieces, cells);
  return seen;
}

std::vector<PanelView> visible_panels(const Scene& scene, const Camera& camera, glm::vec2 size) {
  const glm::mat4 vp = camera.view_projection(size.x / size.y);
  std::vector<PanelView> views;
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    const Panel& p = scene.panels[i];
    if (p.alpha <= 0) continue;
    const auto seen = see_panel(p, vp, size);
    if (!seen) continue;
    PanelView view{static_cast<int>(i), 0, 0, seen->low, seen->high, seen->cell_px_x, seen->cell_px_y};
    if (p.source) {
      view.lx = level_for(1 / std::max(seen->cell_px_x, 1e-6F), p.source->cols());
      view.ly = level_for(1 / std::max(seen->cell_px_y, 1e-6F), p.source->rows());
    }
    views.push_back(view);
  }
  return views;
}

}  // namespace gf::render
