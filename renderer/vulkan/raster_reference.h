// What frame times are measured against: one full-screen pass that fetches one texel a pixel.
#pragma once

#include <memory>

#include "renderer/vulkan/device.h"

namespace gf::render {

/// The least of a few runs, from submission to fence, in milliseconds. Waits for the device.
Result<double> measure_raster_reference(const std::shared_ptr<VulkanDevice>& device, int width, int height);

}  // namespace gf::render
