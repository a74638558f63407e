#include "renderer/vulkan/device.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "model/base/numbers.h"
#include "model/base/text.h"
#include "renderer/vulkan/device_choice.h"

namespace gf::render {

Result<void> check(VkResult result, const char* call) {
  if (result == VK_SUCCESS || result == VK_SUBOPTIMAL_KHR) return {};
  if (result == VK_ERROR_OUT_OF_DEVICE_MEMORY || result == VK_ERROR_OUT_OF_HOST_MEMORY)
    return fail(ErrorCode::OutOfMemory,
                text("The graphics device has too little free memory; close other programs or make the window smaller."), call);
  if (result == VK_ERROR_DEVICE_LOST)
    return fail(ErrorCode::Device, text("The graphics device was lost; restart the program, and update the driver if it happens again."),
                call);
  return fail(ErrorCode::Device, text("Vulkan call {0} failed with code {1}; update the graphics driver.", call, static_cast<int>(result)),
              call);
}

VkBool32 count_validation_message(VkDebugUtilsMessageSeverityFlagBitsEXT, VkDebugUtilsMessageTypeFlagsEXT,
                                  const VkDebugUtilsMessengerCallbackDataEXT* data, void* user) {
  auto* device = static_cast<VulkanDevice*>(user);
  device->messages_.fetch_add(1);
  if (device->on_message_) device->on_message_(data->pMessage != nullptr ? data->pMessage : "");
  return VK_FALSE;
}

namespace {
VKAPI_ATTR VkBool32 VKAPI_CALL message_callback(VkDebugUtilsMessageSeverityFlagBitsEXT severity, VkDebugUtilsMessageTypeFlagsEXT types,
                                                const VkDebugUtilsMessengerCallbackDataEXT* data, void* user) {
  return count_validation_message(severity, types, data, user);
}

bool has_layer(const char* name) {
  std::uint32_t count = 0;
  vkEnumerateInstanceLayerProperties(&count, nullptr);
  std::vector<VkLayerProperties> layers(count);
  vkEnumerateInstanceLayerProperties(&count, layers.data());
  return std::ranges::any_of(layers, [&](const auto& l) { return std::string_view(l.layerName) == name; });
}
}  // namespace

Result<void> VulkanDevice::create_instance(const DeviceOptions& options) {
  std::vector<const char*> layers;
  std::vector<const char*> extensions(options.surface_extensions);
  const bool validation = options.validation && has_layer("VK_LAYER_KHRONOS_validation");
  if (options.validation && !validation)
    return fail(ErrorCode::Device, text("Vulkan's validation layer is not installed; install vulkan-validationlayers."), "create_instance");
  auto messages = vk_info<VkDebugUtilsMessengerCreateInfoEXT>(VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT);
  messages.messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT;
  messages.messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT;
  messages.pfnUserCallback = message_callback;
  messages.pUserData = this;
  if (validation) {
    layers.push_back("VK_LAYER_KHRONOS_validation");
    extensions.push_back(VK_EXT_DEBUG_UTILS_EXTENSION_NAME);
  }
  auto app = vk_info<VkApplicationInfo>(VK_STRUCTURE_TYPE_APPLICATION_INFO);
  app.pApplicationName = "Glassformer";
  app.apiVersion = VK_API_VERSION_1_3;
  auto info = vk_info<VkInstanceCreateInfo>(VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO);
  info.pNext = validation ? &messages : nullptr;
  info.pApplicationInfo = &app;
  info.enabledLayerCount = static_cast<std::uint32_t>(layers.size());
  info.ppEnabledLayerNames = layers.data();
  info.enabledExtensionCount = static_cast<std::uint32_t>(extensions.size());
  info.ppEnabledExtensionNames = extensions.data();
  if (const VkResult made = vkCreateInstance(&info, nullptr, &instance_); made != VK_SUCCESS)
    return fail(ErrorCode::Device, text("No Vulkan driver could be loaded; install one (for example mesa-vulkan-drivers)."),
                "vkCreateInstance " + std::to_string(made));
  if (validation) {
    const auto create =
        reinterpret_cast<PFN_vkCreateDebugUtilsMessengerEXT>(vkGetInstanceProcAddr(instance_, "vkCreateDebugUtilsMessengerEXT"));
    if (create != nullptr) GF_TRY(check(create(instance_, &messages, nullptr, &messenger_), "vkCreateDebugUtilsMessengerEXT"));
  }
  return {};
}

Result<void> VulkanDevice::choose_physical() {
  GF_TRY_ASSIGN(const std::vector<VkPhysicalDevice> devices, physical_devices(instance_));
  physical_ = best_device(devices);
  if (physical_ == VK_NULL_HANDLE)
    return fail(ErrorCode::Device,
                text("No graphics device with Vulkan 1.3 was found; install or update a driver (mesa-vulkan-drivers draws on any CPU)."),
                "choose_physical");
  VkPhysicalDeviceProperties properties;
  vkGetPhysicalDeviceProperties(physical_, &properties);
  name_ = properties.deviceName;
  limits_ = properties.limits;
  software_ = properties.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU;
  family_ = static_cast<std::uint32_t>(graphics_family(physical_));
  vkGetPhysicalDeviceMemoryProperties(physical_, &memory_);
  return {};
}

Result<void> VulkanDevice::create_device(const DeviceOptions& options) {
  const float priority = 1;
  auto queue = vk_info<VkDeviceQueueCreateInfo>(VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO);
  queue.queueFamilyIndex = family_;
  queue.queueCount = 1;
  queue.pQueuePriorities = &priority;
  auto v13 = vk_info<VkPhysicalDeviceVulkan13Features>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES);
  v13.dynamicRendering = VK_TRUE;
  v13.synchronization2 = VK_TRUE;
  auto v12 = vk_info<VkPhysicalDeviceVulkan12Features>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES);
  v12.pNext = &v13;
  v12.timelineSemaphore = VK_TRUE;
  std::vector<const char*> extensions;
  if (!options.surface_extensions.empty()) extensions.push_back(VK_KHR_SWAPCHAIN_EXTENSION_NAME);
  auto info = vk_info<VkDeviceCreateInfo>(VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO);
  info.pNext = &v12;
  info.queueCreateInfoCount = 1;
  info.pQueueCreateInfos = &queue;
  info.enabledExtensionCount = static_cast<std::uint32_t>(extensions.size());
  info.ppEnabledExtensionNames = extensions.data();
  GF_TRY(check(vkCreateDevice(physical_, &info, nullptr, &device_), "vkCreateDevice"));
  vkGetDeviceQueue(device_, family_, 0, &queue_);
  auto type = vk_info<VkSemaphoreTypeCreateInfo>(VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO);
  type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE;
  auto semaphore = vk_info<VkSemaphoreCreateInfo>(VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO);
  semaphore.pNext = &type;
  return check(vkCreateSemaphore(device_, &semaphore, nullptr, &timeline_), "vkCreateSemaphore");
}

