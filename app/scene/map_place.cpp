#include "app/scene/map_place.h"

#include <algorithm>
#include <set>

#include "app/scene/cards/cell_numbers.h"
#include "app/scene/guides.h"
#include "app/scene/label_box.h"
#include "app/scene/placed_names.h"
#include "app/scene/seen_sheet.h"
#include "renderer/labels.h"

namespace gf::scene {
namespace {

/// What the map would cover.
class Below {
 public:
  Below(const ViewScene& scene, const render::Camera& camera, const Pane& pane, const ShownBesides& besides)
      : scene_(scene), view_(camera, pane.size), letters_(pane.presentation), besides_(besides) {
    const std::vector<std::size_t> early = early_sheet_names(scene, camera, pane);
    early_ = {early.begin(), early.end()};
    if (!scene.blocks.empty()) block_ = scene.blocks[block_in_middle(scene, camera, pane)];
    for (std::size_t i = 0; i < scene.panels.size(); ++i) {
      const PanelInfo& info = scene.panels[i];
      const render::Panel& panel = scene.scene->panels[i];
      if (is_pale(panel)) continue;
      if (info.mapping == PanelInfo::Mapping::Causal) add_plate(info, panel);
      else if (!info.tensor.is_weight() && is_here(panel.origin))
        if (const auto box = sheet_on_screen(panel, view_)) others_.push_back(*box);
    }
  }

  /// Whether it covers a board, or what would be missing then.
  [[nodiscard]] bool covers_board(const ScreenBox& map) const { return meets_any(besides_.boards, map); }
  [[nodiscard]] bool covers_much(const ScreenBox& map) const {
    if (meets_any(plates_, map) || meets_any(besides_.names, map)) return true;
    const auto lies_below = [&](const std::vector<std::size_t>& names, glm::bvec2 stays) {
      return std::ranges::any_of(names, [&](std::size_t index) { return is_below(index, map, stays); });
    };
    // Names of rows and columns stay at the picture's edges.
    if (lies_below(scene_.row_names, {true, false}) || lies_below(scene_.column_names, {false, true})) return true;
    if (lies_below(scene_.token_names, {false, false}) || lies_below(scene_.answers, {false, false})) return true;
    // What the Stream's tiles say, the answer among it.
    if (std::ranges::any_of(scene_.rooms, [&](const auto& word) { return is_below(word.first, map, {false, false}); })) return true;
    return std::ranges::any_of(scene_.sheet_names,
                               [&](std::size_t i) { return is_here(scene_.scene->labels[i].anchor) && is_below(i, map, {false, false}); });
  }
  /// How much else it covers: small plates and other sheets of the block, names of other blocks, labels that are moved off it.
  [[nodiscard]] int others(const ScreenBox& map) const {
    auto sum = std::ranges::count_if(others_, [&](const ScreenBox& sheet) { return sheet.meets(map); });
    sum += std::ranges::count_if(besides_.keys, [&](const ScreenBox& key) { return key.meets(map); });
    for (const auto* names : {&scene_.sheet_names, &scene_.kept_whole})
      sum += std::ranges::count_if(*names, [&](std::size_t index) { return is_below(index, map, {false, false}); });
    return static_cast<int>(sum);
  }

 private:
  static bool meets_any(const std::vector<ScreenBox>& boxes, const ScreenBox& map) {
    return std::ranges::any_of(boxes, [&](const ScreenBox& box) { return box.meets(map); });
  }

  /// With the names beside its rows and below its columns.
  void add_plate(const PanelInfo& info, const render::Panel& plate) {
    constexpr float kSmall = 24, kRowsPx = 60, kKeysPx = 22;
    auto box = sheet_on_screen(plate, view_);
    if (!box) return;
    const float high = box->high.y - box->low.y;
    if (high >= kTokenRowPx * static_cast<float>(info.rows)) {
      box->low.x -= kRowsPx * letters_;
      box->high.y += kKeysPx * letters_;
    }
    (high < kSmall ? others_ : plates_).push_back(*box);
  }

  /// Of the block in the middle, or of all there is.
  [[nodiscard]] bool is_here(glm::vec3 at) const {
    if (!block_) return true;
    return at.x >= block_->low.x && at.x <= block_->high.x && at.y >= block_->low.y && at.y <= block_->high.y;
  }
  /// Whether a place or a sheet is pale.
  template <class Part>
  [[nodiscard]] bool is_pale(const Part& part) const {
    return besides_.subject && !besides_.subject->has(part);
  }
  [[nodiscard]] bool is_below(std::size_t index, const ScreenBox& map, glm::bvec2 stays) const {
    const render::Label& label = scene_.scene->labels[index];
    if (!stays.x && is_pale(label.anchor)) return false;
    const glm::vec3 at = view_.pixel(label.anchor) + glm::vec3(label.offset_px, 0);
    // Letters are only measured where they may reach the map.
    constexpr float kReach = 300;
    const ScreenBox near{map.low - kReach, map.high + kReach};
    if (at.z <= 0 || label.alpha <= 0 || !near.contains(glm::max(glm::vec2(at), glm::vec2(stays) * map.low))) return false;
    const float px = std::max(render::label_px(label, view_), early_.contains(index) ? label.min_px : 0);
    if (px <= 0) return false;
    const ScreenBox box = box_of_label(label, label.text, glm::vec2(at), px);
    return shifted(box, glm::max(glm::vec2(0), -box.low) * glm::vec2(stays)).meets(map);
  }

  const ViewScene& scene_;
  render::Projection view_;
  float letters_;
  const ShownBesides& besides_;
  std::set<std::size_t> early_;
  std::optional<ViewScene::Box> block_;
  std::vector<ScreenBox> plates_, others_;
};

}  // namespace

std::optional<MapPosition> place_of_map(glm::vec2 extent, const ViewScene& scene, const render::Camera& camera, const Pane& pane,
                                        const ScreenBox& path, const ShownBesides& besides, const std::optional<MapBefore>& before) {
  const float s = pane.presentation, margin = 12 * s, right = pane.size.x - margin - extent.x;
  // At the left beside the legend where both have room, else above it.
  constexpr float kLegendAndMap = 1100;
  const float legend = std::max(pane.foot * pane.size.y, margin), foot = pane.size.x < kLegendAndMap * s ? legend : margin;
  const float below_path = path.high.y + margin, top = path.high.x + margin > right ? below_path : margin;
  const auto at = [&](MapCorner corner) {
    switch (corner) {
      case MapCorner::LowerLeft: return glm::vec2(margin, pane.size.y - foot - extent.y);
      case MapCorner::UpperRight: return glm::vec2(right, top);
      case MapCorner::LowerRight: return glm::vec2(right, pane.size.y - legend - extent.y);
      case MapCorner::UpperLeft: break;
    }
    return glm::vec2(margin, below_path);
  };
  const auto position = [&](MapCorner corner) { return MapPosition{corner, {at(corner), at(corner) + extent}}; };
  const Below below(scene, camera, pane, besides);
  if (before) {
    const MapPosition there = position(before->corner);
    if (!below.covers_board(there.box) && (before->moving || !below.covers_much(there.box))) return there;
  }
  std::optional<MapPosition> best;
  int least = 0;
  for (const MapCorner corner : {MapCorner::LowerLeft, MapCorner::UpperRight, MapCorner::LowerRight, MapCorner::UpperLeft}) {
    const MapPosition map = position(corner);
    if (below.covers_board(map.box) || below.covers_much(map.box)) continue;
    const int others = below.others(map.box);
    if (!best || others < least) best = map, least = others;
  }
  return best;
}

}  // namespace gf::scene
