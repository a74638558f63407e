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
/// Of the Machine: the work of an operation, so near that the rows of what it makes can be told apart: the sheets of `made`, and those of
/// its sources that leave it so large. nullopt: the scene does not show what is made.
[[nodiscard]] std::optional<render::Camera> close_up_of_work(const ViewScene& scene, HookId made, std::span<const HookId> sources,
                                                             const Pane& pane);
/// Of the Stream: the rectangle of tiles between these, with their words. nullopt: the scene has none of them.
[[nodiscard]] std::optional<render::Camera> close_up_of_tiles(const ViewScene& scene, std::span<const CellRef> tiles,
                                                              const ModelConfig& config, const Pane& pane, float foot);

}  // namespace gf::scene
