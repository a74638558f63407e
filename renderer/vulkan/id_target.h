// The ID buffer: panel, row and column of each pixel's centre.
#pragma once

#include <memory>

#include "renderer/vulkan/device.h"

namespace gf::render {

/// Agrees with pick_panel(): a panel's whole rectangle counts. Waits for the device.
Result<IdImage> render_ids(const std::shared_ptr<VulkanDevice>& device, const Scene& scene, const Camera& camera, int width, int height);

}  // namespace gf::render
