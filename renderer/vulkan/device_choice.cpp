#include "renderer/vulkan/device_choice.h"

#include <cstdint>

#include "model/base/text.h"
#include "renderer/graphics_devices.h"
#include "renderer/vulkan/device.h"

namespace gf::render {
namespace {

/// Larger is better; 0: cannot be used.
int suitability(VkPhysicalDevice device) {
  VkPhysicalDeviceProperties properties;
  vkGetPhysicalDeviceProperties(device, &properties);
  if (properties.apiVersion < VK_API_VERSION_1_3 || graphics_family(device) < 0) return 0;
  switch (properties.deviceType) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU: return 4;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU: return 3;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU: return 2;
    default: return 1;
  }
}

std::string vulkan_version(std::uint32_t version) {
  return std::to_string(VK_API_VERSION_MAJOR(version)) + "." + std::to_string(VK_API_VERSION_MINOR(version)) + "." +
         std::to_string(VK_API_VERSION_PATCH(version));
}

GraphicsDevice described_device(VkPhysicalDevice device) {
  auto driver = vk_info<VkPhysicalDeviceDriverProperties>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES);
  auto all = vk_info<VkPhysicalDeviceProperties2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2);
  vkGetPhysicalDeviceProperties(device, &all.properties);
  if (all.properties.apiVersion >= VK_API_VERSION_1_2) {
    all.pNext = &driver;
    vkGetPhysicalDeviceProperties2(device, &all);
  }
  return {.name = all.properties.deviceName,
          .driver = driver.driverInfo,
          .vulkan = vulkan_version(all.properties.apiVersion),
          .software = all.properties.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU,
          .usable = is_usable(device)};
}

}  // namespace

int graphics_family(VkPhysicalDevice device) {
  std::uint32_t count = 0;
  vkGetPhysicalDeviceQueueFamilyProperties(device, &count, nullptr);
  std::vector<VkQueueFamilyProperties> families(count);
  vkGetPhysicalDeviceQueueFamilyProperties(device, &count, families.data());
  for (std::uint32_t i = 0; i < count; ++i)
    if ((families[i].queueFlags & VK_QUEUE_GRAPHICS_BIT) != 0) return static_cast<int>(i);
  return -1;
}

Result<std::vector<VkPhysicalDevice>> physical_devices(VkInstance instance) {
  std::uint32_t count = 0;
  GF_TRY(check(vkEnumeratePhysicalDevices(instance, &count, nullptr), "vkEnumeratePhysicalDevices"));
  std::vector<VkPhysicalDevice> devices(count);
  GF_TRY(check(vkEnumeratePhysicalDevices(instance, &count, devices.data()), "vkEnumeratePhysicalDevices"));
  return devices;
}

VkPhysicalDevice best_device(const std::vector<VkPhysicalDevice>& devices) {
  VkPhysicalDevice chosen = VK_NULL_HANDLE;
  int best = 0;
  for (VkPhysicalDevice candidate : devices)
    if (const int s = suitability(candidate); s > best) {
      best = s;
      chosen = candidate;
    }
  return chosen;
}

bool is_usable(VkPhysicalDevice device) { return suitability(device) > 0; }

Result<std::vector<GraphicsDevice>> graphics_devices() {
  auto app = vk_info<VkApplicationInfo>(VK_STRUCTURE_TYPE_APPLICATION_INFO);
  app.apiVersion = VK_API_VERSION_1_3;
  auto info = vk_info<VkInstanceCreateInfo>(VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO);
  info.pApplicationInfo = &app;
  VkInstance instance = VK_NULL_HANDLE;
  if (vkCreateInstance(&info, nullptr, &instance) != VK_SUCCESS)
    return fail(ErrorCode::Device, text("No Vulkan driver could be loaded; install one (for example mesa-vulkan-drivers)."),
                "graphics_devices");
  auto listed = physical_devices(instance).map([](const std::vector<VkPhysicalDevice>& devices) {
    std::vector<GraphicsDevice> all;
    for (VkPhysicalDevice device : devices) {
      all.push_back(described_device(device));
      all.back().chosen = device == best_device(devices);
    }
    return all;
  });
  vkDestroyInstance(instance, nullptr);
  return listed;
}

}  // namespace gf::render
