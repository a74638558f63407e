// Where one is: the path to what the view shows, and a small map of the page. Each step of the path and each place of the map leads
// to a camera. Only the window has them: a picture or a film cannot be clicked, and its caption says what it shows.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "app/scene/map_place.h"
#include "app/scene/scene_builder.h"
#include "app/scene/screen_box.h"
#include "renderer/camera.h"

namespace gf::scene {

/// A step of the path, such as "block 5", with its camera's name as SceneBuilder::camera() and --camera take it.
struct PathStep {
  std::string text, camera;
  ScreenBox box = {};
  friend bool operator==(const PathStep&, const PathStep&) = default;
};
/// A block of the model on the map, or one of the model's ends.
struct MapPlace {
  ScreenBox box;
  std::string camera;
  std::string number;  ///< of the block; empty at the ends and where it has no room
  bool here = false;   ///< what the path names is part of it
};

struct Guides {
  ScreenBox bar;  ///< behind the path
  std::vector<PathStep> path;
  std::size_t block = 0;  ///< what the path names, as ViewScene::blocks counts
  ScreenBox map;
  MapCorner corner = MapCorner::LowerLeft;  ///< of the map
  std::vector<MapPlace> places;             ///< blocks and ends on the map; empty where no map is shown
  std::array<glm::vec2, 4> seen{};          ///< the corners of the view on the map; they may lie outside it
  float map_unit = 1;                       ///< a unit of the page in pixels of the map
  float letters = 1;                        ///< how much larger than usual
  /// What they cover.
  [[nodiscard]] std::vector<ScreenBox> boxes() const;
  [[nodiscard]] bool covers(glm::vec2 at) const;
  /// The camera that a click there flies to; empty: none.
  [[nodiscard]] std::string link_at(glm::vec2 at) const;
  [[nodiscard]] bool on_map(glm::vec2 at) const { return !places.empty() && map.contains(at); }
  /// The same, so far to the right: of a half of the picture.
  [[nodiscard]] Guides shifted(float by) const;
};
/// The camera after a drag on the map: what is seen moves by as much of the page as the pointer moved on the map.
[[nodiscard]] render::Camera moved_on_map(const Guides& guides, render::Camera camera, glm::vec2 drag_px);

/// Whether the pane has little height, so that the path's bar is flat and the title of what is seen stands beside it, not below it.
[[nodiscard]] bool pane_is_low(const Pane& pane);
/// Whether a pane has room for the path, and where the path ends below the pane's upper edge. `tiles`: of a view of tiles.
[[nodiscard]] bool path_is_shown(const Pane& pane, bool tiles = false);
[[nodiscard]] float path_height(const Pane& pane);

inline constexpr float kPathPx = 12.5F, kMapPx = 9.5F;  ///< letters, before they are scaled

/// The steps from the whole model to what fills the view; only the whole where all of the page is in the view. Without boxes.
[[nodiscard]] std::vector<PathStep> path_to(const ViewScene& scene, const render::Camera& camera, const Pane& pane, const SceneInput& input,
                                            View view);
/// Index in ViewScene::blocks of what the middle of the view belongs to. The scene has blocks.
[[nodiscard]] std::size_t block_in_middle(const ViewScene& scene, const render::Camera& camera, const Pane& pane);
/// The path, without a map. Empty where all of the page is in the view, or where the pane has no room for it.
[[nodiscard]] Guides path_over(const ViewScene& scene, const render::Camera& camera, const Pane& pane, const SceneInput& input, View view);
/// Adds a map to the guides. It adds none where the guides have no path, where the pane is too small, or where place_of_map() finds no
/// free corner.
void add_map(Guides& guides, const ViewScene& scene, const render::Camera& camera, const Pane& pane, const SceneInput& input,
             const ShownBesides& besides = {}, const std::optional<MapBefore>& before = {});

}  // namespace gf::scene
