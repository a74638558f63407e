#include "renderer/camera.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace gf::render {

namespace {
struct Axes {
  glm::vec3 right, down, forward;
};

Axes axes(const Camera& c) {
  const float cy = std::cos(c.yaw), sy = std::sin(c.yaw), cp = std::cos(c.pitch), sp = std::sin(c.pitch);
  const glm::vec3 forward{sy * cp, sp, cy * cp};
  const glm::vec3 right{cy, 0, -sy};
  return {right, glm::cross(forward, right), forward};
}

/// Half-open interval of centres from which all coordinates fit, at distance 0. The slopes are those of the view's
/// two borders: they differ where a strip along one of them stays free.
struct Extent {
  float before, after;  // slopes
  float high = -std::numeric_limits<float>::infinity(), low = std::numeric_limits<float>::infinity();
  void add(float x, float z) {
    high = std::max(high, x - z * after);
    low = std::min(low, x + z * before);
  }
  [[nodiscard]] float distance() const { return (high - low) / (before + after); }
  [[nodiscard]] float middle(float distance) const { return (high - distance * after + low + distance * before) / 2; }
};
}  // namespace

glm::vec3 Camera::eye() const { return target - axes(*this).forward * distance; }

glm::mat4 Camera::view() const {
  const auto a = axes(*this);
  const glm::vec3 e = eye();
  return {{a.right.x, a.down.x, a.forward.x, 0},
          {a.right.y, a.down.y, a.forward.y, 0},
          {a.right.z, a.down.z, a.forward.z, 0},
          {-glm::dot(a.right, e), -glm::dot(a.down, e), -glm::dot(a.forward, e), 1}};
}

glm::mat4 Camera::projection(float aspect) const {
  // Infinite far plane; with reversed 32-bit depth the near plane costs no precision, so it may be very near.
  const float near = 0.002F * distance;
  const float f = 1 / std::tan(fov_y / 2);
  return {{f / aspect, 0, 0, 0}, {0, f, 0, 0}, {0, 0, 0, 1}, {0, 0, near, 0}};
}

glm::mat4 Camera::view_projection(float aspect) const { return projection(aspect) * view(); }

Ray ray_through(const Camera& camera, glm::vec2 pixel, glm::vec2 size) {
  const auto a = axes(camera);
  const float k = std::tan(camera.fov_y / 2);
  const glm::vec2 ndc = pixel / size * 2.0F - 1.0F;
  const glm::vec3 direction = a.forward + a.right * (ndc.x * k * size.x / size.y) + a.down * (ndc.y * k);
  return {camera.eye(), glm::normalize(direction)};
}

glm::vec3 project(const Camera& camera, glm::vec3 world, glm::vec2 size) { return Projection(camera, size).pixel(world); }

Projection::Projection(const Camera& camera, glm::vec2 size)
    : view_projection_(camera.view_projection(size.x / size.y)),
      eye_(camera.eye()),
      forward_(glm::normalize(camera.target - eye_)),
      right_(axes(camera).right),
      down_(axes(camera).down),
      size_(size),
      focal_px_(size.y / (2 * std::tan(camera.fov_y / 2))) {}

glm::vec3 Projection::pixel(glm::vec3 world) const {
  const glm::vec4 clip = view_projection_ * glm::vec4(world, 1);
  const glm::vec2 ndc = glm::vec2(clip) / clip.w;
  return {(ndc + 1.0F) * 0.5F * size_, clip.w};
}

glm::vec3 Projection::direction(glm::vec2 pixel) const {
  const glm::vec2 away = (pixel - size_ * 0.5F) / focal_px_;
  return forward_ + right_ * away.x + down_ * away.y;
}

Camera fit(const Camera& camera, glm::vec3 low, glm::vec3 high, float aspect, float margin, float foot, float head, float side) {
  const auto a = axes(camera);
  const float slope_y = std::tan(camera.fov_y / 2) / margin, slope_x = slope_y * aspect;
  const glm::vec3 centre = (low + high) * 0.5F;
  Extent x{slope_x * (1 - 2 * side), slope_x}, y{slope_y * (1 - 2 * head), slope_y * (1 - 2 * foot)};
  float depth = 0;
  for (int corner = 0; corner < 8; ++corner) {
    const glm::vec3 p{(corner & 1) != 0 ? high.x : low.x, (corner & 2) != 0 ? high.y : low.y, (corner & 4) != 0 ? high.z : low.z};
    const glm::vec3 r = p - centre;
    const float z = glm::dot(r, a.forward);
    x.add(glm::dot(r, a.right), z);
    y.add(glm::dot(r, a.down), z);
    depth = std::max(depth, -z);
  }
  Camera result = camera;
  // Never inside the box: its nearest corner stays in front of the eye.
  result.distance = std::max({x.distance(), y.distance(), depth * 1.02F, 1e-3F});
  result.target = centre + a.right * x.middle(result.distance) + a.down * y.middle(result.distance);
  return result;
}

Camera shown_in(const Camera& camera, float aspect, float foot) {
  const glm::vec2 before = camera.chosen_in.size;
  if (!camera.chosen_in.known() || !(aspect > 0)) return camera;
  static constexpr float kLeastFree = 0.05F;  // of half the height, where nearly all of the view is covered
  const auto free = [](float covered) { return std::max(kLeastFree, 1 - 2 * covered); };
  Camera result = camera;
  result.chosen_in = {};
  // The eye stays where it is, so that near and far things keep their places. With a step back, what lies far would leave the view.
  const float wider = std::max(before.x / before.y / aspect, free(camera.chosen_in.foot) / free(foot));
  if (wider > 1) result.fov_y = 2 * std::atan(std::tan(camera.fov_y / 2) * wider);
  return result;
}

Camera mix(const Camera& a, const Camera& b, float s) {
  if (s <= 0) return a;
  if (s >= 1) return b;
  const float t = s * s * (3 - 2 * s);
  Camera c = a;
  c.distance = a.distance * std::pow(b.distance / a.distance, t);
  // Zooming in, the target has to move at the speed of what one sees, so with the distance and not with time.
  const float zoom = b.distance / a.distance;
  const float along = std::abs(zoom - 1) < 0.05F ? t : (c.distance - a.distance) / (b.distance - a.distance);
  c.target = glm::mix(a.target, b.target, along);
  const float turn = std::remainder(b.yaw - a.yaw, 2 * std::numbers::pi_v<float>);
  c.yaw = a.yaw + turn * t;
  c.pitch = a.pitch + (b.pitch - a.pitch) * t;
  c.fov_y = a.fov_y + (b.fov_y - a.fov_y) * t;
  return c;
}

}  // namespace gf::render
