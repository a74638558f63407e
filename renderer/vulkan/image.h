// Images with their view and memory, and the barriers that passes and targets need.
#pragma once

#include <memory>

#include "renderer/vulkan/device.h"

namespace gf::render {

/// Move-only. Retires through the device. One mip level, one layer, 2D.
class GpuImage {
 public:
  struct Info {
    VkFormat format = VK_FORMAT_UNDEFINED;
    VkExtent2D size{};
    VkImageUsageFlags usage = 0;
    VkSampleCountFlagBits samples = VK_SAMPLE_COUNT_1_BIT;
    VkImageAspectFlags aspect = VK_IMAGE_ASPECT_COLOR_BIT;
    const char* name = "";
  };
  GpuImage() = default;
  static Result<GpuImage> create(std::shared_ptr<VulkanDevice> device, const Info& info);
  ~GpuImage();
  GpuImage(const GpuImage&) = delete;
  GpuImage& operator=(const GpuImage&) = delete;
  GpuImage(GpuImage&& other) noexcept { *this = std::move(other); }
  GpuImage& operator=(GpuImage&& other) noexcept;

  [[nodiscard]] VkImage handle() const { return image_; }
  [[nodiscard]] VkImageView view() const { return view_; }
  [[nodiscard]] VkExtent2D size() const { return size_; }
  [[nodiscard]] VkFormat format() const { return format_; }
  explicit operator bool() const { return image_ != VK_NULL_HANDLE; }

 private:
  std::shared_ptr<VulkanDevice> device_;
  VkImage image_ = VK_NULL_HANDLE;
  VkImageView view_ = VK_NULL_HANDLE;
  VkDeviceMemory memory_ = VK_NULL_HANDLE;
  VkExtent2D size_{};
  VkFormat format_ = VK_FORMAT_UNDEFINED;
};

struct Transition {
  VkImageLayout from, to;
  VkPipelineStageFlags2 from_stage, to_stage;
  VkAccessFlags2 from_access, to_access;
  VkImageAspectFlags aspect = VK_IMAGE_ASPECT_COLOR_BIT;
};
void transition(VkCommandBuffer commands, VkImage image, const Transition& t);
/// Viewport and scissor that cover an image of this size.
void cover_image(VkCommandBuffer commands, VkExtent2D size);
void memory_barrier(VkCommandBuffer commands, VkPipelineStageFlags2 from_stage, VkAccessFlags2 from_access, VkPipelineStageFlags2 to_stage,
                    VkAccessFlags2 to_access);

/// An image of this content in SHADER_READ_ONLY_OPTIMAL: copies `texels` (tightly packed) and waits for it.
Result<GpuImage> upload_image(const std::shared_ptr<VulkanDevice>& device, VkFormat format, VkExtent2D size,
                              std::span<const std::byte> texels, const char* name);

}  // namespace gf::render
