// Cameras that show some parts of a scene together, as large as they can be read.
#pragma once

#include <optional>
#include <span>

#include "app/scene/scene_builder.h"

namespace gf::scene {

/// Of the Machine: the sheets of these cells' hooks, of a pattern that of the cell's head, and boxes, such as an operation's board.
/// `foot`: the share of the pane's height, from below, that stays free. nullopt: there is nothing of that.
[[nodiscard]] std::optional<render::Camera> close_up(const ViewScene& scene, std::span<const CellRef> parts,
                                                     std::span<const ViewScene::Box> boxes, const Pane& pane, float foot);
/// Of the Stream: the rectangle of tiles between these, with their words. nullopt: the scene has none of them.
[[nodiscard]] std::optional<render::Camera> close_up_of_tiles(const ViewScene& scene, std::span<const CellRef> tiles,
                                                              const ModelConfig& config, const Pane& pane, float foot);

}  // namespace gf::scene
