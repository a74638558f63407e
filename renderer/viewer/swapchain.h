// The images of a window's surface, and the semaphores that go with them.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "renderer/vulkan/frame_renderer.h"

namespace gf::render {

/// One thread. The surface is not owned. Destruction waits for the device to be idle.
class Swapchain {
 public:
  explicit Swapchain(std::shared_ptr<VulkanDevice> device) : device_(std::move(device)) {}
  ~Swapchain() { destroy(); }
  Swapchain(const Swapchain&) = delete;
  Swapchain& operator=(const Swapchain&) = delete;

  /// Format of this surface, 8-bit UNORM. Errors: Device, where it cannot be presented to.
  Result<VkFormat> choose_format(VkSurfaceKHR surface);
  /// (Re)makes the images in the surface's size, or in the wished one where the surface leaves the choice.
  /// False: the surface has no area now (minimised).
  Result<bool> create(VkSurfaceKHR surface, VkExtent2D wished);
  void destroy();
  [[nodiscard]] bool ready() const { return swapchain_ != VK_NULL_HANDLE; }
  [[nodiscard]] VkExtent2D size() const { return size_; }
  /// True if the surface has another size than the images.
  [[nodiscard]] bool outgrown() const;

  enum class State { Fine, OutOfDate, NotYet };
  /// The next image, for this slot. NotYet: none came free within a fifth of a second.
  Result<State> acquire(int slot);
  [[nodiscard]] FrameTarget target() const;
  [[nodiscard]] VkSemaphore acquired(int slot) const { return acquired_[static_cast<std::size_t>(slot)]; }
  [[nodiscard]] VkSemaphore render_done() const { return images_[current_].render_done; }
  Result<State> present();

 private:
  struct Image {
    VkImage image = VK_NULL_HANDLE;
    VkImageView view = VK_NULL_HANDLE;
    VkSemaphore render_done = VK_NULL_HANDLE;
  };
  Result<void> create_images();
  void destroy_images();

  std::shared_ptr<VulkanDevice> device_;
  VkSurfaceKHR surface_ = VK_NULL_HANDLE;
  VkSurfaceFormatKHR format_{};
  VkSwapchainKHR swapchain_ = VK_NULL_HANDLE;
  VkExtent2D size_{};
  std::vector<Image> images_;
  std::array<VkSemaphore, kFramesInFlight> acquired_{};
  std::uint32_t current_ = 0;
};

}  // namespace gf::render
