// Buffers, each with its own memory. There are few of them: the tile pool, and per pass what a frame writes.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>

#include "renderer/vulkan/device.h"

namespace gf::render {

/// Move-only. Retires through the device.
class Buffer {
 public:
  enum class Kind {
    Device,    ///< filled by copies
    Upload,    ///< mapped, written by the CPU, coherent
    ReadBack,  ///< mapped, read by the CPU, coherent (cached where there is such memory)
  };
  Buffer() = default;
  static Result<Buffer> create(std::shared_ptr<VulkanDevice> device, Kind kind, VkDeviceSize size, VkBufferUsageFlags usage,
                               const char* name);
  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  Buffer(Buffer&& other) noexcept { *this = std::move(other); }
  Buffer& operator=(Buffer&& other) noexcept;

  [[nodiscard]] VkBuffer handle() const { return buffer_; }
  [[nodiscard]] VkDeviceSize size() const { return size_; }
  /// Null for Kind::Device.
  [[nodiscard]] std::byte* mapped() const { return mapped_; }
  explicit operator bool() const { return buffer_ != VK_NULL_HANDLE; }

 private:
  std::shared_ptr<VulkanDevice> device_;
  VkBuffer buffer_ = VK_NULL_HANDLE;
  VkDeviceMemory memory_ = VK_NULL_HANDLE;
  VkDeviceSize size_ = 0;
  std::byte* mapped_ = nullptr;
};

/// What a pass writes anew each frame, one buffer per slot, growing as needed.
class FrameBuffer {
 public:
  FrameBuffer() = default;
  FrameBuffer(std::shared_ptr<VulkanDevice> device, VkBufferUsageFlags usage, const char* name)
      : device_(std::move(device)), usage_(usage), name_(name) {}

  /// Copies `bytes` into the slot's buffer. True: the buffer was replaced, descriptor sets must be written again.
  Result<bool> write(int slot, std::span<const std::byte> bytes) {
    GF_TRY_ASSIGN(const bool grown, reserve(slot, bytes.size()));
    if (!bytes.empty()) std::memcpy(slots_[slot].mapped(), bytes.data(), bytes.size());
    return grown;
  }
  /// Room for this many bytes; content is lost when it grows.
  Result<bool> reserve(int slot, VkDeviceSize bytes);
  [[nodiscard]] const Buffer& at(int slot) const { return slots_[slot]; }

 private:
  std::shared_ptr<VulkanDevice> device_;
  VkBufferUsageFlags usage_ = 0;
  const char* name_ = "";
  Buffer slots_[kFramesInFlight];
};

}  // namespace gf::render
