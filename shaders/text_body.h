// The body of the fragment shaders of labels: TEXT_TAG, a rectangle behind words; TEXT_SMALL, glyphs of usual sizes; else large ones.
// A software rasteriser pays for branches that are not taken, so each has a shader of its own.
layout(set = 0, binding = 1) uniform sampler2D atlas;
layout(push_constant) uniform Push {
  vec2 size;
  float spread;
  float atlas;
}
push;

layout(location = 0) in vec2 at;
layout(location = 1) flat in vec4 paint;
layout(location = 2) flat in vec4 inner;
layout(location = 3) flat in vec2 shape;
layout(location = 0) out vec4 color;

#ifndef TEXT_TAG
// Distance to the outline in texels, positive inside.
float outline(vec2 texel) { return (textureLod(atlas, texel / push.atlas, 0.0).r * 255.0 - 128.0) / 127.0 * push.spread; }
#endif

void main() {
  float cover;
#if defined(TEXT_TAG)
  vec2 middle = 0.5 * (inner.xy + inner.zw);
  vec2 beyond = abs(at - middle) - 0.5 * (inner.zw - inner.xy) + shape.x;
  float d = length(max(beyond, 0.0)) + min(max(beyond.x, beyond.y), 0.0) - shape.x;
  cover = clamp(0.5 - d, 0.0, 1.0);
#else
  float px_per_texel = shape.x;
#ifdef TEXT_SMALL
  // A stem is about a pixel wide here: four samples a pixel tell it from its neighbour, each half a pixel soft.
  float d = 0.25 / px_per_texel;
  float sum = 0.0;
  sum += clamp(outline(at + vec2(-d, -d)) * px_per_texel * 1.6 + 0.5, 0.0, 1.0);
  sum += clamp(outline(at + vec2(d, -d)) * px_per_texel * 1.6 + 0.5, 0.0, 1.0);
  sum += clamp(outline(at + vec2(-d, d)) * px_per_texel * 1.6 + 0.5, 0.0, 1.0);
  sum += clamp(outline(at + vec2(d, d)) * px_per_texel * 1.6 + 0.5, 0.0, 1.0);
  cover = sum * 0.25;
#else
  cover = clamp(outline(at) * px_per_texel + 0.5, 0.0, 1.0);
#endif
  // Blending happens on sRGB values, which thins light text on a dark ground; small sizes suffer most.
  float small = clamp(1.5 - 2.0 * px_per_texel, 0.0, 1.0);
  cover = mix(cover, sqrt(cover), 2.0 * small * mix(0.12, 0.32, shape.y));  // about cover ^ (1 - ...)
#endif
  if (cover <= 0.0) discard;
  color = vec4(paint.rgb, paint.a * cover);
}
