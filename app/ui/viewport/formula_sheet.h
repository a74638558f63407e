// A formula as a textbook sets it: fractions above each other, roots under their sign, small letters below and above. Needs no
// device and no ImGui, as card_sheet.h.
#pragma once

#include <string_view>
#include <vector>

#include "app/ui/viewport/card_sheet.h"

namespace gf::ui {

/// Places from the sheet's upper left corner.
struct FormulaSheet {
  glm::vec2 size{0};
  std::vector<CardLine> lines;  ///< a piece for each sign or word
  std::vector<CardStroke> strokes;
};
/// Sets what formula_tree.h reads. `size`: the height of a line, as ImGui counts. What could not be read stands as it was written.
[[nodiscard]] FormulaSheet formula_sheet(std::string_view formula, float size);

/// Width of a line of text, whose height `size` is as ImGui counts.
[[nodiscard]] float line_width(std::string_view line, float size, bool bold = false);
/// Where letters stand in a line, as a share of its height from above.
inline constexpr float kBaselineOfLine = 0.8F;

}  // namespace gf::ui
