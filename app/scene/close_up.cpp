#include "app/scene/close_up.h"

#include <algorithm>

namespace gf::scene {
namespace {

struct CloseBounds {
  glm::vec3 low{1e9F}, high{-1e9F};
  void add(glm::vec3 a, glm::vec3 b) {
    low = glm::min(low, glm::min(a, b));
    high = glm::max(high, glm::max(a, b));
  }
  [[nodiscard]] bool empty() const { return low.x > high.x; }
};

/// The sheets themselves, without the shelves that lie behind them.
void add_sheets(CloseBounds& bounds, const ViewScene& scene, const CellRef& part) {
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    const PanelInfo& info = scene.panels[i];
    if (info.tensor != part.tensor || (info.head >= 0 && info.head != part.index[0])) continue;
    const render::Panel& panel = scene.scene->panels[i];
    bounds.add(panel.origin, panel.origin + panel.across + panel.down);
  }
}

render::Camera fitted(const CloseBounds& bounds, float yaw, float pitch, const Pane& pane, float foot) {
  constexpr float kAir = 1.05F;
  render::Camera camera;
  camera.yaw = yaw;
  camera.pitch = pitch;
  return render::fit(camera, bounds.low, bounds.high, pane.aspect(), kAir, std::max(foot, pane.foot));
}

}  // namespace

std::optional<render::Camera> close_up(const ViewScene& scene, std::span<const CellRef> parts, std::span<const ViewScene::Box> boxes,
                                       const Pane& pane, float foot) {
  CloseBounds bounds;
  for (const CellRef& part : parts) add_sheets(bounds, scene, part);
  for (const ViewScene::Box& box : boxes) bounds.add(box.low, box.high);
  if (bounds.empty()) return std::nullopt;
  constexpr float kNames = 0.2F;  // above a sheet stands its name, at its left are its tokens
  bounds.low -= glm::vec3(kNames, kNames, 0);
  return fitted(bounds, 0.05F, 0.14F, pane, foot);
}

std::optional<render::Camera> close_up_of_work(const ViewScene& scene, HookId made, std::span<const HookId> sources, const Pane& pane) {
  constexpr float kLeastRowPx = 9, kMostRowPx = 22, kLeastShare = 0.6F;  // of the height that a row has without the sources
  constexpr float kNames = 0.3F, kOver = 0.38F;                          // left of a sheet stand its tokens, above it its name and a board
  const auto first = std::ranges::find_if(scene.panels, [&](const PanelInfo& p) { return !p.tensor.is_weight() && p.tensor.hook == made; });
  if (first == scene.panels.end()) return std::nullopt;
  const render::Panel& sheet = scene.scene->panels[static_cast<std::size_t>(first - scene.panels.begin())];
  const auto row_px = [&](const render::Camera& camera) {
    const render::Projection view(camera, pane.size);
    return (view.pixel(sheet.origin + sheet.down).y - view.pixel(sheet.origin).y) / static_cast<float>(first->rows);
  };
  const auto look = [&](CloseBounds bounds) {
    bounds.low -= glm::vec3(kNames, kOver, 0);
    return fitted(bounds, 0.05F, 0.14F, pane, 0);
  };
  const auto with = [&](CloseBounds bounds, HookId hook) {
    for (std::size_t i = 0; i < scene.panels.size(); ++i) {
      if (scene.panels[i].tensor.is_weight() || scene.panels[i].tensor.hook != hook) continue;
      const render::Panel& panel = scene.scene->panels[i];
      bounds.add(panel.origin, panel.origin + panel.across + panel.down);
    }
    return bounds;
  };
  CloseBounds bounds = with({}, made);
  render::Camera camera = look(bounds);
  const float least = std::min(kLeastRowPx * pane.presentation, kLeastShare * row_px(camera));
  for (const HookId source : sources) {
    const CloseBounds more = with(bounds, source);
    const render::Camera farther = look(more);
    if (row_px(farther) < least) continue;
    bounds = more;
    camera = farther;
  }
  camera.distance *= std::max(1.0F, row_px(camera) / (kMostRowPx * pane.presentation));
  return camera;
}

std::optional<render::Camera> close_up_of_tiles(const ViewScene& scene, std::span<const CellRef> tiles, const ModelConfig& config,
                                                const Pane& pane, float foot) {
  CloseBounds bounds;
  for (const CellRef& tile : tiles)
    if (const auto place = scene.find(tile, config)) bounds.add(place->center, place->center);
  if (bounds.empty()) return std::nullopt;
  // Room for the tokens at the left, half a row, and the last words.
  constexpr float kTokens = 1.4F, kRow = 1.0F, kWords = 0.3F;
  const float wide = bounds.high.x - bounds.low.x;
  bounds.low -= glm::vec3(kTokens, kRow, 0);
  bounds.high += glm::vec3(std::max(1.0F, kWords * wide), kRow, 0);
  // Where the pane is higher than these, the rows above them stand there too.
  const float free = 1 - std::max(foot, pane.foot);
  const float first = scene.blocks.empty() ? bounds.low.y : scene.blocks.front().low.y;
  bounds.low.y = std::min(bounds.low.y, std::max(first - kRow, bounds.high.y - (bounds.high.x - bounds.low.x) / pane.aspect() * free));
  return fitted(bounds, 0, 0, pane, foot);
}

}  // namespace gf::scene
