// Layouts that C++ and GLSL share. Scalars and vec4s only, so that std430 and C++ agree without padding.
#ifndef GLASSFORMER_SHARED_H
#define GLASSFORMER_SHARED_H

#ifdef __cplusplus
#include <cstdint>
#include <glm/glm.hpp>
namespace gf::render::gpu {
using glm::ivec4;
using glm::mat4;
using glm::uvec4;
using glm::vec2;
using glm::vec4;
using uint = std::uint32_t;
#endif

// A page table entry: granule (8 rows of 128 texels) | a << 16 | b << 20 where the resident tile is a and b levels coarser than asked for.
#ifdef __cplusplus
inline constexpr uint kMissingPage = 0xFFFFFFFFU;
#else
const uint kMissingPage = 0xFFFFFFFFU;
#endif

// Lines between cells appear from this size of a cell on.
#ifdef __cplusplus
inline constexpr float kLinesFromPx = 5.5F;
#else
const float kLinesFromPx = 5.5;
#endif

// One panel, as cells.vert reads it.
struct PanelRecord {
  vec4 origin_cols;
  vec4 across_rows;
  vec4 down_alpha;
  vec4 empty;
  vec4 value;    // 1 / scale, offset, rows that are shown in full, columns shown of the row after them
  ivec4 levels;  // map | lx_min << 8 | ly_min << 16, lx_count, ly_count, first layer
  ivec4 page;    // of the first layer: first page, x0 | y0 << 16, nx, ny
  ivec4 marks;   // highlighted row, column, grid_every, panel index
};

// One level of one panel: first page, x0 | y0 << 16, nx, ny.
struct LayerRecord {
  uvec4 page;
};

struct CellsPush {
  mat4 view_projection;
  vec4 ground;  // rgb; a: coarsen
  vec4 ink;     // rgb of highlights; a: device pixels per logical pixel
  ivec4 mode;   // x: 1 in the opaque draw (translucent fragments are left out)
};

struct RibbonRecord {
  vec4 a0_shown;
  vec4 a1_pulse;
  vec4 b0_cut;
  vec4 b1;
  vec4 a_out;
  vec4 b_in;
  vec4 color;
  vec4 color_end;
};

struct RibbonPush {
  mat4 view_projection;
  vec4 glow;      // rgb added at a pulse; a: 1 in the dark theme
  vec4 segments;  // x: how many a ribbon is cut into
};

#ifdef __cplusplus
static_assert(sizeof(PanelRecord) == 128);
static_assert(sizeof(LayerRecord) == 16);
static_assert(sizeof(CellsPush) == 112);
static_assert(sizeof(RibbonRecord) == 128);
static_assert(sizeof(RibbonPush) == 96);
}  // namespace gf::render::gpu
#endif
#endif
