#include "app/scene/framed.h"

#include <algorithm>
#include <limits>

namespace gf::scene {
namespace {

glm::vec2 extent_of(const render::Panel& panel) { return {glm::length(panel.across), glm::length(panel.down)}; }

/// The cell at this row and column; where there is none (a masked cell, the gap between two tiles), one nearby.
std::optional<CellRef> cell_near(const PanelInfo& info, int row, int col, const ModelConfig& config) {
  if (const auto cell = info.cell(row, col, config)) return cell;
  if (info.mapping == PanelInfo::Mapping::Causal) return info.cell(row, std::min(row, col), config);
  if (info.mapping == PanelInfo::Mapping::Stacked) row -= row % info.pitch;
  return info.cell(row, 0, config);
}

/// The cell whose panel comes nearest to a point.
std::optional<CellRef> cell_next_to(glm::vec3 point, const ViewScene& scene, const ModelConfig& config) {
  std::optional<CellRef> nearest;
  float least = std::numeric_limits<float>::max();
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    const render::Panel& panel = scene.scene->panels[i];
    const PanelInfo& info = scene.panels[i];
    const auto share = [&](glm::vec3 edge) { return std::clamp(glm::dot(point - panel.origin, edge) / glm::dot(edge, edge), 0.0F, 1.0F); };
    const float s = share(panel.across), t = share(panel.down);
    const float distance = glm::length(panel.origin + panel.across * s + panel.down * t - point);
    if (!(distance < least)) continue;
    const auto index = [](float at, int count) { return std::min(static_cast<int>(at * static_cast<float>(count)), count - 1); };
    const auto cell = cell_near(info, index(t, info.rows), index(s, info.cols), config);
    if (!cell) continue;
    nearest = cell;
    least = distance;
  }
  return nearest;
}

}  // namespace

std::optional<Framed> framed_by(const render::Camera& camera, const ViewScene& scene, const Pane& pane, const ModelConfig& config) {
  const auto hit = render::pick_panel(*scene.scene, render::ray_through(camera, pane.size / 2.0F, pane.size));
  auto cell = hit ? cell_near(scene.panels[static_cast<std::size_t>(hit->panel)], hit->row, hit->col, config) : std::nullopt;
  if (!cell) cell = cell_next_to(camera.target, scene, config);
  const auto place = cell ? scene.find(*cell, config) : std::nullopt;
  if (!place) return std::nullopt;
  return Framed{camera, pane.aspect(), *cell, place->center, extent_of(scene.scene->panels[static_cast<std::size_t>(place->panel)])};
}

render::Camera camera_for(const Framed& framed, const ViewScene& scene, const Pane& pane, const ModelConfig& config) {
  render::Camera camera = framed.camera;
  glm::vec2 grown{1};
  const auto place = scene.find(framed.cell, config);
  if (place) grown = extent_of(scene.scene->panels[static_cast<std::size_t>(place->panel)]) / framed.extent;
  const bool moved = place && (place->center != framed.at || grown != glm::vec2(1));
  if (moved) camera.target = place->center + (framed.camera.target - framed.at) * glm::vec3(grown, 1);
  // The same height as before, or more of it where the pane is narrower.
  const float farther = std::max(grown.y, grown.x * framed.aspect / pane.aspect());
  if (farther != 1) camera.distance *= farther;
  return camera;
}

}  // namespace gf::scene
