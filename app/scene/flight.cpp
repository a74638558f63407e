#include "app/scene/flight.h"

#include <algorithm>

#include "app/scene/builder_state.h"

namespace gf::scene {

std::optional<Flight> flight_at(const Trace& shown, const Timeline& timeline, const ViewState& view) {
  const Timeline::Moment now = timeline.at(view.time);
  if (shown.length() == 0 || !timeline.ops()[static_cast<std::size_t>(now.op)].choose || now.position < shown.n_prompt() - 1)
    return std::nullopt;
  const auto ids = shown.ids();
  const auto& top = shown.stats(now.position).top;
  const auto next = static_cast<std::size_t>(now.position) + 1;
  if (next >= ids.size() && (top.empty() || view.hide_prediction)) return std::nullopt;
  const TokenId id = next < ids.size() ? ids[next] : top.front().id;
  const auto among = std::ranges::find(top, id, &TokenStats::Top::id);
  return Flight{id, static_cast<int>(next), static_cast<int>(among - top.begin()), now.fraction};
}

render::Label flying_tag(const Flight& flight, const SceneInput& input, render::Theme theme, glm::vec3 from, glm::vec3 to, float height,
                         float rise) {
  const Palette& colors = palette_of(theme);
  const float eased = flight.way * flight.way * (3 - 2 * flight.way), lift = 4 * eased * (1 - eased) * rise;
  render::Label label;
  label.text = token_text(input, flight.id);
  label.anchor = from + (to - from) * eased + glm::vec3(0, -1.2F * lift, -0.8F * lift);
  label.height = height;
  label.color = colors.ground;
  label.background = colors.accent;
  label.bold = true;
  label.stays = true;
  label.horizontal = render::Align::End;
  label.priority = 99;
  return label;
}

}  // namespace gf::scene
