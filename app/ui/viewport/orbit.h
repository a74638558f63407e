// Pure functions that move a camera as gestures ask for.
#pragma once

#include <glm/glm.hpp>
#include <optional>

#include "renderer/camera.h"

namespace gf::ui {

/// Turns the camera around its target.
[[nodiscard]] render::Camera orbited(render::Camera camera, glm::vec2 drag_px);
/// Moves the camera in the image plane, so that points at the target's depth follow the pointer.
[[nodiscard]] render::Camera panned(const render::Camera& camera, glm::vec2 drag_px, glm::vec2 size_px);
/// Moves the camera closer where `steps` > 0. `point` is the world point under the pointer and stays under it; none: the point
/// of the pointer's ray at the target's depth.
[[nodiscard]] render::Camera zoomed(const render::Camera& camera, float steps, glm::vec2 pointer_px, glm::vec2 size_px,
                                    std::optional<glm::vec3> point = {});
/// Slow at both ends; s in [0, 1].
[[nodiscard]] float eased(float s);

}  // namespace gf::ui
