#include "renderer/viewer/swapchain.h"

#include <algorithm>

#include "model/base/text.h"

namespace gf::render {
namespace {

constexpr std::uint64_t kAcquireLimitNs = 200'000'000;
constexpr std::uint32_t kAnySize = 0xFFFFFFFFU;

Result<VkSemaphore> make_semaphore(VkDevice device) {
  const VkSemaphoreCreateInfo info{VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, nullptr, 0};
  VkSemaphore semaphore = VK_NULL_HANDLE;
  GF_TRY(check(vkCreateSemaphore(device, &info, nullptr, &semaphore), "vkCreateSemaphore"));
  return semaphore;
}

VkExtent2D extent_for(const VkSurfaceCapabilitiesKHR& caps, VkExtent2D wished) {
  if (caps.currentExtent.width != kAnySize) return caps.currentExtent;
  return {std::clamp(wished.width, caps.minImageExtent.width, caps.maxImageExtent.width),
          std::clamp(wished.height, caps.minImageExtent.height, caps.maxImageExtent.height)};
}

}  // namespace

Result<VkFormat> Swapchain::choose_format(VkSurfaceKHR surface) {
  VkBool32 supported = VK_FALSE;
  GF_TRY(check(vkGetPhysicalDeviceSurfaceSupportKHR(device_->physical(), device_->queue_family(), surface, &supported),
               "vkGetPhysicalDeviceSurfaceSupportKHR"));
  if (supported == VK_FALSE) {
    return fail(ErrorCode::Device, text("The graphics device {0} cannot draw into this window; choose another device.", device_->name()));
  }
  std::uint32_t count = 0;
  GF_TRY(
      check(vkGetPhysicalDeviceSurfaceFormatsKHR(device_->physical(), surface, &count, nullptr), "vkGetPhysicalDeviceSurfaceFormatsKHR"));
  std::vector<VkSurfaceFormatKHR> formats(count);
  GF_TRY(check(vkGetPhysicalDeviceSurfaceFormatsKHR(device_->physical(), surface, &count, formats.data()),
               "vkGetPhysicalDeviceSurfaceFormatsKHR"));
  for (const VkFormat wanted : {VK_FORMAT_B8G8R8A8_UNORM, VK_FORMAT_R8G8B8A8_UNORM, VK_FORMAT_A8B8G8R8_UNORM_PACK32}) {
    for (const VkSurfaceFormatKHR& format : formats) {
      if (format.format != wanted || format.colorSpace != VK_COLOR_SPACE_SRGB_NONLINEAR_KHR) continue;
      format_ = format;
      return wanted;
    }
  }
  return fail(ErrorCode::Device, text("The window has no 8-bit colour format that Vulkan can draw; set the screen to 24-bit colour."));
}

Result<bool> Swapchain::create(VkSurfaceKHR surface, VkExtent2D wished) {
  VkSurfaceCapabilitiesKHR caps{};
  GF_TRY(
      check(vkGetPhysicalDeviceSurfaceCapabilitiesKHR(device_->physical(), surface, &caps), "vkGetPhysicalDeviceSurfaceCapabilitiesKHR"));
  const VkExtent2D size = extent_for(caps, wished);
  if (size.width == 0 || size.height == 0) {
    destroy();
    return false;
  }
  VkSwapchainCreateInfoKHR info{};
  info.sType = VK_STRUCTURE_TYPE_SWAPCHAIN_CREATE_INFO_KHR;
  info.surface = surface;
  info.minImageCount = std::max(caps.minImageCount + 1, 3U);
  if (caps.maxImageCount > 0) info.minImageCount = std::min(info.minImageCount, caps.maxImageCount);
  info.imageFormat = format_.format;
  info.imageColorSpace = format_.colorSpace;
  info.imageExtent = size;
  info.imageArrayLayers = 1;
  info.imageUsage = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT;
  info.imageSharingMode = VK_SHARING_MODE_EXCLUSIVE;
  info.preTransform = caps.currentTransform;
  info.compositeAlpha = (caps.supportedCompositeAlpha & VK_COMPOSITE_ALPHA_OPAQUE_BIT_KHR) != 0 ? VK_COMPOSITE_ALPHA_OPAQUE_BIT_KHR
                                                                                                : VK_COMPOSITE_ALPHA_INHERIT_BIT_KHR;
  info.presentMode = VK_PRESENT_MODE_FIFO_KHR;  // always there, and the one that does not draw for nothing
  info.clipped = VK_TRUE;
  info.oldSwapchain = surface == surface_ ? swapchain_ : VK_NULL_HANDLE;
  device_->wait_idle();
  VkSwapchainKHR made = VK_NULL_HANDLE;
  const VkResult result = vkCreateSwapchainKHR(device_->handle(), &info, nullptr, &made);
  destroy();  // the old swapchain is retired even where the call failed
  GF_TRY(check(result, "vkCreateSwapchainKHR"));
  swapchain_ = made;
  surface_ = surface;
  size_ = size;
  GF_TRY(create_images());
  return true;
}

Result<void> Swapchain::create_images() {
  const VkDevice device = device_->handle();
  std::uint32_t count = 0;
  GF_TRY(check(vkGetSwapchainImagesKHR(device, swapchain_, &count, nullptr), "vkGetSwapchainImagesKHR"));
  std::vector<VkImage> images(count);
  GF_TRY(check(vkGetSwapchainImagesKHR(device, swapchain_, &count, images.data()), "vkGetSwapchainImagesKHR"));
  for (VkSemaphore& semaphore : acquired_) {
    GF_TRY_ASSIGN(semaphore, make_semaphore(device));
  }
  for (const VkImage image : images) {
    Image& made = images_.emplace_back();
    made.image = image;
    VkImageViewCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO;
    info.image = image;
    info.viewType = VK_IMAGE_VIEW_TYPE_2D;
    info.format = format_.format;
    info.subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1};
    GF_TRY(check(vkCreateImageView(device, &info, nullptr, &made.view), "vkCreateImageView"));
    GF_TRY_ASSIGN(made.render_done, make_semaphore(device));
  }
  return {};
}

