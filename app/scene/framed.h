// What a camera shows, told by a cell, so that it can show the same when the view gets another shape or the scene is laid out anew.
#pragma once

#include <optional>

#include "app/scene/scene_builder.h"
#include "renderer/camera.h"

namespace gf::scene {

/// A camera with the cell in the middle of its picture.
struct Framed {
  render::Camera camera;
  float aspect = 1;     ///< of the pane that it was chosen in
  CellRef cell;         ///< in the middle of the picture, or the one next to the camera's target
  glm::vec3 at{0};      ///< where that cell was
  glm::vec2 extent{1};  ///< width and height of its panel in the world
  friend bool operator==(const Framed&, const Framed&) = default;
};

/// nullopt: the scene has no panels.
[[nodiscard]] std::optional<Framed> framed_by(const render::Camera& camera, const ViewScene& scene, const Pane& pane,
                                              const ModelConfig& config);
/// A camera with the same angles and the same cell in the middle that shows at least what `framed` showed. It is exactly
/// framed.camera where neither the pane's shape nor the place of the cell has changed.
[[nodiscard]] render::Camera camera_for(const Framed& framed, const ViewScene& scene, const Pane& pane, const ModelConfig& config);

}  // namespace gf::scene
