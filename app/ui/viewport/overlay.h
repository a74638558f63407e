// What floats in the viewport, drawn with ImGui: the hover card, the legend, where the time goes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/document/times_table.h"
#include "app/scene/cards/explain.h"
#include "renderer/renderer.h"

namespace gf::ui {

/// A colour bar with its ends.
struct LegendBar {
  std::string name, low, high, note;
  render::ColorMap map = render::ColorMap::Signed;
};
/// The scale of the tensor under the pointer where there is one, and what the colours mean in general.
[[nodiscard]] std::vector<LegendBar> legend_of(const scene::MachineScene& scene, const std::optional<scene::CellRef>& hover,
                                               scene::Compare compare);

/// What the legend covers of the viewport's height, logical pixels.
[[nodiscard]] float legend_height(float scale);

struct OverlayContent {
  render::Theme theme = render::Theme::Dark;
  glm::vec2 size{0};  ///< of the viewport, logical pixels
  float scale = 1;    ///< presentation: larger text
  std::optional<scene::Card> card;
  glm::vec2 pointer{0};
  std::vector<LegendBar> legend;
  std::optional<doc::TimesContent> times;
  bool reading = false;  ///< values are still being read
};
[[nodiscard]] render::Overlay make_overlay(OverlayContent content);

}  // namespace gf::ui
