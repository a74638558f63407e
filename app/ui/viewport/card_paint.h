// Draws the cards of a frame.
#pragma once

#include <span>

#include "app/ui/viewport/card_board.h"
#include "app/ui/viewport/overlay_ink.h"

namespace gf::ui {

/// Within a frame of ImGui. `pointer`: lights up the button below it.
void draw_cards(std::span<const ShownCard> cards, const std::optional<glm::vec2>& pointer, const Inks& inks);

}  // namespace gf::ui
