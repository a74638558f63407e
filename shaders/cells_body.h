// The body of the fragment shaders of cells. Those of panels that cover all behind them leave out what they do not need, because a
// software rasteriser pays for each texel that is read, and for branches that are not taken:
// CELLS_PLAIN: cells that are too small for lines. CELLS_ONE_PAGE: page.x is the entry of the one page that holds all that is seen.
// CELLS_FINE, with it: large cells, at their own level.
#include "shared.h"

layout(set = 0, binding = 1) uniform usamplerBuffer layers;
layout(set = 0, binding = 2) uniform usamplerBuffer pages;
layout(set = 0, binding = 3) uniform samplerBuffer pool;
layout(set = 0, binding = 4) uniform samplerBuffer maps;
layout(push_constant) uniform Push { CellsPush push; };

layout(location = 0) in vec2 cell;
layout(location = 1) flat in vec4 empty;
layout(location = 2) flat in vec4 value;
layout(location = 3) flat in ivec4 levels;
layout(location = 4) flat in ivec4 page;
layout(location = 5) flat in ivec4 marks;
layout(location = 6) flat in vec3 size_alpha;

layout(location = 0) out vec4 color;

// As level_for() in panel_view.cpp.
int level_for(float cells_per_px) { return cells_per_px * 0.8 <= 1.0 ? 0 : int(ceil(log2(cells_per_px * 0.8))); }

uint page_of(ivec2 tile, ivec4 layer) {
  tile = clamp(tile - ivec2(layer.y & 0xFFFF, layer.y >> 16), ivec2(0), layer.zw - 1);
  return texelFetch(pages, layer.x + tile.y * layer.z + tile.x).r;
}

// Colour of a texel and 1, or zeros where there is no value.
vec4 texel(ivec2 t, uint entry) {
  const ivec2 at = (t >> ivec2((entry >> 16) & 15u, (entry >> 20) & 15u)) & 127;
  const float v = texelFetch(pool, (int(entry & 0xFFFFu) << 10) + (at.y << 7) + at.x).r;
  const bool there = entry != kMissingPage && (floatBitsToUint(v) & 0x7FFFFFFFu) <= 0x7F800000u;
  // As color_of() in colormap.cpp; 0 and 3 are the maps that its is_diverging() names, Signed and Difference.
  const int map = levels.x & 0xFF;
  const float s = (v - value.y) * value.x;
  const float entry_at = (map == 0 || map == 3) ? 256.5 + clamp(s, -1.0, 1.0) * 255.0 : 0.5 + clamp(s, 0.0, 1.0) * 511.0;
  return there ? texelFetch(maps, map * 512 + int(entry_at)) : vec4(0);
}