Result<std::shared_ptr<VulkanDevice>> VulkanDevice::create(DeviceOptions options) {
  std::shared_ptr<VulkanDevice> device(new VulkanDevice);
  device->on_message_ = options.on_message;
  GF_TRY(device->create_instance(options));
  GF_TRY(device->choose_physical());
  device->samples_ = options.samples == 4 || (options.samples == 0 && !device->software_) ? VK_SAMPLE_COUNT_4_BIT : VK_SAMPLE_COUNT_1_BIT;
  GF_TRY(device->create_device(options));
  return device;
}

Result<std::shared_ptr<Device>> Device::create(DeviceOptions options) {
  GF_TRY_ASSIGN(std::shared_ptr<VulkanDevice> device, VulkanDevice::create(std::move(options)));
  return std::shared_ptr<Device>(std::move(device));
}

VulkanDevice::~VulkanDevice() {
  if (device_ != VK_NULL_HANDLE) {
    wait_idle();
    for (Retired& r : retired_) r.destroy();
    vkDestroySemaphore(device_, timeline_, nullptr);
    vkDestroyDevice(device_, nullptr);
  }
  if (messenger_ != VK_NULL_HANDLE) {
    const auto destroy =
        reinterpret_cast<PFN_vkDestroyDebugUtilsMessengerEXT>(vkGetInstanceProcAddr(instance_, "vkDestroyDebugUtilsMessengerEXT"));
    if (destroy != nullptr) destroy(instance_, messenger_, nullptr);
  }
  if (instance_ != VK_NULL_HANDLE) vkDestroyInstance(instance_, nullptr);
}

Result<VkDeviceMemory> VulkanDevice::allocate(const VkMemoryRequirements& needs, VkMemoryPropertyFlags wanted) {
  for (std::uint32_t i = 0; i < memory_.memoryTypeCount; ++i) {
    if ((needs.memoryTypeBits & (1U << i)) == 0 || (memory_.memoryTypes[i].propertyFlags & wanted) != wanted) continue;
    auto info = vk_info<VkMemoryAllocateInfo>(VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO);
    info.allocationSize = needs.size;
    info.memoryTypeIndex = i;
    VkDeviceMemory memory = VK_NULL_HANDLE;
    if (vkAllocateMemory(device_, &info, nullptr, &memory) == VK_SUCCESS) return memory;
  }
  return fail(ErrorCode::OutOfMemory,
              text("The graphics device has no room for {0}; close other programs or make the picture smaller.",
                   numbers::bytes(static_cast<double>(needs.size))),
              "vkAllocateMemory");
}

