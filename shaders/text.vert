#version 460
// Glyphs and tags, one quad an instance, in pixels.
struct Quad {
  vec4 box;    // low x, low y, high x, high y
  vec4 inner;  // glyph: atlas texels, as box; tag: the rectangle itself (box has a margin for its soft edge)
  vec4 color;
  vec4 shape;  // x: 0 glyph, 1 tag; y: glyph: screen pixels a texel, tag: corner radius; z: the text's lightness
};
layout(std430, set = 0, binding = 0) readonly buffer Quads { Quad quads[]; };
layout(push_constant) uniform Push { vec2 size; float spread; float atlas; } push;

layout(location = 0) out vec2 at;  // glyph: texels; tag: pixels
// The record travels as flat varyings, as that of a panel does (cells.vert).
layout(location = 1) flat out vec4 paint;
layout(location = 2) flat out vec4 inner;
layout(location = 3) flat out vec2 shape;  // y and z of the record

void main() {
  Quad q = quads[gl_InstanceIndex];
  vec2 corner = vec2(gl_VertexIndex & 1, gl_VertexIndex >> 1);
  vec2 pixel = mix(q.box.xy, q.box.zw, corner);
  at = q.shape.x > 0.5 ? pixel : mix(q.inner.xy, q.inner.zw, corner);
  paint = q.color;
  inner = q.inner;
  shape = q.shape.yz;
  gl_Position = vec4(pixel / push.size * 2.0 - 1.0, 0.0, 1.0);
}
