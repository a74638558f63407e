// What is only worth writing when one is near: numbers inside cells, token texts beside rows.
#pragma once

#include <vector>

#include "app/scene/machine.h"

namespace gf::scene {

/// Labels for a view: numbers in cells of 28 px and more, each row's token at the left of sheets whose rows are tall
/// enough. Append them to the scene before it is drawn. At most a few thousand; those nearest to the middle first.
[[nodiscard]] std::vector<render::Label> cell_labels(const MachineScene& scene, const render::Camera& camera, glm::vec2 size,
                                                     float dpr = 1);
/// The scene with these labels.
[[nodiscard]] std::shared_ptr<const render::Scene> with_cell_labels(const MachineScene& scene, const render::Camera& camera, glm::vec2 size,
                                                                    float dpr = 1);
/// "0.31", "-12.4", "1e-05": at most five characters where that is possible.
[[nodiscard]] std::string short_number(float value);

}  // namespace gf::scene
