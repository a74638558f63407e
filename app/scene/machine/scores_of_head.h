// The scores of one head, where a run did not keep them: worked out again from its queries and keys.
#pragma once

#include <optional>
#include <vector>

#include "app/scene/scene_builder.h"

namespace gf::scene {

struct ScoresOfHead {
  std::vector<float> values;  ///< [T, T]: query, key; NaN where it is masked
  float scale = 1;            ///< the |value| that saturates, by the rule of scale_of() for this head's rows of the base run, of
                              ///< scale_of_difference() for differences
  float largest = 0;          ///< |value|
};
/// Of base, edited, or their difference, as the view compares. nullopt: queries and keys were not kept either, or an edit acts on scores,
/// which q and k do not tell.
[[nodiscard]] std::optional<ScoresOfHead> scores_of_head(const SceneInput& input, const ViewState& view, int layer, int head);

}  // namespace gf::scene
