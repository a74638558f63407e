// Names of the rows and columns of one sheet. Where the sheet reaches beyond the picture they stay at its edges, as the frozen
// panes of a spreadsheet do. Window, pictures and films have them alike.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/scene/scene_builder.h"
#include "renderer/camera.h"

namespace gf::scene {

/// A rectangle on the screen, in logical pixels.
struct ScreenBox {
  glm::vec2 low{0}, high{0};
  [[nodiscard]] bool contains(glm::vec2 at) const { return at.x >= low.x && at.y >= low.y && at.x < high.x && at.y < high.y; }
  [[nodiscard]] bool meets(const ScreenBox& other) const {
    return low.x < other.high.x && other.low.x < high.x && low.y < other.high.y && other.low.y < high.y;
  }
  friend bool operator==(const ScreenBox&, const ScreenBox&) = default;
};

/// What the rows of a sheet are, or its columns. `first`: the number of the first one, counted from 0.
struct SheetAxis {
  enum class Kind : std::uint8_t {
    None,       ///< they have no names, such as those of a folded vector
    Position,   ///< named by the run's tokens
    Dimension,  ///< of the residual stream
    OfHeads,    ///< dimensions of one head after the other
    Neuron,
    Word  ///< named by the vocabulary's tokens
  } kind = Kind::None;
  int first = 0;
  friend bool operator==(const SheetAxis&, const SheetAxis&) = default;
};
struct SheetAxes {
  SheetAxis rows, cols;
};
[[nodiscard]] SheetAxes axes_of(const PanelInfo& info, const ModelConfig& config);

/// The sheet that is named.
struct SheetInFocus {
  int panel = -1;                       ///< -1: none
  std::optional<glm::ivec2> cell = {};  ///< row and column that stand out
  bool pointed = false;                 ///< the pointer is there
  friend bool operator==(const SheetInFocus&, const SheetInFocus&) = default;
};
/// The sheet in the middle of the view, or the one next to it; -1: none is in the view. Narrow strips do not count.
[[nodiscard]] int sheet_in_middle(const ViewScene& scene, const render::Camera& camera, const Pane& pane);

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
};
/// Those of the sheet in focus, and the keys below other patterns. No two of them overlap, and none meets what is taken. Empty where
/// sheets are too small for names.
[[nodiscard]] std::vector<EdgeName> edge_names(const ViewScene& scene, const SceneInput& input, const SheetInFocus& focus,
                                               const render::Projection& view, glm::vec3 target, const EdgeRoom& room);

}  // namespace gf::scene
