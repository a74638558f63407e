#include "renderer/vulkan/cells_pass.h"
#include "renderer/vulkan/pass.h"

namespace gf::render {

Result<std::vector<std::unique_ptr<Pass>>> make_passes(const std::shared_ptr<VulkanDevice>& device, const RenderTarget& target) {
  std::vector<std::unique_ptr<Pass>> passes;
  GF_TRY_ASSIGN(std::shared_ptr<Cells> cells, make_cells(device, target));
  passes.push_back(make_opaque_cells_pass(cells));
  GF_TRY_ASSIGN(std::unique_ptr<Pass> ribbons, make_ribbon_pass(device, target));
  passes.push_back(std::move(ribbons));
  passes.push_back(make_translucent_cells_pass(cells));
  for (auto* make : {make_stroke_pass, make_text_pass}) {
    GF_TRY_ASSIGN(std::unique_ptr<Pass> pass, make(device, target));
    passes.push_back(std::move(pass));
  }
  return passes;
}

}  // namespace gf::render
