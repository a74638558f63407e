#version 460
struct Quad {
  vec4 box;
  vec4 inner;
  vec4 color;
  vec4 shape;
};
layout(std430, set = 0, binding = 0) readonly buffer Quads { Quad quads[]; };
layout(set = 0, binding = 1) uniform sampler2D atlas;
layout(push_constant) uniform Push { vec2 size; float spread; float atlas; } push;

layout(location = 0) in vec2 at;
layout(location = 1) flat in int index;
layout(location = 0) out vec4 color;

// Distance to the outline in texels, positive inside.
float outline(vec2 texel) {
  return (textureLod(atlas, texel / push.atlas, 0.0).r * 255.0 - 128.0) / 127.0 * push.spread;
}

float glyph(float px_per_texel) {
  if (px_per_texel > 0.75) return clamp(outline(at) * px_per_texel + 0.5, 0.0, 1.0);
  // A stem is about a pixel wide here: four samples a pixel tell it from its neighbour, each half a pixel soft.
  float d = 0.25 / px_per_texel;
  float sum = 0.0;
  sum += clamp(outline(at + vec2(-d, -d)) * px_per_texel * 1.6 + 0.5, 0.0, 1.0);
  sum += clamp(outline(at + vec2(d, -d)) * px_per_texel * 1.6 + 0.5, 0.0, 1.0);
  sum += clamp(outline(at + vec2(-d, d)) * px_per_texel * 1.6 + 0.5, 0.0, 1.0);
  sum += clamp(outline(at + vec2(d, d)) * px_per_texel * 1.6 + 0.5, 0.0, 1.0);
  return sum * 0.25;
}

void main() {
  Quad q = quads[index];
  float cover;
  if (q.shape.x > 0.5) {
    vec2 middle = 0.5 * (q.inner.xy + q.inner.zw);
    vec2 beyond = abs(at - middle) - 0.5 * (q.inner.zw - q.inner.xy) + q.shape.y;
    float d = length(max(beyond, 0.0)) + min(max(beyond.x, beyond.y), 0.0) - q.shape.y;
    cover = clamp(0.5 - d, 0.0, 1.0);
  } else {
    cover = glyph(q.shape.y);
    // Blending happens on sRGB values, which thins light text on a dark ground; small sizes suffer most.
    float small = clamp(1.5 - 2.0 * q.shape.y, 0.0, 1.0);
    cover = mix(cover, sqrt(cover), 2.0 * small * mix(0.12, 0.32, q.shape.z));  // about cover ^ (1 - ...)
  }
  if (cover <= 0.0) discard;
  color = vec4(q.color.rgb, q.color.a * cover);
}
