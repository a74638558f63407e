// Where a board stands from which a camera is to read: a far camera, or one of a small picture, gets a larger board.
#pragma once

#include <optional>
#include <span>

#include "app/scene/scene_builder.h"
#include "app/scene/screen_box.h"
#include "app/scene/subject.h"
#include "renderer/camera.h"

namespace gf::scene {

/// Where a board may stand.
struct BoardRoom {
  ScreenBox free;                    ///< without what a sentence covers
  std::span<const ScreenBox> names;  ///< in it, which it leaves to be read where it can
  float letters = 1;                 ///< how much larger than usual its words are, where that covers no more
  std::optional<Subject> subject{};  ///< it may cover what is beside it, which is pale
};
/// A board as large as its words need to be read in this view, over or beside the board of `focus`: inside `room`, beside the cells that
/// are lit and the sheets that are marked, and over as little else as there is. `before`: its middle in the picture before, which it keeps
/// while that is not much worse, so that it doesn't jump while the camera moves. nullopt: its words can be read where it stands, or there
/// is no room for them.
[[nodiscard]] std::optional<ViewScene::Box> board_to_read(const ViewScene::Focus& focus, const ViewScene& scene,
                                                          const render::Projection& view, const BoardRoom& room,
                                                          const std::optional<glm::vec2>& before = {});

}  // namespace gf::scene
