// Numbers inside cells that are large enough to hold them.
#pragma once

#include "app/scene/machine.h"
#include "renderer/camera.h"

namespace gf::exporting {

inline constexpr float kNumberCellPx = 28;  ///< logical pixels; smaller cells stay without a number

/// Adds a label to each visible cell of at least kNumberCellPx both ways whose value fits into it. `size` in logical
/// pixels. Cells without a value (masked, not computed) get none.
void add_cell_numbers(scene::MachineScene& scene, const render::Camera& camera, glm::vec2 size);

}  // namespace gf::exporting
