// The names of a line's rows, seen from near: beside the rows where these are as high as letters, else in a list at the left, with a thread
// from each name to its row.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "app/scene/edge_names.h"
#include "app/scene/scene_builder.h"
#include "app/scene/screen_box.h"

namespace gf::scene {

struct RowFan {
  std::vector<std::size_t> readable;    ///< labels of the scene beside rows that are high enough
  std::vector<std::size_t> instead_of;  ///< labels of the scene in whose place the list stands
  std::vector<render::Label> names;     ///< from the first row to the last; as many as have room
  std::vector<int> rows;                ///< of the names
  std::optional<render::Label> note;    ///< says how many are left out
  std::vector<render::Line> threads;
  std::optional<render::Line> ground;  ///< behind names that stand on the line's band
  std::optional<ScreenBox> list;       ///< where the names stand
};
/// Of the line that the block in the middle stands on, where that block is much of the picture; of a head alone, of each line of its
/// sheets; of the Stream, of the plates over a block, where these are much of the picture. `row`: the one that is selected, which is always
/// named; -1: none.
[[nodiscard]] std::vector<RowFan> row_fans(const ViewScene& scene, const render::Camera& camera, const Pane& pane, const EdgeRoom& room,
                                           int row);
/// Of a plate beside which `names` leave out rows because these are lower than letters: a list that has more of them; nullopt: there is
/// none. It stands in place of the names of that plate's rows.
[[nodiscard]] std::optional<RowFan> fan_of_plate(const ViewScene& scene, std::span<const EdgeName> names, const render::Camera& camera,
                                                 const Pane& pane, const EdgeRoom& room, int row);

}  // namespace gf::scene