void main() {
  const vec2 foot = max(vec2(length(vec2(dFdx(cell.x), dFdy(cell.x))), length(vec2(dFdx(cell.y), dFdy(cell.y)))), 1e-6);
  const vec2 cells = size_alpha.xy;
  vec4 sum = vec4(0);
  bool fine = true;
  if (page.z > 0) {
#ifdef CELLS_FINE
    // A pixel meets one edge of its cell, or a corner, where the edge that it reaches farther beyond stands for both.
    const vec2 at = clamp(cell, vec2(0), cells - 0.001), half_box = min(foot, vec2(1)) * 0.5;
    const vec2 own = floor(at), away = at - own - 0.5;
    const vec2 beyond = clamp((half_box - 0.5 + abs(away)) / (2.0 * half_box), 0.0, 0.5);
    const vec2 side = beyond.x > beyond.y ? vec2(sign(away.x), 0.0) : vec2(0.0, sign(away.y));
    const uint p = uint(page.x);
    sum = mix(texel(ivec2(own), p), texel(ivec2(clamp(own + side, vec2(0), cells - 1.0)), p), max(beyond.x, beyond.y));
#else
    const ivec2 level_min = ivec2((levels.x >> 8) & 0xFF, (levels.x >> 16) & 0xFF);
    ivec2 level = level_min;
    ivec4 layer = page;
#ifndef CELLS_ONE_PAGE
    if (levels.y * levels.z > 1) {
      const vec2 f = foot * push.ground.a;
      level = clamp(ivec2(level_for(f.x), level_for(f.y)), level_min, level_min + levels.yz - 1);
      const ivec2 l = level - level_min;
      layer = ivec4(texelFetch(layers, levels.w + l.y * levels.y + l.x));
    }
#endif
    fine = level == ivec2(0);
    // A pixel is a box in texels; it covers at most two in each direction, and away from edges only one.
    const vec2 shrink = vec2(1.0 / float(1 << level.x), 1.0 / float(1 << level.y));
    const vec2 half_box = min(foot * shrink, vec2(1)) * 0.5;
    const vec2 last = ceil(cells * shrink) - 1.0;
    const vec2 at = clamp(cell, vec2(0), cells) * shrink;
    // All of them are taken from the tile that holds its middle.
    const ivec2 tile = ivec2(clamp(floor(at), vec2(0), last)) >> 7;
    const vec2 first = vec2(tile << 7), end = min(last, first + 127.0);
    const vec2 low = clamp(floor(at - half_box), first, end);
    const vec2 high = clamp(floor(at + half_box), first, end);
    const ivec2 i = ivec2(low), j = ivec2(high);
    const vec2 w = clamp((at + half_box - high) / (2.0 * half_box), 0.0, 1.0);
#ifdef CELLS_ONE_PAGE
    const uint p = uint(page.x);
#else
    const uint p = page_of(tile, layer);
#endif
    sum = texel(i, p);
    if (j.x > i.x) sum = mix(sum, texel(ivec2(j.x, i.y), p), w.x);
    if (j.y > i.y) {
      vec4 below = texel(ivec2(i.x, j.y), p);
      if (j.x > i.x) below = mix(below, texel(j, p), w.x);
      sum = mix(sum, below, w.y);
    }
#endif
    // Time: rows above value.z are there, and of the next one value.w columns.
    if (cell.y + foot.y > value.z && value.z < cells.y) {
      const float full = clamp((value.z - cell.y) / foot.y + 0.5, 0.0, 1.0);
      const float part = cell.y < value.z + 1.0 ? clamp((value.w - cell.x) / foot.x + 0.5, 0.0, 1.0) : 0.0;
      sum *= max(full, part);
    }
  }
  float alpha = sum.a + empty.a * (1.0 - sum.a);
  vec3 rgb = (sum.rgb + empty.rgb * empty.a * (1.0 - sum.a)) / max(alpha, 1e-4);

#ifndef CELLS_PLAIN
  // Lines between cells, from 6 px; a cell's centre is never touched.
  const vec2 px = 1.0 / foot;
  const vec2 edge = abs(fract(cell + 0.5) - 0.5) * px;
  const vec2 line = clamp(1.0 - edge, 0.0, 1.0) * smoothstep(kLinesFromPx, 16.0, px) * 0.5;
  if (fine && sum.a > 0.0) rgb = mix(rgb, push.ground.rgb, max(line.x, line.y));
  if (marks.z > 0) {
    const float every = float(marks.z), band = cell.x / every;
    const float d = abs(fract(band + 0.5) - 0.5) * every * px.x;
    const float inside = step(0.5, cell.x) * step(cell.x, cells.x - 0.5);
    rgb = mix(rgb, push.ground.rgb, clamp(1.0 - d, 0.0, 1.0) * smoothstep(6.0, 24.0, every * px.x) * 0.85 * inside);
  }
  if (max(marks.x, marks.y) >= 0) {
    const vec2 from = abs(abs(cell - (vec2(marks.yx) + 0.5)) - 0.5) * px;
    const float row = marks.x >= 0 ? clamp(1.35 * push.ink.a - from.y, 0.0, 1.0) : 0.0;
    const float col = marks.y >= 0 ? clamp(1.35 * push.ink.a - from.x, 0.0, 1.0) : 0.0;
    const float mark = max(row, col) * 0.9;
    rgb = mix(rgb, push.ink.rgb, mark);
    alpha = max(alpha, mark);
  }
#endif
#if defined(CELLS_PLAIN) || defined(CELLS_ONE_PAGE)
  color = vec4(rgb, 1.0);
#else
  alpha *= size_alpha.z;
  // Straight colours. Translucent fragments belong to the second draw, back to front and without depth.
  if (alpha <= 0.003 || (push.mode.x == 1 && alpha < 0.998)) discard;
  color = vec4(rgb, alpha);
#endif
}
