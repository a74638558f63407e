#include "renderer/vulkan/image.h"

#include <utility>

#include "renderer/vulkan/pipeline.h"

namespace gf::render {

Result<GpuImage> GpuImage::create(std::shared_ptr<VulkanDevice> device, const Info& i) {
  GpuImage image;
  image.device_ = std::move(device);
  image.size_ = i.size;
  image.format_ = i.format;
  auto info = vk_info<VkImageCreateInfo>(VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO);
  info.imageType = VK_IMAGE_TYPE_2D;
  info.format = i.format;
  info.extent = {i.size.width, i.size.height, 1};
  info.mipLevels = 1;
  info.arrayLayers = 1;
  info.samples = i.samples;
  info.usage = i.usage;
  VkDevice handle = image.device_->handle();
  GF_TRY(check(vkCreateImage(handle, &info, nullptr, &image.image_), "vkCreateImage"));
  VkMemoryRequirements needs;
  vkGetImageMemoryRequirements(handle, image.image_, &needs);
  GF_TRY_ASSIGN(image.memory_, image.device_->allocate(needs, VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT));
  GF_TRY(check(vkBindImageMemory(handle, image.image_, image.memory_, 0), "vkBindImageMemory"));
  auto view = vk_info<VkImageViewCreateInfo>(VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO);
  view.image = image.image_;
  view.viewType = VK_IMAGE_VIEW_TYPE_2D;
  view.format = i.format;
  view.subresourceRange = {i.aspect, 0, 1, 0, 1};
  GF_TRY(check(vkCreateImageView(handle, &view, nullptr, &image.view_), "vkCreateImageView"));
  image.device_->set_name(VK_OBJECT_TYPE_IMAGE, reinterpret_cast<std::uint64_t>(image.image_), i.name);
  return image;
}

GpuImage::~GpuImage() {
  if (image_ == VK_NULL_HANDLE) return;
  device_->retire([device = device_->handle(), image = image_, view = view_, memory = memory_] {
    vkDestroyImageView(device, view, nullptr);
    vkDestroyImage(device, image, nullptr);
    vkFreeMemory(device, memory, nullptr);
  });
}

GpuImage& GpuImage::operator=(GpuImage&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(image_, other.image_);
  std::swap(view_, other.view_);
  std::swap(memory_, other.memory_);
  std::swap(size_, other.size_);
  std::swap(format_, other.format_);
  return *this;
}

void transition(VkCommandBuffer commands, VkImage image, const Transition& t) {
  auto barrier = vk_info<VkImageMemoryBarrier2>(VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER_2);
  barrier.srcStageMask = t.from_stage;
  barrier.srcAccessMask = t.from_access;
  barrier.dstStageMask = t.to_stage;
  barrier.dstAccessMask = t.to_access;
  barrier.oldLayout = t.from;
  barrier.newLayout = t.to;
  barrier.srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
  barrier.dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
  barrier.image = image;
  barrier.subresourceRange = {t.aspect, 0, 1, 0, 1};
  auto dependency = vk_info<VkDependencyInfo>(VK_STRUCTURE_TYPE_DEPENDENCY_INFO);
  dependency.imageMemoryBarrierCount = 1;
  dependency.pImageMemoryBarriers = &barrier;
  vkCmdPipelineBarrier2(commands, &dependency);
}

void cover_image(VkCommandBuffer commands, VkExtent2D size) {
  const VkViewport viewport{0, 0, static_cast<float>(size.width), static_cast<float>(size.height), 0, 1};
  const VkRect2D scissor{{0, 0}, size};
  vkCmdSetViewport(commands, 0, 1, &viewport);
  vkCmdSetScissor(commands, 0, 1, &scissor);
}

void memory_barrier(VkCommandBuffer commands, VkPipelineStageFlags2 from_stage, VkAccessFlags2 from_access, VkPipelineStageFlags2 to_stage,
                    VkAccessFlags2 to_access) {
  auto barrier = vk_info<VkMemoryBarrier2>(VK_STRUCTURE_TYPE_MEMORY_BARRIER_2);
  barrier.srcStageMask = from_stage;
  barrier.srcAccessMask = from_access;
  barrier.dstStageMask = to_stage;
  barrier.dstAccessMask = to_access;
  auto dependency = vk_info<VkDependencyInfo>(VK_STRUCTURE_TYPE_DEPENDENCY_INFO);
  dependency.memoryBarrierCount = 1;
  dependency.pMemoryBarriers = &barrier;
  vkCmdPipelineBarrier2(commands, &dependency);
}

Result<GpuImage> upload_image(const std::shared_ptr<VulkanDevice>& device, VkFormat format, VkExtent2D size,
                              std::span<const std::byte> texels, const char* name) {
  GF_TRY_ASSIGN(
      GpuImage image,
      GpuImage::create(
          device, {.format = format, .size = size, .usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT, .name = name}));
  GF_TRY_ASSIGN(Buffer staging, Buffer::create(device, Buffer::Kind::Upload, texels.size(), VK_BUFFER_USAGE_TRANSFER_SRC_BIT, name));
  std::memcpy(staging.mapped(), texels.data(), texels.size());
  GF_TRY_ASSIGN(Commands once, Commands::create(device));
  GF_TRY_ASSIGN(VkCommandBuffer commands, once.begin());
  transition(commands, image.handle(),
             {.from = VK_IMAGE_LAYOUT_UNDEFINED,
              .to = VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL,
              .from_stage = VK_PIPELINE_STAGE_2_NONE,
              .to_stage = VK_PIPELINE_STAGE_2_COPY_BIT,
              .from_access = 0,
              .to_access = VK_ACCESS_2_TRANSFER_WRITE_BIT});
  VkBufferImageCopy region{};
  region.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
  region.imageExtent = {size.width, size.height, 1};
  vkCmdCopyBufferToImage(commands, staging.handle(), image.handle(), VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &region);
  transition(commands, image.handle(),
             {.from = VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL,
              .to = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL,
              .from_stage = VK_PIPELINE_STAGE_2_COPY_BIT,
              .to_stage = VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT,
              .from_access = VK_ACCESS_2_TRANSFER_WRITE_BIT,
              .to_access = VK_ACCESS_2_SHADER_SAMPLED_READ_BIT});
  GF_TRY(once.submit());
  GF_TRY(once.wait());
  return image;
}

}  // namespace gf::render
