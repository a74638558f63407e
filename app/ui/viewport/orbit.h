// What gestures do to a camera. Pure functions.
#pragma once

#include <glm/glm.hpp>
#include <optional>

#include "renderer/camera.h"

namespace gf::ui {

/// Turns about the target by a drag of so many pixels.
[[nodiscard]] render::Camera orbited(render::Camera camera, glm::vec2 drag_px);
/// Moves in the image plane: what lies at the target's depth follows the pointer.
[[nodiscard]] render::Camera panned(const render::Camera& camera, glm::vec2 drag_px, glm::vec2 size_px);
/// `steps` > 0 comes closer. `point`: the world point under the pointer, which stays there; none: the point of the
/// pointer's ray at the target's depth.
[[nodiscard]] render::Camera zoomed(const render::Camera& camera, float steps, glm::vec2 pointer_px, glm::vec2 size_px,
                                    std::optional<glm::vec3> point = {});
/// Slow at both ends, s in [0, 1].
[[nodiscard]] float eased(float s);

}  // namespace gf::ui
