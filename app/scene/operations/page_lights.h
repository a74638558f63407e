// What of an operation is seen on the page itself: the cells that it reads and makes are lit, numbers move to their places, and rows
// fill up to where the work has come.
#pragma once

#include "app/scene/operations/show.h"

namespace gf::scene {

/// A board is nearer to the viewer than the page, what is drawn on it nearer still, and what moves to the page nearest.
inline constexpr float kBoardZ = -0.004F, kInkZ = -0.008F, kMoveZ = -0.012F;

/// Where the result stands on the board, from which it moves to its cell. `row`: the height of a row of words there.
struct ResultOnBoard {
  glm::vec3 at{0};
  float row = 0;
};
/// Adds the lights of a show to its drawing. `scene`: complete; it is not changed.
void light_page(const Show& show, const ViewScene& scene, const ModelConfig& config, const ResultOnBoard& result, ViewScene::Focus& out);

}  // namespace gf::scene
