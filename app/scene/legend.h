// The rows of the legend, which says what the colours in a view mean, with scale and maximum. app/export draws them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "app/scene/scene_builder.h"
#include "app/scene/screen_box.h"
#include "app/scene/side_heading.h"
#include "renderer/camera.h"

namespace gf::scene {

struct LegendRow {
  std::string title;      ///< "q, block 4" or "activations and weights"
  std::string low, high;  ///< at the bar's ends; both empty: the row has no bar
  std::string detail;     ///< "largest 107 in stream after the block, block 5"
  render::ColorMap map = render::ColorMap::Signed;
  friend bool operator==(const LegendRow&, const LegendRow&) = default;
};
/// One row for each tensor in the view where these are few, else one row for each colour map. The tensor `focus` gets the
/// first row, in place of the row with the smallest area. A pane whose legend_rows is less than usual gets so many rows: those
/// with the smallest areas are left out.
[[nodiscard]] std::vector<LegendRow> legend_rows(const ViewScene& scene, const render::Camera& camera, const Pane& pane,
                                                 const TensorRef* focus = nullptr);

inline constexpr float kLegendMargin = 12;  ///< to the picture's edge, in logical pixels
/// The share of a pane's height that the legend covers. In a narrow pane the rows stand below each other.
[[nodiscard]] float legend_share(const Pane& pane);
/// The parts of a picture that the legend must not cover.
struct LegendRoom {
  float foot_px = 1e9F;           ///< height at the picture's foot that cameras keep free for it
  std::vector<ScreenBox> spoken;  ///< marked sheets, the cell in focus, an operation's numbers, path and map
  /// Where the line of a split is, as a share of the picture's width: the legend says that base is left of it; none: no split.
  std::optional<float> split{};
  /// Two scenes stand beside each other: what each is. Foot and boxes are those of the right half, in which the legend stands.
  std::optional<std::array<SideHeading, 2>> halves{};
};
/// Where a legend of this size stands: in the lower right corner, or, if it would cover one of the boxes there, in the corner where it
/// covers least of them. `left`: the left corners are free too.
[[nodiscard]] ScreenBox legend_corner(glm::vec2 extent, glm::vec2 screen, const std::vector<ScreenBox>& spoken, bool left);
/// How many rows, 0 to 3, cover at most a quarter of the pane's height, or a little more where that is one line.
[[nodiscard]] int legend_rows_for(const Pane& pane);

/// A tensor's name for people to read: "q, block 4", "W_O, block 4", "token embedding".
[[nodiscard]] std::string plain_name(const TensorRef& tensor);
/// The short name over its sheet, where the block is clear from the place: "q", "after GELU", "W_O".
[[nodiscard]] std::string sheet_name(const TensorRef& tensor, const ModelConfig& config);
/// Where a tensor stands: its block, -1 for the model's ends, and the part of it. nullopt: an unknown weight.
struct TensorPlace {
  int layer = -1;
  HookPlace place = HookPlace::Embedding;
};
[[nodiscard]] std::optional<TensorPlace> place_of(const TensorRef& tensor);

}  // namespace gf::scene
