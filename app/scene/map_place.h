// Chooses the corner of the picture for the map. The map never covers plates, boards, words of the Stream's tiles, or the names of rows,
// columns and sheets of the block that the camera looks at.
#pragma once

#include <optional>
#include <vector>

#include "app/scene/scene_builder.h"
#include "app/scene/screen_box.h"
#include "app/scene/subject.h"
#include "renderer/camera.h"

namespace gf::scene {

/// What the picture shows in addition to the scene itself; the map keeps off it.
struct ShownBesides {
  std::vector<ScreenBox> boards;        ///< of the operation at work
  std::vector<ScreenBox> names;         ///< of rows and columns of the sheet in focus and of the lines
  std::vector<ScreenBox> keys;          ///< below the other patterns
  std::optional<Subject> subject = {};  ///< what is beside it is pale, and may be covered
};
/// The corners in the order in which they are tried.
enum class MapCorner : std::uint8_t { LowerLeft, UpperRight, LowerRight, UpperLeft };
/// Where the map stood in the frame before.
struct MapBefore {
  MapCorner corner = MapCorner::LowerLeft;
  bool moving = false;  ///< the camera is on its way, maybe by a drag on the map: it stays there, if no board does
};
struct MapPosition {
  MapCorner corner = MapCorner::LowerLeft;
  ScreenBox box;
};
/// `path`: the bar of the path. `before`: it stays there where it can, so that it doesn't jump under the pointer or while the pass plays.
/// nullopt: in each corner the map would cover a plate, a board, or a name that would be missing.
[[nodiscard]] std::optional<MapPosition> place_of_map(glm::vec2 extent, const ViewScene& scene, const render::Camera& camera,
                                                      const Pane& pane, const ScreenBox& path, const ShownBesides& besides,
                                                      const std::optional<MapBefore>& before);

}  // namespace gf::scene
