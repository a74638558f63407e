// Draws what an operation is seen as: its numbers on a board that stands in an empty part of the page, and lights on the cells
// that it reads and makes. Pure geometry: the same show in the same scene gives the same drawing.
#pragma once

#include <span>

#include "app/scene/machine/layout.h"
#include "app/scene/operations/show.h"

namespace gf::scene {

/// The height of a board's letters in the world.
[[nodiscard]] float letters_of(const ViewScene::Box& board);
/// The extent of a board with letters of this height whose lines stand below its bars, so that it is about as high as wide.
[[nodiscard]] glm::vec2 tall_board(float letters);

/// The drawing of a show in a scene of the Machine. `scene`: complete; it is not changed.
[[nodiscard]] std::shared_ptr<const ViewScene::Focus> draw_show(const Show& show, const ViewScene& scene, const ViewScene::Box& board,
                                                                const ModelConfig& config, float presentation);
/// The board of the operation that fills a hook, or of the choice of the next token.
/// `boards`: those of a scene of the Machine.
[[nodiscard]] const ViewScene::Box& board_of(std::span<const ViewScene::Box> boards, const Op& op, const ModelConfig& config);

/// Whether a camera is near enough for the bars on the board to be told apart. Its words need a nearer one. A camera that sees what is
/// made, and not the board's place, is near enough too: the board comes to it (board_room.h).
[[nodiscard]] bool reads(const ViewScene::Focus& focus, const render::Projection& view);
/// The scene with the drawing in it.
[[nodiscard]] ViewScene with_focus(const ViewScene& scene, const ViewScene::Focus& focus);

}  // namespace gf::scene
