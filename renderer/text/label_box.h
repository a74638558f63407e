// The geometry that placing and drawing a label share.
#pragma once

#include "renderer/scene.h"
#include "renderer/text/font.h"

namespace gf::render {

/// Air between a tag's text and its edge, in ems.
inline constexpr glm::vec2 kTagPadding{0.42F, 0.16F};

[[nodiscard]] inline glm::vec2 label_padding(const Label& label) {
  return label.background.a > 0 && !label.snug ? kTagPadding : glm::vec2{0};
}
/// Pen position of the line's first glyph in a box with this upper left corner.
[[nodiscard]] inline glm::vec2 label_pen(const Label& label, glm::vec2 low, float size_px) {
  return low + (label_padding(label) + glm::vec2{0, kLineAbove}) * size_px;
}

}  // namespace gf::render
