// The legend and the caption as they are drawn: in the lower right corner, and in the lower left one.
#pragma once

#include <string>
#include <vector>

#include "app/scene/legend.h"
#include "renderer/renderer.h"

namespace gf::exporting {

/// What stands in the lower left corner, or beside the legend.
struct Caption {
  std::string text;
  std::string moment;  ///< smaller, below it, in two lines at most: what a film's frame shows
  std::string widest;  ///< the widest moment of the film: the box keeps its size from frame to frame
};
/// Draws rows and caption behind everything else; within a frame of ImGui. `scale` is that of the letters.
void draw_legend(const std::vector<scene::LegendRow>& rows, render::Theme theme, const Caption& caption, float scale = 1);
/// The same as an overlay of its own.
[[nodiscard]] render::Overlay legend_overlay(std::vector<scene::LegendRow> rows, render::Theme theme, Caption caption);

}  // namespace gf::exporting
