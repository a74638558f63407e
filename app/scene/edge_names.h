// Names of the rows and columns of one sheet. Where the sheet reaches beyond the picture they stay at its edges, as the frozen
// panes of a spreadsheet do. Window, pictures and films have them alike.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/scene/scene_builder.h"
#include "app/scene/screen_box.h"
#include "app/scene/sheet_in_focus.h"
#include "renderer/camera.h"

namespace gf::scene {

/// Where names may stand.
struct EdgeRoom {
  ScreenBox free;                ///< the picture without what covers its upper and lower edge
  std::vector<ScreenBox> taken;  ///< in it
  float letters = 1;             ///< how much larger than usual
};

/// A name of a row or a column, and the label that says it.
struct EdgeName {
  render::Label label;
  ScreenBox box;  ///< of the label, its tag included
  int panel = -1;
  bool of_row = true;  ///< false: of a column
  int index = 0;       ///< of the row or column in the panel
  int count = 1;       ///< a head's name stands over so many columns
  int left_out = 0;    ///< n > 0: not a name, but a note that one row or key in n is named
};
/// Those of the sheet in focus, and the keys below other patterns. No two of them overlap, and none meets what is taken. Empty where
/// sheets are too small for names.
[[nodiscard]] std::vector<EdgeName> edge_names(const ViewScene& scene, const SceneInput& input, const SheetInFocus& focus,
                                               const render::Projection& view, glm::vec3 target, const EdgeRoom& room);
/// Whether none of these names meets what is taken: then a room in which that is taken as well has the same names.
[[nodiscard]] bool stand_beside(std::span<const EdgeName> names, std::span<const ScreenBox> taken);

}  // namespace gf::scene
