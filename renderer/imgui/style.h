// How overlays look: quiet rounded cards in the colours of the window.
#pragma once

#include "renderer/colormap.h"

struct ImGuiStyle;

namespace gf::render {

/// Sizes in logical pixels.
void apply_style(ImGuiStyle& style, Theme theme);

}  // namespace gf::render
