#version 460
layout(location = 0) in vec2 cell;
layout(location = 5) flat in ivec4 marks;
layout(location = 6) flat in vec3 size_alpha;
layout(location = 0) out ivec4 id;
void main() {
  const ivec2 at = clamp(ivec2(cell), ivec2(0), ivec2(size_alpha.xy) - 1);
  id = ivec4(marks.w, at.y, at.x, 0);
}
