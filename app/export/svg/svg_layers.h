// The layers of an SVG, in the order in which they are painted. Internal to app/export.
#pragma once

#include "app/export/picture.h"
#include "app/export/svg/svg_occlusion.h"
#include "app/export/svg/svg_writer.h"

namespace gf::exporting {

/// The view that is painted. Sizes are in device pixels, `dpr` of which are a logical pixel.
struct SvgView {
  const render::Scene& scene;
  const render::Camera& camera;
  glm::vec2 size;
  float dpr;
  const Occlusion& occlusion;
  float letters = 1;  ///< how much larger than usual those of the legend are
};

/// Cells of 3 px and more, the largest panels first, as many as a file should hold.
void add_svg_cells(SvgWriter& svg, const SvgView& view);
void add_svg_ribbons(SvgWriter& svg, const SvgView& view);
/// Frames and lines. Hatched frames and halos are part of the embedded picture.
void add_svg_strokes(SvgWriter& svg, const SvgView& view);
void add_svg_labels(SvgWriter& svg, const SvgView& view);
void add_svg_legend(SvgWriter& svg, const SvgView& view, const std::vector<scene::LegendRow>& rows, const Caption& caption,
                    const scene::LegendRoom& room);

}  // namespace gf::exporting
