// Which panels a camera sees, and how large. Device-free, as place_labels() is.
#pragma once

#include <vector>

#include "renderer/camera.h"
#include "renderer/scene.h"

namespace gf::render {

/// Pyramid level that the renderer picks for a panel in this view, and its rectangle on the screen. Device-free.
struct PanelView {
  int panel = 0;
  int lx = 0, ly = 0;
  glm::vec2 low{0}, high{0};           ///< pixels, clipped to the viewport
  float cell_px_x = 0, cell_px_y = 0;  ///< size of a cell at the panel's nearest visible point
};
[[nodiscard]] std::vector<PanelView> visible_panels(const Scene& scene, const Camera& camera, glm::vec2 size);

}  // namespace gf::render