void Swapchain::destroy_images() {
  const VkDevice device = device_->handle();
  for (const Image& image : images_) {
    if (image.view != VK_NULL_HANDLE) vkDestroyImageView(device, image.view, nullptr);
    if (image.render_done != VK_NULL_HANDLE) vkDestroySemaphore(device, image.render_done, nullptr);
  }
  images_.clear();
  for (VkSemaphore& semaphore : acquired_) {
    if (semaphore != VK_NULL_HANDLE) vkDestroySemaphore(device, semaphore, nullptr);
    semaphore = VK_NULL_HANDLE;
  }
}

void Swapchain::destroy() {
  if (swapchain_ == VK_NULL_HANDLE) return;
  device_->wait_idle();
  destroy_images();
  vkDestroySwapchainKHR(device_->handle(), swapchain_, nullptr);
  swapchain_ = VK_NULL_HANDLE;
  surface_ = VK_NULL_HANDLE;
}

bool Swapchain::outgrown() const {
  VkSurfaceCapabilitiesKHR caps{};
  if (vkGetPhysicalDeviceSurfaceCapabilitiesKHR(device_->physical(), surface_, &caps) != VK_SUCCESS) return true;
  const VkExtent2D now = extent_for(caps, size_);
  return now.width != size_.width || now.height != size_.height;
}

Result<Swapchain::State> Swapchain::acquire(int slot) {
  const VkResult result = vkAcquireNextImageKHR(device_->handle(), swapchain_, kAcquireLimitNs, acquired(slot), VK_NULL_HANDLE, &current_);
  if (result == VK_ERROR_OUT_OF_DATE_KHR) return State::OutOfDate;
  if (result == VK_TIMEOUT || result == VK_NOT_READY) return State::NotYet;
  GF_TRY(check(result, "vkAcquireNextImageKHR"));
  return State::Fine;
}

FrameTarget Swapchain::target() const { return {images_[current_].image, images_[current_].view, size_, VK_IMAGE_LAYOUT_PRESENT_SRC_KHR}; }

Result<Swapchain::State> Swapchain::present() {
  VkPresentInfoKHR info{};
  info.sType = VK_STRUCTURE_TYPE_PRESENT_INFO_KHR;
  info.waitSemaphoreCount = 1;
  info.pWaitSemaphores = &images_[current_].render_done;
  info.swapchainCount = 1;
  info.pSwapchains = &swapchain_;
  info.pImageIndices = &current_;
  const VkResult result = device_->present(info);
  if (result == VK_ERROR_OUT_OF_DATE_KHR) return State::OutOfDate;
  GF_TRY(check(result, "vkQueuePresentKHR"));
  return State::Fine;
}

}  // namespace gf::render
