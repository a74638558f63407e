// A flat figure of one head or one tensor of a run, for papers and slides: names on both axes, its scale beside its title.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "app/export/picture.h"
#include "renderer/colormap.h"

namespace gf::exporting {

/// One matrix of a figure.
struct FigureMatrix {
  std::string title;               ///< "pattern"
  std::string row_axis, col_axis;  ///< what a row and a column is: "query", "key"
  std::vector<std::string> row_names, col_names;
  std::vector<float> values;  ///< [rows, columns] as there are names; NaN: a NaN, or no cell
  bool causal = false;        ///< rows and columns are positions, and there are no cells right of the diagonal
  render::ColorMap map = render::ColorMap::Signed;
  float scale = 1;  ///< the |value| from which on the colour is full, as in the scene
  [[nodiscard]] bool is_nan(int row, int col) const { return std::isnan(at(row, col)) && !(causal && col > row); }
  [[nodiscard]] bool has_numbers() const {
    return std::ranges::any_of(values, [](float v) { return !std::isnan(v); });
  }
  [[nodiscard]] int rows() const { return static_cast<int>(row_names.size()); }
  [[nodiscard]] int cols() const { return static_cast<int>(col_names.size()); }
  [[nodiscard]] float at(int row, int col) const {
    return values[static_cast<std::size_t>(row) * col_names.size() + static_cast<std::size_t>(col)];
  }
};

struct Figure {
  std::string title;
  std::vector<FigureMatrix> matrices;
};

/// "pattern 4.7" (block and head), "resid_post 3", "logits": a hook by the last part of its name or by its whole name within
/// its stage (a hook with heads takes a head, or shows all of them side by side in each row). "head 4.7": its q, k, v, scores,
/// pattern and z. Values are the run's as value_of() gives them, base, edited or their difference as `view` compares.
/// Precondition: input has a run. Errors: InvalidArgument, saying what there is.
[[nodiscard]] Result<Figure> figure_of(std::string_view words, const scene::SceneInput& input, const scene::ViewState& view);
/// Figures with this cell: of its head, and of its tensor. Empty for a weight.
[[nodiscard]] std::vector<std::string> figures_with(const scene::CellRef& cell);
/// What figure_of() takes, for help.
[[nodiscard]] std::string figure_names();

/// The file's bytes, in the format that the path's ending names (.png, .svg, .pdf), on a white ground. Of the options width,
/// height, dpr (which scales the letters) and the caption count. Needs begin_fonts(). Errors: Unsupported, naming the
/// formats; OutOfMemory.
[[nodiscard]] Result<std::string> draw_figure(const Figure& figure, std::string_view path, const PictureOptions& options);

}  // namespace gf::exporting
