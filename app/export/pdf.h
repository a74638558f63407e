// A drawing made of shapes and text as a page of PDF.
#pragma once

#include <string>

#include "app/export/picture.h"

namespace gf::exporting {

/// The bytes of a PDF of one page that shows an SVG of draw_svg(): shapes stay shapes, text stays text in the bundled letters.
/// Needs begin_fonts(). Errors: OutOfMemory.
[[nodiscard]] Result<std::string> pdf_of_svg(const std::string& svg, const PictureOptions& options, const std::string& title);

}  // namespace gf::exporting
