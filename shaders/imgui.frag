#version 460
layout(set = 0, binding = 0) uniform sampler2D glyphs;
layout(location = 0) in vec2 uv;
layout(location = 1) in vec4 shade;
layout(location = 0) out vec4 color;

void main() {
  color = vec4(shade.rgb, shade.a * textureLod(glyphs, uv, 0.0).r);
}
