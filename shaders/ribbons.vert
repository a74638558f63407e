#version 460
#extension GL_GOOGLE_include_directive : require
#include "shared.h"

layout(std430, set = 0, binding = 0) readonly buffer Ribbons { RibbonRecord ribbons[]; };
layout(push_constant) uniform Push { RibbonPush push; };

layout(location = 0) out vec2 st;  // along [0, 1], across [-1, 1]
layout(location = 1) flat out vec4 color;
layout(location = 2) flat out vec4 color_end;
layout(location = 3) flat out vec3 state;  // shown, pulse, cut

void main() {
  const RibbonRecord r = ribbons[gl_InstanceIndex];
  const float s = float(gl_VertexIndex >> 1) / push.segments.x;
  const float side = float(gl_VertexIndex & 1);
  const vec3 from = mix(r.a0_shown.xyz, r.a1_pulse.xyz, side), to = mix(r.b0_cut.xyz, r.b1.xyz, side);
  // Hermite: position and tangent at both ends.
  const float s2 = s * s, s3 = s2 * s;
  const vec3 at = from * (2.0 * s3 - 3.0 * s2 + 1.0) + r.a_out.xyz * (s3 - 2.0 * s2 + s) +
                  to * (3.0 * s2 - 2.0 * s3) + r.b_in.xyz * (s3 - s2);
  gl_Position = push.view_projection * vec4(at, 1);
  // Behind what lies at the same place.
  gl_Position.z *= 0.9995;
  st = vec2(s, side * 2.0 - 1.0);
  color = r.color;
  color_end = r.color_end;
  state = vec3(r.a0_shown.w, r.a1_pulse.w, r.b0_cut.w);
}
