// The legend: what the colours in this view mean, with scale and maximum.
#pragma once

#include <string>
#include <vector>

#include "app/scene/machine.h"
#include "renderer/camera.h"
#include "renderer/renderer.h"

namespace gf::exporting {

struct LegendRow {
  std::string title;      ///< "blocks.4.attn.hook_pattern" or "activations and weights"
  std::string low, high;  ///< at the bar's ends
  std::string detail;     ///< "largest 107 in blocks.5.hook_resid_post"
  render::ColorMap map = render::ColorMap::Signed;
};
/// One row for each tensor that fills the view where these are few, else one for each kind of scale. `focus`: a tensor
/// that gets a row of its own, the first.
[[nodiscard]] std::vector<LegendRow> legend_rows(const scene::MachineScene& scene, const render::Camera& camera, glm::vec2 size,
                                                 const scene::TensorRef* focus = nullptr);

/// What the legend covers of a picture's height, in logical pixels: in a narrow one its rows stand below each other.
[[nodiscard]] float legend_height(float picture_width, bool with_focus);

/// What stands in the lower left corner, or beside the legend.
struct Caption {
  std::string text;
  std::string moment;  ///< smaller, below it, in two lines at most: what a film's frame shows
  std::string widest;  ///< the widest moment of the film: the box keeps its size from frame to frame
};
/// ImGui calls that draw the rows in the lower right corner, and a caption in the lower left one. Sizes in logical pixels.
[[nodiscard]] render::Overlay legend_overlay(std::vector<LegendRow> rows, render::Theme theme, Caption caption);

}  // namespace gf::exporting
