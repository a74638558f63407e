#include "app/scene/sheet_in_focus.h"

#include <limits>

#include "renderer/visible_panels.h"

namespace gf::scene {
namespace {

bool is_narrow_strip(const PanelInfo& info) {
  return info.role == PanelInfo::Role::Statistic || info.role == PanelInfo::Role::Lit || info.mapping == PanelInfo::Mapping::Terms ||
         (info.tensor.is_weight() && info.mapping == PanelInfo::Mapping::Folded);
}

}  // namespace

int sheet_in_middle(const ViewScene& scene, const render::Camera& camera, const Pane& pane) {
  const glm::vec2 middle{pane.size.x / 2, pane.size.y * (1 - pane.foot) / 2};
  const auto hit = render::pick_panel(*scene.scene, render::ray_through(camera, middle, pane.size));
  if (hit && !is_narrow_strip(scene.panels[static_cast<std::size_t>(hit->panel)])) return hit->panel;
  int nearest = -1;
  float least = std::numeric_limits<float>::max();
  for (const render::PanelView& seen : render::visible_panels(*scene.scene, camera, pane.size)) {
    if (is_narrow_strip(scene.panels[static_cast<std::size_t>(seen.panel)])) continue;
    const float away = glm::length(middle - glm::clamp(middle, seen.low, seen.high));
    if (away < least) least = away, nearest = seen.panel;
  }
  return nearest;
}

}  // namespace gf::scene