Result<std::uint64_t> VulkanDevice::submit(const SubmitInfo& s) {
  const std::scoped_lock lock(queue_mutex_);
  const std::uint64_t serial = submitted_.load() + 1;
  auto commands = vk_info<VkCommandBufferSubmitInfo>(VK_STRUCTURE_TYPE_COMMAND_BUFFER_SUBMIT_INFO);
  commands.commandBuffer = s.commands;
  auto wait = vk_info<VkSemaphoreSubmitInfo>(VK_STRUCTURE_TYPE_SEMAPHORE_SUBMIT_INFO);
  wait.semaphore = s.wait;
  wait.stageMask = VK_PIPELINE_STAGE_2_COLOR_ATTACHMENT_OUTPUT_BIT;
  std::array<VkSemaphoreSubmitInfo, 2> signals{};
  signals[0] = {VK_STRUCTURE_TYPE_SEMAPHORE_SUBMIT_INFO, nullptr, timeline_, serial, VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT, 0};
  signals[1] = {VK_STRUCTURE_TYPE_SEMAPHORE_SUBMIT_INFO, nullptr, s.signal, 0, VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT, 0};
  auto info = vk_info<VkSubmitInfo2>(VK_STRUCTURE_TYPE_SUBMIT_INFO_2);
  info.waitSemaphoreInfoCount = s.wait != VK_NULL_HANDLE ? 1 : 0;
  info.pWaitSemaphoreInfos = &wait;
  info.commandBufferInfoCount = s.commands != VK_NULL_HANDLE ? 1 : 0;
  info.pCommandBufferInfos = &commands;
  info.signalSemaphoreInfoCount = s.signal != VK_NULL_HANDLE ? 2 : 1;
  info.pSignalSemaphoreInfos = signals.data();
  GF_TRY(check(vkQueueSubmit2(queue_, 1, &info, VK_NULL_HANDLE), "vkQueueSubmit2"));
  submitted_.store(serial);
  return serial;
}

Result<void> VulkanDevice::wait(std::uint64_t serial) {
  auto info = vk_info<VkSemaphoreWaitInfo>(VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO);
  info.semaphoreCount = 1;
  info.pSemaphores = &timeline_;
  info.pValues = &serial;
  // In slices: a wake-up that a driver or layer loses costs one slice, and work that never ends gets its sentence.
  constexpr std::uint64_t kSliceNs = 500'000'000;
  constexpr int kMostSlices = 600;
  VkResult result = VK_TIMEOUT;
  for (int slice = 0; slice < kMostSlices && result == VK_TIMEOUT; ++slice) result = vkWaitSemaphores(device_, &info, kSliceNs);
  if (result == VK_TIMEOUT)
    return fail(ErrorCode::Device, text("The graphics device has not finished a picture for five minutes; restart the program."),
                "vkWaitSemaphores");
  GF_TRY(check(result, "vkWaitSemaphores"));
  collect();
  return {};
}

bool VulkanDevice::done(std::uint64_t serial) const {
  std::uint64_t value = 0;
  return vkGetSemaphoreCounterValue(device_, timeline_, &value) == VK_SUCCESS && value >= serial;
}

VkResult VulkanDevice::present(const VkPresentInfoKHR& info) {
  const std::scoped_lock lock(queue_mutex_);
  return vkQueuePresentKHR(queue_, &info);
}

void VulkanDevice::wait_idle() {
  const std::scoped_lock lock(queue_mutex_);
  if (vkDeviceWaitIdle(device_) != VK_SUCCESS) std::fputs("glassformer: the graphics device did not become idle\n", stderr);
}

void VulkanDevice::retire(std::function<void()> destroy) {
  const std::scoped_lock lock(retired_mutex_);
  retired_.push_back({submitted_.load(), std::move(destroy)});
}

void VulkanDevice::collect() {
  std::vector<std::function<void()>> ready;
  {
    const std::scoped_lock lock(retired_mutex_);
    while (!retired_.empty() && done(retired_.front().serial)) {
      ready.push_back(std::move(retired_.front().destroy));
      retired_.pop_front();
    }
  }
  for (auto& destroy : ready) destroy();
}

void VulkanDevice::set_name(VkObjectType type, std::uint64_t handle, const char* name) const {
  if (messenger_ == VK_NULL_HANDLE) return;
  const auto set = reinterpret_cast<PFN_vkSetDebugUtilsObjectNameEXT>(vkGetInstanceProcAddr(instance_, "vkSetDebugUtilsObjectNameEXT"));
  auto info = vk_info<VkDebugUtilsObjectNameInfoEXT>(VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT);
  info.objectType = type;
  info.objectHandle = handle;
  info.pObjectName = name;
  if (set != nullptr) set(device_, &info);
}

}  // namespace gf::render
