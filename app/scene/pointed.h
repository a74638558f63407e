// What a pixel shows besides the cells of panels: a word, a ribbon, or the board of the operation at work.
#pragma once

#include <optional>
#include <string>

#include "app/scene/scene_builder.h"
#include "renderer/camera.h"

namespace gf::scene {

/// The cell that a word or a ribbon stands for, and where it was met.
struct Pointed {
  CellRef cell;
  glm::vec3 point{0};
  std::string words = {};  ///< of a word
};

/// A word, else a ribbon. Only what has a meaning is found: see ViewScene::meanings. `pixel` and `size` in logical pixels.
[[nodiscard]] std::optional<Pointed> pointed_at(const ViewScene& shown, const render::Camera& camera, glm::vec2 size, glm::vec2 pixel);
/// The board of an operation at work, which lies over the page.
[[nodiscard]] std::optional<Pointed> on_board(const ViewScene::Focus& board, const render::Camera& camera, glm::vec2 size, glm::vec2 pixel);

/// The first cell of the row that a hook has at a position, of one head where it has heads: what a name or a ribbon of it stands for.
[[nodiscard]] CellRef first_cell(HookId hook, int position, int head = 0);
/// A place on a ribbon's edge at s in [0, 1]: the cubic with its two ends and slopes.
[[nodiscard]] glm::vec3 ribbon_point(const render::Ribbon& ribbon, float s, bool second);

}  // namespace gf::scene
