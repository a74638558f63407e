#version 460
#extension GL_GOOGLE_include_directive : require
#include "shared.h"

layout(push_constant) uniform Push { RibbonPush push; };
layout(location = 0) in vec2 st;
layout(location = 1) flat in vec4 color;
layout(location = 2) flat in vec4 color_end;
layout(location = 3) flat in vec3 state;
layout(location = 0) out vec4 result;

void main() {
  const float d = abs(st.y);
  const float px = max(fwidth(st.y), 1e-5);     // across, of half the width, per pixel
  const float spx = max(fwidth(st.x), 1e-5);
  // Antialiased outline; a thin ribbon keeps its light by fading instead of breaking up.
  const float outline = clamp((1.0 - d) / px + 0.5, 0.0, 1.0);
  vec4 c = mix(color, color_end, st.x);
  // A band of glass: clear along the middle, brighter where it bends away at its rims.
  const float rim = smoothstep(0.55, 1.0, d);
  const float hair = clamp(1.0 - (1.0 - d) / (1.6 * px), 0.0, 1.0) * smoothstep(0.5, 0.12, px);
  c.a *= 0.72 + 0.28 * rim * rim + 0.55 * hair;
  c.rgb += (push.glow.a > 0.5 ? 0.10 : -0.06) * (rim * rim + hair);
  c.a *= outline * clamp((state.x - st.x) / max(spx, 0.004) + 0.5, 0.0, 1.0);
  if (state.y >= 0.0) {  // data on its way: a bright front with a tail behind it
    const float behind = state.y - st.x;
    const float light = behind >= 0.0 ? exp(-behind * 7.0) : exp(behind * 45.0);
    c.rgb = mix(c.rgb, push.glow.rgb, 0.65 * light);
    c.a = min(c.a * (1.0 + 1.2 * light), 1.0);
  }
  if (state.z > 0.5) {  // a cut: a slanted gap in the middle; what lies behind it carries nothing
    const float slant = st.x - 0.5 + st.y * min(0.03, 4.0 * spx / px * 0.03);
    const float gap = max(0.018, 5.0 * spx);
    c.a *= clamp((abs(slant) - gap) / spx + 0.5, 0.0, 1.0) * (slant > 0.0 ? 0.3 : 1.0);
    const float lip = clamp(1.5 - abs(abs(slant) - gap) / spx, 0.0, 1.0) * step(slant, 0.0);
    c = mix(c, vec4(push.glow.rgb, 0.9 * outline), lip);
  }
  if (c.a < 0.004) discard;
  result = vec4(clamp(c.rgb, 0.0, 1.0), min(c.a, 1.0));
}
