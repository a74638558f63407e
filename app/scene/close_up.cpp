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
