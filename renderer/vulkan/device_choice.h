// Which of the machine's devices is drawn with.
#pragma once

#include <vector>
#include <vulkan/vulkan.h>

#include "model/base/error.h"

namespace gf::render {

/// The family of queues that draw, or -1.
[[nodiscard]] int graphics_family(VkPhysicalDevice device);
/// Errors: OutOfMemory, Device.
[[nodiscard]] Result<std::vector<VkPhysicalDevice>> physical_devices(VkInstance instance);
/// The best with Vulkan 1.3: a discrete GPU, else an integrated one, else a software rasteriser; the first of two alike.
/// VK_NULL_HANDLE: none will do.
[[nodiscard]] VkPhysicalDevice best_device(const std::vector<VkPhysicalDevice>& devices);
[[nodiscard]] bool is_usable(VkPhysicalDevice device);

}  // namespace gf::render
