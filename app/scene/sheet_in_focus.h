// Which sheet a view is about: the one whose rows and columns are named at the picture's edges.
#pragma once

#include <optional>

#include "app/scene/scene_builder.h"
#include "renderer/camera.h"

namespace gf::scene {

/// The sheet that is named.
struct SheetInFocus {
  int panel = -1;                       ///< -1: none
  std::optional<glm::ivec2> cell = {};  ///< row and column that stand out
  bool pointed = false;                 ///< the pointer is there
  friend bool operator==(const SheetInFocus&, const SheetInFocus&) = default;
};
/// The sheet in the middle of the view, or the one next to it; -1: none is in the view. Narrow strips do not count.
[[nodiscard]] int sheet_in_middle(const ViewScene& scene, const render::Camera& camera, const Pane& pane);

}  // namespace gf::scene
