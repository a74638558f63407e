// Draws the caption in the lower left corner, and the legend in the lower right one or in a corner where it hides nothing of importance.
#pragma once

#include <string>
#include <vector>

#include "app/scene/legend.h"
#include "renderer/renderer.h"

namespace gf::exporting {

/// The words in the lower left corner, or beside the legend.
struct Caption {
  std::string text;
  std::string moment;   ///< of a film's frame: smaller, below the text, in two lines at most
  std::string widest;   ///< the widest moment of the film: the box keeps its size from frame to frame
  bool spoken = false;  ///< a sentence to be read with the picture: larger, in the middle of the foot, which the camera leaves free
  float veil = 0;       ///< the share of the picture below it that the ground hides, where one page goes and another comes
};
/// Draws rows and caption behind everything else; within a frame of ImGui. `scale` is that of the letters.
void draw_legend(const std::vector<scene::LegendRow>& rows, render::Theme theme, const Caption& caption, float scale = 1,
                 const scene::LegendRoom& room = {});
/// draw_legend() as an overlay.
[[nodiscard]] render::Overlay legend_overlay(std::vector<scene::LegendRow> rows, render::Theme theme, Caption caption, float scale = 1,
                                             scene::LegendRoom room = {});

}  // namespace gf::exporting
