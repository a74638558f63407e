// Where the parts of a figure stand. Internal to app/export.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/export/figure/figure.h"

namespace gf::exporting {

inline constexpr double kWidestName = 9;   ///< ems; longer names are cut by the painter
inline constexpr double kAxisSize = 0.85;  ///< of an axis's name, in the figure's letters

/// A rectangle in pixels.
struct FigureBox {
  float x = 0, y = 0, width = 0, height = 0;
};

/// One matrix: its cells, and how its names are written.
struct FigurePart {
  FigureBox cells;
  float title_y = 0;               ///< baseline of its title
  float row_em = 16, col_em = 16;  ///< of the letters of its rows' and columns' names
  int row_step = 1, col_step = 1;  ///< every how many rows and columns have their name
  bool upright_columns = false;    ///< column names are turned by a quarter, as they are wider than their columns
};

struct FigureLayout {
  float em = 16;  ///< of the letters
  FigureBox whole;
  float title_y = 0, caption_y = 0;
  std::vector<FigurePart> parts;  ///< one for each matrix
};

/// The width of a text in letters of one em, in ems.
using TextEms = std::function<float(const std::string& text)>;

/// Chooses as many matrices beside each other as makes their cells largest. Pure.
[[nodiscard]] FigureLayout lay_out_figure(const Figure& figure, const PictureOptions& options, const TextEms& ems);

}  // namespace gf::exporting
