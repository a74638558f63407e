// An orbiting perspective camera. World: x right, y down (text runs downwards), z away from the viewer.
#pragma once

#include <glm/glm.hpp>

namespace gf::render {

/// The view that a camera was chosen in.
struct CameraView {
  glm::vec2 size{0};  ///< logical pixels; 0: the camera is for any view
  float foot = 0;     ///< the share of the height, from below, that was covered
  float letters = 1;  ///< how much larger than usual the letters were
  [[nodiscard]] bool known() const { return size.x > 0 && size.y > 0; }
  friend bool operator==(const CameraView&, const CameraView&) = default;
};

/// Looks at `target` from `distance`; yaw turns about the world's y axis (0: straight at the sheets from the
/// front, looking along +z), pitch > 0 looks from above. Angles in radians.
struct Camera {
  glm::vec3 target{0};
  float distance = 10;
  float yaw = 0, pitch = 0;
  float fov_y = 0.6F;
  CameraView chosen_in = {};  ///< told where the camera is kept for a view of another shape

  [[nodiscard]] glm::vec3 eye() const;
  [[nodiscard]] glm::mat4 view() const;
  /// Reversed depth (1 near, 0 far), y down in clip space as Vulkan has it.
  [[nodiscard]] glm::mat4 projection(float aspect) const;
  [[nodiscard]] glm::mat4 view_projection(float aspect) const;
  friend bool operator==(const Camera&, const Camera&) = default;
};

struct Ray {
  glm::vec3 origin, direction;  ///< direction is normalised
};
/// Ray through a pixel; (0, 0) is the upper left corner of a viewport of size.
[[nodiscard]] Ray ray_through(const Camera& camera, glm::vec2 pixel, glm::vec2 size);
/// Pixel of a world point; z is its depth (> 0 in front of the eye), x and y are meaningless where z <= 0.
[[nodiscard]] glm::vec3 project(const Camera& camera, glm::vec3 world, glm::vec2 size);
/// project() for many points of one view. The camera's matrices are computed once.
class Projection {
 public:
  Projection(const Camera& camera, glm::vec2 size);
  /// As project().
  [[nodiscard]] glm::vec3 pixel(glm::vec3 world) const;
  /// Distance from the eye along the line of sight; negative behind the eye.
  [[nodiscard]] float depth(glm::vec3 world) const { return glm::dot(world - eye_, forward_); }
  /// Height in pixels of a world unit at depth 1.
  [[nodiscard]] float focal_px() const { return focal_px_; }
  [[nodiscard]] glm::vec3 eye() const { return eye_; }
  /// From the eye through a pixel; not normalised.
  [[nodiscard]] glm::vec3 direction(glm::vec2 pixel) const;
  [[nodiscard]] glm::vec2 size() const { return size_; }

 private:
  glm::mat4 view_projection_;
  glm::vec3 eye_, forward_, right_, down_;
  glm::vec2 size_;
  float focal_px_;
};
/// Camera with the same angles that shows the whole box in a viewport of this aspect, with `margin` (1 = tight). `foot`
/// is the share of the viewport's height, from below, that stays free, `head` that from above, `side` that of its width at the left.
[[nodiscard]] Camera fit(const Camera& camera, glm::vec3 low, glm::vec3 high, float aspect, float margin = 1.05F, float foot = 0,
                         float head = 0, float side = 0);
/// Camera for any view, from the same eye, that shows in a view of this aspect all that `camera` showed in the view that it was
/// chosen in: where the picture is narrower, it shows more above and below. `foot`: as in fit().
[[nodiscard]] Camera shown_in(const Camera& camera, float aspect, float foot = 0);
/// Smooth move, s in [0, 1].
[[nodiscard]] Camera mix(const Camera& a, const Camera& b, float s);

}  // namespace gf::render
