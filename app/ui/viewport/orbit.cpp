#include "app/ui/viewport/orbit.h"

#include <algorithm>
#include <cmath>

namespace gf::ui {
namespace {

constexpr float kRadiansPerPixel = 0.006F, kMostPitch = 1.5F, kZoomPerStep = 0.86F;

/// The point at the target's depth that a pixel shows.
glm::vec3 at_target_depth(const render::Camera& camera, glm::vec2 pixel, glm::vec2 size) {
  const render::Ray ray = render::ray_through(camera, pixel, size);
  const glm::vec3 forward = glm::normalize(camera.target - camera.eye());
  return ray.origin + ray.direction * (camera.distance / std::max(1e-4F, glm::dot(ray.direction, forward)));
}

}  // namespace

render::Camera orbited(render::Camera camera, glm::vec2 drag) {
  camera.yaw += drag.x * kRadiansPerPixel;
  camera.pitch = std::clamp(camera.pitch + drag.y * kRadiansPerPixel, -kMostPitch, kMostPitch);
  return camera;
}

render::Camera panned(const render::Camera& camera, glm::vec2 drag, glm::vec2 size) {
  render::Camera moved = camera;
  moved.target -= at_target_depth(camera, size / 2.0F + drag, size) - at_target_depth(camera, size / 2.0F, size);
  return moved;
}

render::Camera zoomed(const render::Camera& camera, float steps, glm::vec2 pointer, glm::vec2 size, std::optional<glm::vec3> point) {
  const float factor = std::pow(kZoomPerStep, steps);
  const glm::vec3 fixed = point ? *point : at_target_depth(camera, pointer, size);
  // Scaling the eye and the target about a point leaves that point where it is on the screen.
  render::Camera near = camera;
  near.target = fixed + (camera.target - fixed) * factor;
  near.distance = camera.distance * factor;
  return near;
}

float eased(float s) {
  const float t = std::clamp(s, 0.0F, 1.0F);
  return t * t * (3 - 2 * t);
}

}  // namespace gf::ui
