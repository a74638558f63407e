#version 460
#extension GL_GOOGLE_include_directive : require
#include "shared.h"

// ribbons.frag for a ribbon that is whole, uncut and at rest: most are, and a software rasteriser pays for
// branches that are not taken.
layout(push_constant) uniform Push { RibbonPush push; };
layout(location = 0) in vec2 st;
layout(location = 1) flat in vec4 color;
layout(location = 2) flat in vec4 color_end;
layout(location = 0) out vec4 result;

void main() {
  const float d = abs(st.y);
  const float px = max(fwidth(st.y), 1e-5);
  const float inside = (1.0 - d) / px;
  const float rim = smoothstep(0.55, 1.0, d);
  const float hair = clamp(1.0 - inside * 0.625, 0.0, 1.0) * clamp((0.5 - px) * 2.6, 0.0, 1.0);
  vec4 c = mix(color, color_end, st.x);
  c.a *= (0.72 + 0.28 * rim * rim + 0.55 * hair) * clamp(inside + 0.5, 0.0, 1.0);
  c.rgb += (push.glow.a > 0.5 ? 0.10 : -0.06) * (rim * rim + hair);
  result = c;  // the target clamps
}
