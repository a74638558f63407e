#include <cstdio>
#include <utility>

#include "renderer/vulkan/pipeline.h"

namespace gf::render {

Result<Commands> Commands::create(std::shared_ptr<VulkanDevice> device) {
  Commands c;
  c.device_ = std::move(device);
  auto pool = vk_info<VkCommandPoolCreateInfo>(VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO);
  pool.queueFamilyIndex = c.device_->queue_family();
  GF_TRY(check(vkCreateCommandPool(c.device_->handle(), &pool, nullptr, &c.pool_), "vkCreateCommandPool"));
  auto info = vk_info<VkCommandBufferAllocateInfo>(VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO);
  info.commandPool = c.pool_;
  info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
  info.commandBufferCount = 1;
  GF_TRY(check(vkAllocateCommandBuffers(c.device_->handle(), &info, &c.buffer_), "vkAllocateCommandBuffers"));
  return c;
}

Commands::~Commands() {
  if (pool_ == VK_NULL_HANDLE) return;
  if (const auto done = wait(); !done) std::fprintf(stderr, "glassformer: %s\n", done.error().message.c_str());
  vkDestroyCommandPool(device_->handle(), pool_, nullptr);
}

Commands& Commands::operator=(Commands&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(pool_, other.pool_);
  std::swap(buffer_, other.buffer_);
  std::swap(serial_, other.serial_);
  return *this;
}

Result<VkCommandBuffer> Commands::begin() {
  GF_TRY(wait());
  GF_TRY(check(vkResetCommandPool(device_->handle(), pool_, 0), "vkResetCommandPool"));
  auto info = vk_info<VkCommandBufferBeginInfo>(VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO);
  info.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT;
  GF_TRY(check(vkBeginCommandBuffer(buffer_, &info), "vkBeginCommandBuffer"));
  return buffer_;
}

Result<std::uint64_t> Commands::submit(VkSemaphore wait, VkSemaphore signal) {
  GF_TRY(check(vkEndCommandBuffer(buffer_), "vkEndCommandBuffer"));
  GF_TRY_ASSIGN(serial_, device_->submit({.commands = buffer_, .wait = wait, .signal = signal}));
  return serial_;
}

Result<void> Commands::wait() {
  if (serial_ == 0) return {};
  return device_->wait(serial_);
}

}  // namespace gf::render
