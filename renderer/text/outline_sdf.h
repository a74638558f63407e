// Exact signed distances to a glyph's outline. FreeType's own rasteriser for this takes 2 ms a glyph, which would
// be a fifth of the start-up budget for one alphabet; computing distances near edges alone takes a twentieth of the work.
#pragma once

#include <cstdint>
#include <vector>

struct FT_FaceRec_;

namespace gf::render {

/// Distances around a glyph at `em_px` pixels an em. 128 is the edge, more is inside; 127 steps are `spread` pixels.
/// The upper left texel's corner lies `left` to the right of the pen and `top` above the baseline, in pixels.
struct SdfBitmap {
  int width = 0, height = 0, left = 0, top = 0;
  std::vector<std::uint8_t> texels;  ///< row-major from the top; empty for a blank glyph
};

/// The face's size is not touched: outlines are read in font units.
[[nodiscard]] SdfBitmap glyph_sdf(FT_FaceRec_* face, unsigned glyph, int em_px, int spread);
/// The box that stands for a character no font has.
[[nodiscard]] SdfBitmap missing_glyph_sdf(int em_px, int spread);

}  // namespace gf::render
