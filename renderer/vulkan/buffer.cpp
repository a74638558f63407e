#include "renderer/vulkan/buffer.h"

#include <algorithm>
#include <utility>

namespace gf::render {

Result<Buffer> Buffer::create(std::shared_ptr<VulkanDevice> device, Kind kind, VkDeviceSize size, VkBufferUsageFlags usage,
                              const char* name) {
  Buffer b;
  b.device_ = std::move(device);
  b.size_ = size;
  auto info = vk_info<VkBufferCreateInfo>(VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO);
  info.size = size;
  info.usage = usage;
  GF_TRY(check(vkCreateBuffer(b.device_->handle(), &info, nullptr, &b.buffer_), "vkCreateBuffer"));
  VkMemoryRequirements needs;
  vkGetBufferMemoryRequirements(b.device_->handle(), b.buffer_, &needs);
  const VkMemoryPropertyFlags mapped = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
  auto memory = kind == Kind::Device   ? b.device_->allocate(needs, VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT)
                : kind == Kind::Upload ? b.device_->allocate(needs, mapped)
                                       : b.device_->allocate(needs, mapped | VK_MEMORY_PROPERTY_HOST_CACHED_BIT);
  if (!memory && kind == Kind::ReadBack) memory = b.device_->allocate(needs, mapped);
  if (!memory) return tl::unexpected<Error>(memory.error());
  b.memory_ = *memory;
  GF_TRY(check(vkBindBufferMemory(b.device_->handle(), b.buffer_, b.memory_, 0), "vkBindBufferMemory"));
  if (kind != Kind::Device) {
    void* address = nullptr;
    GF_TRY(check(vkMapMemory(b.device_->handle(), b.memory_, 0, VK_WHOLE_SIZE, 0, &address), "vkMapMemory"));
    b.mapped_ = static_cast<std::byte*>(address);
  }
  b.device_->set_name(VK_OBJECT_TYPE_BUFFER, reinterpret_cast<std::uint64_t>(b.buffer_), name);
  return b;
}

Buffer::~Buffer() {
  if (buffer_ == VK_NULL_HANDLE) return;
  // The device outlives what it retires: it runs the list in its own destructor.
  device_->retire([device = device_->handle(), buffer = buffer_, memory = memory_] {
    vkDestroyBuffer(device, buffer, nullptr);
    vkFreeMemory(device, memory, nullptr);
  });
}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(buffer_, other.buffer_);
  std::swap(memory_, other.memory_);
  std::swap(size_, other.size_);
  std::swap(mapped_, other.mapped_);
  return *this;
}

Result<bool> FrameBuffer::reserve(int slot, VkDeviceSize bytes) {
  Buffer& buffer = slots_[slot];
  if (buffer && buffer.size() >= bytes) return false;
  const VkDeviceSize size = std::max<VkDeviceSize>({bytes, buffer.size() * 2, 4096});
  GF_TRY_ASSIGN(buffer, Buffer::create(device_, Buffer::Kind::Upload, size, usage_, name_));
  return true;
}

}  // namespace gf::render
