#version 460
layout(location = 0) in vec2 position;  // logical pixels
layout(location = 1) in vec2 texel;
layout(location = 2) in vec4 tint;
layout(push_constant) uniform Push { vec2 size; } push;  // logical pixels

layout(location = 0) out vec2 uv;
layout(location = 1) out vec4 shade;

void main() {
  uv = texel;
  shade = tint;
  gl_Position = vec4(position / push.size * 2.0 - 1.0, 0.0, 1.0);
}
