// A picture made of shapes and text, for slides and papers: sharp at any size, its words to be found and edited.
#pragma once

#include "app/export/picture.h"

namespace gf::exporting {

/// The same composition as draw_picture(): cells of 3 px and more, ribbons, frames, labels and legend as shapes and text;
/// below them the panels as an embedded picture of twice the size, for cells too small or too many to be shapes.
/// Deterministic. Blocks; call it on a worker with a SceneBuilder of its own. Errors: as draw_picture().
[[nodiscard]] Result<std::string> draw_svg(render::Offscreen& target, scene::SceneBuilder& builder, const scene::SceneInput& input,
                                           const doc::Document& document, const PictureOptions& options);
/// Atomic. Errors: Io with path and reason.
[[nodiscard]] Result<void> write_svg(const std::string& svg, const std::string& path);

}  // namespace gf::exporting
