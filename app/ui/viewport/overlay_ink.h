// Colours and typefaces of everything that floats in the viewport.
#pragma once

#include <imgui.h>

#include "renderer/scene.h"

namespace gf::ui {

struct Inks {
  ImU32 text, dim, accent, card, line, positive, negative, notice;
};
[[nodiscard]] ImU32 ink(unsigned rgb, float alpha = 1);
[[nodiscard]] Inks inks_of(render::Theme theme);
/// The regular face, or the semi-bold one. Within a frame of ImGui.
[[nodiscard]] ImFont* face(bool bold);
/// A rounded sheet with a soft shadow, which lifts it off the cells. Nothing shines through an opaque one.
void draw_sheet(ImDrawList* list, ImVec2 at, ImVec2 end, const Inks& inks, bool opaque = false);

}  // namespace gf::ui
