// Panels of cells: one instanced draw for what is opaque, front to back, and one for the rest, back to front.
#pragma once

#include <memory>

#include "renderer/panel_view.h"
#include "renderer/vulkan/pass.h"

namespace gf::render {

/// State that both draws share.
class Cells;

/// Prepares both draws; records the opaque one.
Result<std::shared_ptr<Cells>> make_cells(const std::shared_ptr<VulkanDevice>& device, const RenderTarget& target);
std::unique_ptr<Pass> make_opaque_cells_pass(std::shared_ptr<Cells> cells);
std::unique_ptr<Pass> make_translucent_cells_pass(std::shared_ptr<Cells> cells);

}  // namespace gf::render
