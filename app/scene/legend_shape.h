// How large the legend is and where its rows stand: for what draws it (app/export/legend_marks.h), and for the names of a view, which keep
// off it.
#pragma once

#include <cmath>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "app/scene/legend.h"

namespace gf::scene {

/// Width and height of a text set in lines of this size; `wrap` > 0: its lines are no wider. Logical pixels.
using MeasureText = std::function<glm::vec2(const std::string& text, float size, float wrap)>;

/// A screen's words.
struct LegendWords {
  glm::vec2 screen;
  const MeasureText& measure;  ///< outlives this object
  /// Rounded up.
  [[nodiscard]] float width_of(const std::string& words, float size) const {
    return words.empty() ? 0 : std::floor(measure(words, size, 0).x + 0.99999F);
  }
};

/// Air in a legend, in logical pixels.
inline constexpr float kLegendPad = 9, kLegendGap = 26, kLegendLineGap = 8, kLegendBetween = 6;
inline constexpr float kLegendLetters = 0.86F;  ///< of a card's lines, so that the legend covers little of the picture

/// A legend that fits into its room: all rows with their details, else without them, else the first rows, else each in one line.
struct LegendShape {
  std::size_t rows = 0, columns = 1;
  bool details = true;
  bool one_line = false;  ///< the title stands before its bar
  float pad = kLegendPad;
  float width = 0, height = 0;  ///< of one entry
  float title = 0;              ///< height of the titles, which may need two lines; in one line their width
  float low = 0, high = 0;      ///< room for the words at the bars' ends
  glm::vec2 extent{0};
};
/// `line`: the size of its lines; `room`: the height at the picture's foot. There are rows.
[[nodiscard]] LegendShape legend_shape(std::span<const LegendRow> rows, float line, const LegendWords& words, float room);

/// Where a picture of this pane has the legend, measured with the letters of labels; nullopt where it has none. `left`: the left corners
/// are free too.
[[nodiscard]] std::optional<ScreenBox> legend_box(std::span<const LegendRow> rows, const Pane& pane, const std::vector<ScreenBox>& spoken,
                                                  bool left);

}  // namespace gf::scene
