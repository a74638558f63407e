// Labels that only a near camera shows: numbers inside cells, token texts beside rows.
#pragma once

#include <vector>

#include "app/scene/scene_builder.h"

namespace gf::scene {

/// Labels for a view: numbers in cells of 28 px and more, each row's token at the left of sheets whose rows are tall
/// enough. The view's size is in logical pixels; `presentation` scales the letters where there is room. Append them to the scene before it
/// is drawn. `without_rows`: a panel whose rows are named elsewhere. At most about 3,000, in the order of the panels.
[[nodiscard]] std::vector<render::Label> cell_labels(const ViewScene& scene, const render::Projection& view, float presentation = 1,
                                                     int without_rows = -1);
/// Rows of at least so many pixels have their tokens beside them.
inline constexpr float kTokenRowPx = 12;
/// Pixels that the names of rows need beside a sheet, in letters of the usual size.
inline constexpr float kLeastOfName = 36;
/// From the left side of a panel to the next one beside it, in world units. A LayerNorm's scales are too narrow to count.
[[nodiscard]] float room_left_of(const render::Panel& panel, const std::vector<render::Panel>& all);
/// From the edge of a panel that a step marks to the frame round it, in world units; 0 where it is not marked. Names of its rows and keys
/// stand outside that frame.
[[nodiscard]] float air_of_mark(const render::Panel& panel);

}  // namespace gf::scene
