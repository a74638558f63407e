#version 460
layout(location = 0) in vec4 shape;  // pixels across, half width, style, device pixels per logical pixel
layout(location = 1) in vec4 paint;
layout(location = 0) out vec4 color;

layout(push_constant) uniform Push {
  vec2 origin;  // of the target in the picture: stripes run on from part to part
};

void main() {
  const float d = abs(shape.x);
  float cover;
  if (shape.z < 0.5) {  // a line, antialiased by its distance
    cover = clamp(shape.y + 0.5 - d, 0.0, 1.0) * min(2.0 * shape.y, 1.0);
  } else if (shape.z < 1.5) {  // hatching
    const float stripe = abs(fract((gl_FragCoord.x + gl_FragCoord.y + origin.x + origin.y) / (7.0 * shape.w)) - 0.5) * 7.0 * shape.w;
    cover = clamp(shape.y + 0.5 - d, 0.0, 1.0) * clamp(stripe * 0.7071 - 0.9 * shape.w + 0.5, 0.0, 1.0);
  } else {  // a halo: falls off outwards from the frame
    const float t = clamp(shape.x / shape.y, 0.0, 1.0);
    cover = (1.0 - t) * (1.0 - t) * (shape.x < 0.0 ? 0.0 : 1.0);
  }
  color = vec4(paint.rgb, paint.a * cover);
}
