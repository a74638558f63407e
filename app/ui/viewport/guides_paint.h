// Draws the path and the small map over the scene.
#pragma once

#include <optional>

#include "app/scene/guides.h"

namespace gf::ui {

/// Within a frame of ImGui. `pointer`: what it is on lights up.
void draw_guides(const scene::Guides& guides, render::Theme theme, const std::optional<glm::vec2>& pointer);

}  // namespace gf::ui
