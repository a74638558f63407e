// The chosen token on its way from the likely words to the row that it becomes, as both views draw it.
#pragma once

#include <optional>

#include "app/scene/operations/timeline.h"
#include "app/scene/scene_builder.h"

namespace gf::scene {

struct Flight {
  TokenId id;
  int row = 0;    ///< the position that the token becomes
  int rank = 0;   ///< of the token among the likely words, from 0; as many as there are: it is none of them
  float way = 0;  ///< 0: at the words; 1: at its row
};
/// What flies at the view's time. nullopt: nothing does, since only tokens that the model chose fly, and no hidden prediction.
[[nodiscard]] std::optional<Flight> flight_at(const Trace& shown, const Timeline& timeline, const ViewState& view);

/// The flying token's tag on a bow from one place to the other. `height`: of its letters in the world; `rise`: of the bow.
[[nodiscard]] render::Label flying_tag(const Flight& flight, const SceneInput& input, render::Theme theme, glm::vec3 from, glm::vec3 to,
                                       float height, float rise);

}  // namespace gf::scene
