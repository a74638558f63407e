// The rectangles and texts of the legend and the caption, for ImGui and for SVG.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/export/legend.h"
#include "app/scene/legend_shape.h"

namespace gf::exporting {

/// A rectangle, or a text whose upper left corner is `low`. Logical pixels.
struct Mark {
  glm::vec2 low{0}, high{0};
  render::Color color{0};
  float radius = 0;
  bool outlined = false;  ///< only the rectangle's border, a pixel wide
  std::string text;       ///< not empty: a text
  float size = 0;         ///< of its lines
  float wrap = 0;         ///< > 0: its lines are no wider
};

using scene::MeasureText;

/// In the order in which they are painted. A legend that is higher than its room at the foot loses its details, then its last rows. `line`:
/// the size of a line of the overlay's usual text.
[[nodiscard]] std::vector<Mark> legend_marks(const std::vector<scene::LegendRow>& rows, const Caption& caption, render::Theme theme,
                                             glm::vec2 screen, float line, const MeasureText& measure, const scene::LegendRoom& room = {});

/// Words broken into lines as render::lines_within() does it, none wider than `wrap` (> 0), in the letters of labels: `em` is their size.
[[nodiscard]] std::vector<std::string> lines_in_letters(const std::string& text, float em, float wrap);
/// How wide and high such lines are. It can be passed as the MeasureText of legend_marks() where ImGui does not run, as for SVG.
[[nodiscard]] glm::vec2 measured_in_letters(const std::string& text, float size, float wrap);

/// What the caption covers of such a picture, as high as with two lines for its moment; nullopt: there is none.
[[nodiscard]] std::optional<scene::ScreenBox> caption_box(const std::vector<scene::LegendRow>& rows, Caption caption, glm::vec2 screen,
                                                          float line, const MeasureText& measure, const scene::LegendRoom& room = {});

}  // namespace gf::exporting
