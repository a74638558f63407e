// What a ray hits.
#pragma once

#include <optional>

#include "renderer/camera.h"
#include "renderer/scene.h"

namespace gf::render {

struct Hit {
  int panel = -1, row = 0, col = 0;
  float distance = 0;
  glm::vec3 point{0};
};
/// The nearest panel along the ray (its ground counts, not only cells that are shown). Device-free.
[[nodiscard]] std::optional<Hit> pick_panel(const Scene& scene, const Ray& ray);

}  // namespace gf::render
