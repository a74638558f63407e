// Lines, frames and halos as screen-space quads. Device-free.
#pragma once

#include <vector>

#include "renderer/camera.h"
#include "renderer/scene.h"

namespace gf::render {

/// As strokes.vert reads it.
struct StrokeVertex {
  glm::vec4 place;  ///< normalised device x, y, depth; pixels along the stroke
  glm::vec4 shape;  ///< pixels across, half width, style (0 line, 1 hatch, 2 halo), device pixels per logical pixel
  glm::vec4 paint;
};

/// Triangle list. `tested` is hidden by panels in front, `on_top` is not.
struct Strokes {
  std::vector<StrokeVertex> tested, on_top;
};
/// The width in device pixels and the colour of a line whose box on the screen has this size.
struct LineLook {
  float width;
  Color color;
};
[[nodiscard]] LineLook look_of_line(const Line& line, glm::vec2 box_px, float dpr);
/// The same of the frame of a panel that is so narrow on the screen, in device pixels: it neither outshines nor fills a small sheet.
[[nodiscard]] LineLook look_of_frame(const Panel& panel, float narrow_px, float dpr);
/// Half of the width of the hatching round a sheet that is edited: a little sheet has one that is no larger than it. `narrow_px`: its
/// shorter side, in device pixels, as is the result.
[[nodiscard]] float hatch_of_sheet(float narrow_px, float dpr);
[[nodiscard]] Strokes make_strokes(const Scene& scene, const glm::mat4& view_projection, glm::vec2 size, float dpr);

}  // namespace gf::render
