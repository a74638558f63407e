// Colours and fonts of what is drawn over the scene.
#pragma once

#include <imgui.h>

#include "renderer/scene.h"

namespace gf::ui {

struct Inks {
  ImU32 text, dim, accent, card, line, positive, negative, notice;
};
[[nodiscard]] ImU32 ink(unsigned rgb, float alpha = 1);
[[nodiscard]] Inks inks_of(render::Theme theme);
/// The regular or the semi-bold font. Call it within a frame of ImGui.
[[nodiscard]] ImFont* face(bool bold);
/// Draws a rounded sheet with a soft shadow. `opaque`: the cells behind it do not shine through.
void draw_sheet(ImDrawList* list, ImVec2 at, ImVec2 end, const Inks& inks, bool opaque = false);

}  // namespace gf::ui
