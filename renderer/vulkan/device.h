// The Vulkan device behind render::Device: queue, memory types, frames in flight, and the list of objects that
// wait for the last frame that uses them.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vulkan/vulkan.h>

#include "model/base/error.h"
#include "renderer/renderer.h"

namespace gf::render {

/// Frames that may be on their way at once; passes keep what the CPU writes once per slot.
inline constexpr int kFramesInFlight = 2;

/// A zeroed Vulkan structure of this type; -Wextra would have every member named otherwise.
template <class T>
[[nodiscard]] T vk_info(VkStructureType type) {
  T info{};
  info.sType = type;
  return info;
}

/// VK_SUCCESS and VK_SUBOPTIMAL_KHR are fine; anything else becomes an Error that names the call.
[[nodiscard]] Result<void> check(VkResult result, const char* call);

class VulkanDevice final : public Device, public std::enable_shared_from_this<VulkanDevice> {
 public:
  static Result<std::shared_ptr<VulkanDevice>> create(DeviceOptions options);
  ~VulkanDevice() override;
  VulkanDevice(const VulkanDevice&) = delete;
  VulkanDevice& operator=(const VulkanDevice&) = delete;

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] bool is_software() const override { return software_; }
  [[nodiscard]] VkInstance_T* instance() const override { return instance_; }
  [[nodiscard]] int messages() const override { return messages_.load(); }

  [[nodiscard]] VkDevice handle() const { return device_; }
  [[nodiscard]] VkPhysicalDevice physical() const { return physical_; }
  [[nodiscard]] VkQueue queue() const { return queue_; }
  [[nodiscard]] std::uint32_t queue_family() const { return family_; }
  [[nodiscard]] const VkPhysicalDeviceLimits& limits() const { return limits_; }
  [[nodiscard]] VkSampleCountFlagBits samples() const { return samples_; }

  /// Memory for these requirements. Errors: OutOfMemory, with the size.
  Result<VkDeviceMemory> allocate(const VkMemoryRequirements& needs, VkMemoryPropertyFlags wanted);

  struct SubmitInfo {
    VkCommandBuffer commands = VK_NULL_HANDLE;
    VkSemaphore wait = VK_NULL_HANDLE;    ///< binary, e.g. image acquired; waited for at colour output
    VkSemaphore signal = VK_NULL_HANDLE;  ///< binary, e.g. ready to present
  };
  /// Any thread. Returns the serial for wait(). Does not wait.
  Result<std::uint64_t> submit(const SubmitInfo& info);
  /// Blocks until the submission with this serial is done; then frees what has retired.
  Result<void> wait(std::uint64_t serial);
  /// True if the submission is done.
  [[nodiscard]] bool done(std::uint64_t serial) const;
  /// Presents under the queue's lock.
  VkResult present(const VkPresentInfoKHR& info);
  void wait_idle();

  /// Runs `destroy` after every submission made so far has finished. Any thread. Objects may be dropped at any
  /// time but between recording and submitting commands that use them.
  void retire(std::function<void()> destroy);

  /// Vulkan 1.3 debug name, shown in validation messages. No-op without validation.
  void set_name(VkObjectType type, std::uint64_t handle, const char* name) const;

 private:
  VulkanDevice() = default;
  Result<void> create_instance(const DeviceOptions& options);
  Result<void> choose_physical();
  Result<void> create_device(const DeviceOptions& options);
  void collect();

  std::function<void(const std::string&)> on_message_;
  std::atomic<int> messages_{0};
  VkInstance instance_ = VK_NULL_HANDLE;
  VkDebugUtilsMessengerEXT messenger_ = VK_NULL_HANDLE;
  VkPhysicalDevice physical_ = VK_NULL_HANDLE;
  VkDevice device_ = VK_NULL_HANDLE;
  VkQueue queue_ = VK_NULL_HANDLE;
  std::uint32_t family_ = 0;
  VkPhysicalDeviceLimits limits_{};
  VkPhysicalDeviceMemoryProperties memory_{};
  std::string name_;
  bool software_ = false;
  VkSampleCountFlagBits samples_ = VK_SAMPLE_COUNT_1_BIT;

  std::mutex queue_mutex_;
  VkSemaphore timeline_ = VK_NULL_HANDLE;
  std::atomic<std::uint64_t> submitted_{0};

  struct Retired {
    std::uint64_t serial;
    std::function<void()> destroy;
  };
  std::mutex retired_mutex_;
  std::deque<Retired> retired_;

  friend VkBool32 count_validation_message(VkDebugUtilsMessageSeverityFlagBitsEXT, VkDebugUtilsMessageTypeFlagsEXT,
                                           const VkDebugUtilsMessengerCallbackDataEXT*, void*);
};

}  // namespace gf::render
