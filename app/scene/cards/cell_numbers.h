// What is only worth writing when one is near: numbers inside cells, token texts beside rows.
#pragma once

#include <vector>

#include "app/scene/machine.h"

namespace gf::scene {

/// Labels for a view: numbers in cells of 28 px and more, each row's token at the left of sheets whose rows are tall
/// enough. Sizes in logical pixels. Append them to the scene before it is drawn. At most a few thousand; those nearest to the middle first.
[[nodiscard]] std::vector<render::Label> cell_labels(const MachineScene& scene, const render::Camera& camera, glm::vec2 size);

}  // namespace gf::scene
