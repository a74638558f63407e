#version 460
#extension GL_GOOGLE_include_directive : require
#include "shared.h"

layout(std430, set = 0, binding = 0) readonly buffer Panels { PanelRecord panels[]; };
layout(push_constant) uniform Push { CellsPush push; };

invariant gl_Position;
layout(location = 0) out vec2 cell;
// The record travels as flat varyings: on a software rasteriser these are constants of the triangle, where a
// buffer read would be a gather for each pixel.
layout(location = 1) flat out vec4 empty;
layout(location = 2) flat out vec4 value;
layout(location = 3) flat out ivec4 levels;
layout(location = 4) flat out ivec4 page;
layout(location = 5) flat out ivec4 marks;
layout(location = 6) flat out vec3 size_alpha;

void main() {
  const PanelRecord p = panels[gl_InstanceIndex];
  const vec2 uv = vec2(gl_VertexIndex & 1, gl_VertexIndex >> 1);
  gl_Position = push.view_projection *
                vec4(p.origin_cols.xyz + p.across_rows.xyz * uv.x + p.down_alpha.xyz * uv.y, 1);
  size_alpha = vec3(p.origin_cols.w, p.across_rows.w, p.down_alpha.w);
  cell = uv * size_alpha.xy;
  empty = p.empty;
  value = p.value;
  levels = p.levels;
  page = p.page;
  marks = p.marks;
}
