#version 460
// Screen-space strokes, built on the CPU: lines, frames, halos.
layout(location = 0) in vec4 place;  // normalised device x, y, depth; pixels along
layout(location = 1) in vec4 shape;  // pixels across, half width, style, device pixels per logical pixel
layout(location = 2) in vec4 paint;

layout(location = 0) out vec4 shape_out;
layout(location = 1) out vec4 paint_out;

void main() {
  gl_Position = vec4(place.xyz, 1);
  shape_out = shape;
  paint_out = paint;
}
