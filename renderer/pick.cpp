#include "renderer/pick.h"

#include <algorithm>
#include <cmath>

namespace gf::render {

std::optional<Hit> pick_panel(const Scene& scene, const Ray& ray) {
  std::optional<Hit> best;
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    const Panel& p = scene.panels[i];
    if (p.source == nullptr || p.alpha <= 0) continue;
    // origin + u across + v down = ray.origin + t direction, by Cramer's rule (Moller and Trumbore 1997).
    const glm::vec3 normal = glm::cross(ray.direction, p.down);
    const float det = glm::dot(p.across, normal);
    if (std::abs(det) < 1e-12F) continue;
    const glm::vec3 from = ray.origin - p.origin;
    const float u = glm::dot(from, normal) / det;
    const glm::vec3 q = glm::cross(from, p.across);
    const float v = glm::dot(ray.direction, q) / det;
    const float t = glm::dot(p.down, q) / det;
    if (u < 0 || u >= 1 || v < 0 || v >= 1 || t <= 0 || (best && t >= best->distance)) continue;
    const int row = std::min(static_cast<int>(v * static_cast<float>(p.source->rows())), p.source->rows() - 1);
    const int col = std::min(static_cast<int>(u * static_cast<float>(p.source->cols())), p.source->cols() - 1);
    best = Hit{static_cast<int>(i), row, col, t, ray.origin + ray.direction * t};
  }
  return best;
}

}  // namespace gf::render
