// The geometry of what panels hide on the screen, for pictures made of shapes. Internal to app/export.
#pragma once

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "renderer/camera.h"
#include "renderer/scene.h"

namespace gf::exporting {

using Polygon = std::vector<glm::vec2>;  ///< convex, pixels

/// The intersection of two convex polygons. `with` turns the positive way, as outlines do.
[[nodiscard]] Polygon common(Polygon polygon, const Polygon& with);

/// The part of the picture's width, in pixels, that a side of a split has.
struct Band {
  float from = 0, to = 0;
};
/// What of a convex polygon lies in the band; fewer than 3 points: nothing.
[[nodiscard]] Polygon within(const Polygon& polygon, const Band& band);

/// Nearness is 1 / depth, which is linear on the screen for flat things.
class Occlusion {
 public:
  /// Nothing outside of `band` is visible; none: the whole picture.
  Occlusion(const render::Scene& scene, const render::Camera& camera, glm::vec2 size, std::optional<Band> band = {});

  /// Where a point of the world is: pixel and nearness (<= 0 behind the eye).
  [[nodiscard]] glm::vec3 project(glm::vec3 world) const;
  /// The part of a panel's outline that lies before the eye; empty if none of the panel is seen.
  [[nodiscard]] const Polygon& outline(int panel) const { return panels_[static_cast<std::size_t>(panel)].outline; }
  [[nodiscard]] float nearness(int panel, glm::vec2 px) const;

  [[nodiscard]] const std::optional<Band>& band() const { return band_; }
  /// The part [from, to] of a way on the screen that lies in the band; from >= to: none.
  [[nodiscard]] std::pair<float, float> in_band(glm::vec2 a, glm::vec2 b) const;
  /// The parts of a polygon that no panel hides; `nearness` is its own in its middle, `but` a panel that does not count.
  [[nodiscard]] std::vector<Polygon> visible(const Polygon& polygon, float nearness, int but = -1) const;
  /// The parts of a panel that no other hides.
  [[nodiscard]] std::vector<Polygon> visible(int panel) const;
  /// The parts [from, to] of the way from a to b (as project() gives them) that no panel hides.
  [[nodiscard]] std::vector<std::pair<float, float>> visible(glm::vec3 a, glm::vec3 b) const;

 private:
  struct Seen {
    Polygon outline;  ///< turning one way: positive area
    glm::vec2 low{0}, high{0};
    glm::vec3 plane{0};  ///< nearness = dot(plane, (x, y, 1))
    bool hides = false;
  };
  template <class Hides>
  [[nodiscard]] std::vector<Polygon> without_hidden(const Polygon& polygon, const Hides& hides) const;

  glm::mat4 view_projection_;
  glm::vec2 size_;
  std::optional<Band> band_;
  std::vector<Seen> panels_;
};

}  // namespace gf::exporting
