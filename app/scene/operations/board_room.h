// Where a board stands from which a camera is to read: a far camera, or one of a small picture, gets a larger board.
#pragma once

#include <optional>

#include "app/scene/edge_names.h"
#include "app/scene/scene_builder.h"

namespace gf::scene {

/// A board as large as its words need to be read in this view, over or beside the board of `focus`: inside `free`, beside the cells that
/// are lit and the sheets that are marked, and over as little else as there is. `before`: its middle in the picture before, which it keeps
/// while that is not much worse, so that it doesn't jump while the camera moves. nullopt: its words can be read where it stands, or there
/// is no room for them.
[[nodiscard]] std::optional<ViewScene::Box> board_to_read(const ViewScene::Focus& focus, const ViewScene& scene,
                                                          const render::Projection& view, const ScreenBox& free,
                                                          const std::optional<glm::vec2>& before = {});

}  // namespace gf::scene
