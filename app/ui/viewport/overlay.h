// Draws with ImGui over the scene: the cards, the legend, the path and the map, and the panel of times.
#pragma once

#include <optional>
#include <vector>

#include "app/document/times_table.h"
#include "app/export/legend.h"
#include "app/scene/guides.h"
#include "app/scene/legend.h"
#include "app/ui/viewport/card_board.h"
#include "renderer/renderer.h"

namespace gf::ui {

struct OverlayContent {
  render::Theme theme = render::Theme::Dark;
  glm::vec2 size{0};  ///< of the viewport, logical pixels
  float scale = 1;    ///< presentation: larger text
  std::vector<ShownCard> cards;
  std::optional<glm::vec2> pointer;
  std::vector<scene::LegendRow> legend;
  scene::LegendRoom legend_room;
  exporting::Caption caption;
  scene::Guides guides, left_guides;  ///< the latter of a scene beside the other
  std::optional<doc::TimesContent> times;
  bool reading = false;  ///< values are still being read
};
[[nodiscard]] render::Overlay make_overlay(OverlayContent content);

}  // namespace gf::ui
